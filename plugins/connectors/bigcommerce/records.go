package bigcommerce

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// The kinds of records that a Local Copy of a store holds, and their keys.
const (
	kindStore    = "store"    // one record, of what the store says of itself
	kindLocation = "location" // by identifier
	kindBrand    = "brand"    // by identifier
	kindStock    = "stock"    // by product, variant and SKU: what changes without a product's date shows in the keys alone
	kindOrder    = "order"    // by number: an order with its lines, whether it is imported or not
	kindProduct  = "product"  // by identifier, in order: a product with its variants
)

// recordKinds are in the order in which an assembly takes them.
var recordKinds = []string{kindStore, kindLocation, kindBrand, kindStock, kindOrder, kindProduct}

const storeKey = "store"

func idKey(id int64) string { return strconv.FormatInt(id, 10) }

// productKey has the identifier in as many digits as there can be, so that the order of keys is that of products.
func productKey(id int64) string { return fmt.Sprintf("%019d", id) }

func idOf(key string) (int64, error) {
	id, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("key %q: %w", key, errBrokenRecord)
	}
	return id, nil
}

func recordKeyOf(item stockItem) string {
	return idKey(item.ProductID) + "/" + idKey(item.VariantID) + "/" + item.SKU
}

// stockKeyOf splits the key of a stock record.
func stockKeyOf(key string) (product, variant int64, sku string, err error) {
	first, rest, _ := strings.Cut(key, "/")
	second, sku, found := strings.Cut(rest, "/")
	if product, err = idOf(first); err == nil {
		variant, err = idOf(second)
	}
	if err == nil && !found {
		err = fmt.Errorf("key %q: %w", key, errBrokenRecord)
	}
	return product, variant, sku, err
}

func encodeStore(facts storeFacts) ([]byte, error) { return json.Marshal(facts) }

func decodeStore(value []byte) (facts storeFacts, err error) {
	if json.Unmarshal(value, &facts) != nil {
		err = errBrokenRecord
	}
	return facts, err
}

func encodeLocation(l location) []byte {
	var e encoder
	e.text(l.Name)
	e.flag(&l.Disabled)
	return e
}

func decodeLocation(key string, value []byte) (l location, err error) {
	if l.ID, err = idOf(key); err != nil {
		return l, err
	}
	d := decoder{rest: string(value)}
	l.Name = d.text()
	if disabled := d.flag(); disabled != nil {
		l.Disabled = *disabled
	}
	return l, d.end()
}

func encodeStock(item stockItem) []byte {
	var e encoder
	e.number(int64(len(item.Locations)))
	for _, l := range item.Locations {
		e.number(l.ID)
		e.flag(l.Enabled)
		e.decimal(l.Available)
		e.decimal(l.OnHand)
	}
	return e
}

func decodeStock(key string, value []byte) (item stockItem, err error) {
	item.ProductID, item.VariantID, item.SKU, err = stockKeyOf(key)
	if err != nil {
		return item, err
	}
	d := decoder{rest: string(value)}
	item.Locations = make([]stockLevel, d.count())
	for i := range item.Locations {
		item.Locations[i] = stockLevel{ID: d.number(), Enabled: d.flag(), Available: d.decimal(), OnHand: d.decimal()}
	}
	return item, d.end()
}

func encodeOrder(o *order) []byte {
	var e encoder
	e.number(int64(o.StatusID))
	e.flag(&o.Deleted)
	e.number(int64(len(o.Lines)))
	for _, l := range o.Lines {
		e.text(l.SKU)
		e.number(l.ProductID)
		e.number(l.VariantID)
		e.text(l.Quantity.String())
		e.text(l.Refunded.String())
	}
	return e
}

func decodeOrder(key string, value []byte) (*order, error) {
	id, err := idOf(key)
	if err != nil {
		return nil, err
	}
	d := decoder{rest: string(value)}
	o := &order{ID: id, StatusID: int(d.number())}
	if deleted := d.flag(); deleted != nil {
		o.Deleted = *deleted
	}
	o.Lines = make([]orderLine, d.count())
	for i := range o.Lines {
		o.Lines[i] = orderLine{SKU: d.text(), ProductID: d.number(), VariantID: d.number(), Quantity: d.amount(), Refunded: d.amount()}
	}
	return o, d.end()
}
