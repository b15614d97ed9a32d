package bigcommerce

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk/locations"
	"github.com/reconcilehq/reconcile/plugins/sdk/pack"
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
		return 0, fmt.Errorf("key %q: %w", key, pack.ErrDamaged)
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
		err = fmt.Errorf("key %q: %w", key, pack.ErrDamaged)
	}
	return product, variant, sku, err
}

func encodeStore(facts storeFacts) ([]byte, error) { return json.Marshal(facts) }

func decodeStore(value []byte) (facts storeFacts, err error) {
	if json.Unmarshal(value, &facts) != nil {
		err = pack.ErrDamaged
	}
	return facts, err
}

func decodeLocation(key string, value []byte) (l locations.Location, err error) {
	if l.ID, err = idOf(key); err != nil {
		return l, err
	}
	err = pack.Read(value, &l, (*locations.Location).Record)
	return l, err
}

func (i *stockItem) record(r *pack.Record) { pack.Each(r, &i.Locations, (*locations.Level).Record) }

func decodeStock(key string, value []byte) (item stockItem, err error) {
	item.ProductID, item.VariantID, item.SKU, err = stockKeyOf(key)
	if err != nil {
		return item, err
	}
	err = pack.Read(value, &item, (*stockItem).record)
	return item, err
}

func (o *order) record(r *pack.Record) {
	r.Int(&o.StatusID)
	r.Bool(&o.Deleted)
	pack.Each(r, &o.Lines, (*orderLine).record)
}

func (l *orderLine) record(r *pack.Record) {
	r.Text(&l.SKU)
	r.Whole(&l.ProductID)
	r.Whole(&l.VariantID)
	r.Amount(&l.Quantity)
	r.Amount(&l.Refunded)
}

func decodeOrder(key string, value []byte) (*order, error) {
	id, err := idOf(key)
	if err != nil {
		return nil, err
	}
	o := &order{ID: id}
	return o, pack.Read(value, o, (*order).record)
}
