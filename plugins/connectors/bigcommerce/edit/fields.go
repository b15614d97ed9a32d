package edit

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// apiNames are the fields that can be set, as the API names them.
var apiNames = map[string]string{"name": "name", "brand": "brand_id", "price": "price", "sale_price": "sale_price",
	"cost_price": "cost_price", "retail_price": "retail_price", "weight": "weight", "width": "width", "height": "height", "depth": "depth",
	"upc": "upc", "bin": "bin_picking_number", "qoh": "quantity"}

var writable = func() map[string]sdk.Writable {
	number := func(text string) *sdk.Decimal {
		d, _ := sdk.ParseDecimal(text) // plain numbers
		return &d
	}
	fields := map[string]sdk.Writable{
		"name":  {Parent: true, Unique: true, Length: 250, Scale: -1},
		"brand": {Parent: true, Scale: -1},
		"upc":   {Length: 14, Scale: -1},
		"bin":   {Length: 255, Scale: -1},
		"qoh":   {Late: true, Min: number("0"), Max: number("2147483647")},
	}
	for _, price := range []string{"price", "sale_price", "cost_price", "retail_price"} {
		fields[price] = sdk.Writable{Nullable: true, Scale: 4, Min: number("0")}
	}
	for _, measure := range []string{"weight", "width", "height", "depth"} {
		fields[measure] = sdk.Writable{Nullable: true, Scale: 4, Min: number("0"), Max: number("9999999999")}
	}
	return fields
}()

// Writable returns the fields that can be set, and how the store takes them.
func Writable() map[string]sdk.Writable { return maps.Clone(writable) }

// held returns what the store makes of the desired value, and why it does not take it.
func held(c sdk.Change) (sdk.Value, string) {
	how, ok := writable[c.Field]
	switch {
	case !ok:
		return c.Desired, fmt.Sprintf("the connector cannot set the field %q", c.Field)
	case c.Desired.IsNull() && !how.Nullable:
		return c.Desired, "the field cannot be empty"
	case c.Field == "name" && strings.TrimSpace(c.Desired.Str()) == "":
		return c.Desired, "a product has a name"
	}
	if d := c.Desired; c.Field == "qoh" {
		if _, whole := d.Number().Whole(); !whole {
			return d, fmt.Sprintf("the store counts whole units, and this is %s", d.Number())
		}
	}
	return how.Holds(c.Desired)
}

// brandOf returns the identifier of a brand; 0 is none.
func brandOf(name string, brands map[string]int64) (id int64, problem string) {
	if name == "" {
		return 0, ""
	}
	if id, ok := brands[name]; ok {
		return id, ""
	}
	for other := range brands {
		if strings.EqualFold(other, name) {
			return 0, fmt.Sprintf("the store has no brand %q, and brand %q: write it in the same way on both sides", name, other)
		}
	}
	return 0, fmt.Sprintf("the store has no brand %q: create it in its control panel first, if it is no mistake", name)
}

// problemOf says why a change of what an item has cannot be made; "" if it can.
func problemOf(j *job, h Held) string {
	if h.Problem != "" {
		return h.Problem
	}
	if j.Desired.IsNull() && h.OfProduct && !isPriceOrNone(j.Field) {
		return "a product has nothing to inherit from: this field cannot be empty"
	}
	return ""
}

// isPriceOrNone reports whether 0 means in a field that there is no such price.
func isPriceOrNone(field string) bool {
	return field == "sale_price" || field == "cost_price" || field == "retail_price"
}

// isNone reports whether a value says that there is no such price.
func isNone(field string, v sdk.Value) bool {
	return isPriceOrNone(field) && !v.IsNull() && v.Number().Sign() == 0
}

func null(field string) sdk.Value {
	if field == "name" || field == "brand" || field == "upc" || field == "bin" {
		return catalog.NullValue(catalog.String)
	}
	return catalog.NullValue(catalog.Number)
}

// shows reports whether an item has the desired value.
func (h Held) shows(field string, desired sdk.Value) bool {
	switch {
	case desired.IsNull() && h.OfProduct, isNone(field, desired):
		return h.Value.IsNull()
	case desired.IsNull():
		return h.Own.IsNull()
	}
	return h.Value.Equal(desired)
}

// meets reports whether an item has the expected value.
func (h Held) meets(field string, expected sdk.Value) bool {
	if expected.IsNull() || isNone(field, expected) {
		return h.Value.IsNull() || h.Own.IsNull()
	}
	return h.Value.Equal(expected)
}

// valueOf returns the desired value as the API takes it.
func (j *job) valueOf(r route) any {
	switch {
	case j.Field == "brand":
		return j.brand
	case j.Desired.IsNull() && r == ofProduct:
		return 0
	case j.Desired.IsNull():
		return nil
	case j.Desired.Type() == sdk.Number:
		return json.Number(j.Desired.Number().String())
	}
	return j.Desired.Str()
}

// bodyOf returns the request that makes the changes of a batch.
func bodyOf(r route, batch []*job, items map[int64]*Item) ([]byte, error) {
	if r == ofStock {
		return stockBody(batch, items)
	}
	var entries []map[string]any
	at := map[int64]int{}
	for _, j := range batch {
		id := r.entity(j)
		i, known := at[id]
		if !known {
			i = len(entries)
			at[id] = i
			entries = append(entries, map[string]any{"id": id})
		}
		entries[i][apiNames[j.Field]] = j.valueOf(r)
	}
	return json.Marshal(entries)
}

// stockBody sets the units that have to be on hand so that the desired quantity is there.
func stockBody(batch []*job, items map[int64]*Item) ([]byte, error) {
	var entries []map[string]any
	for _, j := range batch {
		shelf := items[j.place.Variant].Held[j.Field].Shelf
		quantity := j.Desired.Number().Add(shelf.Safety)
		entry := map[string]any{"location_id": shelf.Location, "quantity": json.Number(quantity.String())}
		if shelf.ByProduct {
			entry["product_id"] = j.place.Product
		} else {
			entry["variant_id"] = j.place.Variant
		}
		entries = append(entries, entry)
	}
	return json.Marshal(map[string]any{"reason": "reconcile", "items": entries})
}

// textOf writes a value for people.
func textOf(v sdk.Value) string {
	switch {
	case v.IsNull():
		return "nothing"
	case v.Type() == sdk.String:
		return strconv.Quote(v.Str())
	}
	return v.Text()
}
