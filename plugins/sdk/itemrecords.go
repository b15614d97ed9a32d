package sdk

import (
	"context"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// ItemKind is the kind of ItemRecords' records.
const ItemKind = "item"

// currencyKind and unitKind are the kinds of those that say what the amounts, or the weights or lengths, of a field are in.
const (
	currencyKind = "currency"
	unitKind     = "unit"
)

// ItemRecords is for Incremental sources whose records are items. Embed it and implement only Pull. Pull calls PutItem for
// each item, Delete(ItemKind, key) for an item that is gone, and Complete(ItemKind) when it has put all items; and PutCurrency
// for each field of amounts, PutUnit for each of weights or lengths. Items are read in the order of their keys' bytes.
type ItemRecords struct{}

// CopyRules implements Incremental.
func (ItemRecords) CopyRules() CopyRules {
	return CopyRules{Kinds: []string{ItemKind, currencyKind, unitKind}, Version: 3}
}

// Assemble implements Incremental.
func (ItemRecords) Assemble(_ context.Context, _ ReadRequest, records *Records, w *Writer) error {
	for key, value := range records.All(ItemKind) {
		item, err := decodeItem(value, w.builder.Schema())
		if err != nil {
			return fmt.Errorf("item %q of the Local Copy: %w", key, err)
		}
		if err := w.writeItem(item); err != nil {
			return err
		}
	}
	for field, mark := range records.All(currencyKind) {
		w.Currency(field, string(mark))
	}
	for field, unit := range records.All(unitKind) {
		w.Unit(field, string(unit))
	}
	return records.Err()
}

// PutCurrency keeps with the items, for sources with ItemRecords, what the amounts of a field are in: see ReadRequest.Currency. It holds until
// another pull says another one.
func (c *CopyUpdate) PutCurrency(field, mark string) error {
	if _, ok := catalog.ValidCurrency(mark); !ok {
		return c.locked("", nil, func() error { return noCurrency(field, mark) })
	}
	return c.putOf(currencyKind, field, mark)
}

// PutUnit keeps with the items, for sources with ItemRecords, the unit of a field's weights or lengths: see ReadRequest.Unit. It holds until
// another pull says another one.
func (c *CopyUpdate) PutUnit(field, unit string) error {
	if _, ok := catalog.ParseMeasure(unit); !ok {
		return c.locked("", nil, func() error { return noMeasure(field, unit) })
	}
	return c.putOf(unitKind, field, unit)
}

// putOf keeps what is known of a field.
func (c *CopyUpdate) putOf(kind, field, is string) error {
	if c.schema != nil && c.schema.Index(field) < 0 {
		return c.locked("", nil, func() error { return noField(field, c.schema) })
	}
	return c.Put(kind, field, []byte(is))
}

// PutItem puts an item as a record, for sources with ItemRecords. A field that Schema does not offer is an error.
func (c *CopyUpdate) PutItem(key string, item Item) error {
	value, err := c.encodeItem(item)
	if err != nil {
		err = fmt.Errorf("item %q: %w", key, err)
		return c.locked("", nil, func() error { return err })
	}
	return c.Put(ItemKind, key, value)
}

func (c *CopyUpdate) encodeItem(item Item) ([]byte, error) {
	if c.schema == nil {
		return nil, misuse("the source has no Schema, which items are kept by")
	}
	object := make(map[string]catalog.Value, len(item))
	for name, raw := range item {
		at := c.schema.Index(name)
		if at < 0 {
			return nil, noField(name, c.schema)
		}
		v, err := valueOf(c.schema.Field(at).Type, raw)
		if err == nil {
			err = checkText(v)
		}
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", name, err)
		}
		object[name] = v
	}
	return json.Marshal(object)
}

// checkText refuses text that is not UTF-8: JSON would replace parts of it.
func checkText(v catalog.Value) error {
	texts := append([]string{v.Str()}, v.List()...)
	for _, e := range v.Entries() {
		texts = append(texts, e.Key, e.Value)
	}
	for _, s := range texts {
		if !utf8.ValidString(s) {
			return misuse("%q is not valid UTF-8", s)
		}
	}
	return nil
}

// decodeItem reads those fields of an item that schema has.
func decodeItem(value []byte, schema *catalog.Schema) (Item, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(value, &object); err != nil {
		return nil, err
	}
	item := make(Item, len(object))
	for i := range schema.Len() {
		f := schema.Field(i)
		raw, given := object[f.Name]
		if !given || string(raw) == "null" {
			continue
		}
		var err error
		switch f.Type {
		case String:
			item[f.Name], err = decode[string](raw)
		case Number:
			item[f.Name], err = catalog.ParseDecimal(string(raw))
		case Bool:
			item[f.Name], err = decode[bool](raw)
		case List:
			item[f.Name], err = decode[[]string](raw)
		case Map:
			item[f.Name], err = decode[map[string]string](raw)
		}
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", f.Name, err)
		}
	}
	return item, nil
}

func decode[T any](raw json.RawMessage) (v T, err error) {
	err = json.Unmarshal(raw, &v)
	return v, err
}
