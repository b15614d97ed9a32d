package bigcommerce

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk/locations"
	"github.com/reconcilehq/reconcile/plugins/sdk/pack"
	"github.com/reconcilehq/reconcile/plugins/sdk/pull"
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

func decodeStore(value []byte) (facts storeFacts, err error) {
	if json.Unmarshal(value, &facts) != nil {
		err = pack.ErrDamaged
	}
	return facts, err
}

// The kinds whose records hold more than a name.
var (
	locationRecords = pull.Kind[locations.Location]{Name: kindLocation, Form: (*locations.Location).Record,
		Key:   func(l *locations.Location) string { return idKey(l.ID) },
		Parse: func(l *locations.Location, key string) (err error) { l.ID, err = idOf(key); return err }}
	stockRecords = pull.Kind[stockItem]{Name: kindStock, Form: (*stockItem).record,
		Key: func(i *stockItem) string { return idKey(i.ProductID) + "/" + idKey(i.VariantID) + "/" + i.SKU },
		Parse: func(i *stockItem, key string) (err error) {
			i.ProductID, i.VariantID, i.SKU, err = stockKeyOf(key)
			return err
		}}
	orderRecords = pull.Kind[order]{Name: kindOrder, Form: (*order).record,
		Key:   func(o *order) string { return idKey(o.ID) },
		Parse: func(o *order, key string) (err error) { o.ID, err = idOf(key); return err }}
	productRecords = pull.Kind[product]{Name: kindProduct, Form: (*product).record,
		Key:   func(p *product) string { return productKey(p.ID) },
		Parse: (*product).setID}
)

func (i *stockItem) record(r *pack.Record) { pack.Each(r, &i.Locations, (*locations.Level).Record) }

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
