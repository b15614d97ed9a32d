package bigcommerce

import (
	"context"
	"encoding/json"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/locations"
	"github.com/reconcilehq/reconcile/plugins/sdk/pack"
	"github.com/reconcilehq/reconcile/plugins/sdk/pull"
)

// recordWriter writes what is read from a store as records of a Local Copy, and counts products and variants.
type recordWriter struct {
	*pull.Tracker // of all kinds but products
	products      *pull.Counter[int64]
	req           sdk.PullRequest
	out           *sdk.CopyUpdate

	newest      time.Time // the latest date of a product
	newestOrder time.Time
	undated     int // products whose date makes no sense
}

func newRecordWriter(req sdk.PullRequest, out *sdk.CopyUpdate) *recordWriter {
	return &recordWriter{Tracker: pull.NewTracker(req, out), req: req, out: out,
		products: pull.NewCounter(kindProduct, productKey, pack.FirstWhole)}
}

func (w *recordWriter) takeStore(facts storeFacts) error {
	value, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	return w.out.Put(kindStore, storeKey, value)
}

func (w *recordWriter) takeLocation(l locations.Location) error {
	return locationRecords.Put(w.Put, &l)
}

func (w *recordWriter) takeBrand(b brand) error { return w.Put(kindBrand, idKey(b.ID), []byte(b.Name)) }

func (w *recordWriter) takeStock(item stockItem) error {
	return stockRecords.Put(w.Put, &item)
}

func (w *recordWriter) takeOrder(o *order) error {
	if at, err := time.Parse(time.RFC1123Z, o.Modified); err == nil && at.After(w.newestOrder) {
		w.newestOrder = at
	}
	return orderRecords.Put(w.Put, o)
}

func (w *recordWriter) takeProduct(p *product) error {
	w.count(p)
	return productRecords.Put(w.out.Put, p)
}

// count adds a product, or its newer state, to the counts.
func (w *recordWriter) count(p *product) {
	at, err := time.Parse(time.RFC3339, p.Modified)
	switch {
	case err != nil:
		w.undated++
	case at.After(w.newest):
		w.newest = at
	}
	w.products.Put(p.ID, int64(len(p.Variants)))
}

// lookUp finds out which of the products the Local Copy holds, and with how many variants.
func (w *recordWriter) lookUp(ctx context.Context, ids []int64) error {
	return w.products.LookUp(ctx, w.req, ids)
}

// drop deletes those of the products that the Local Copy holds. Call lookUp for them first.
func (w *recordWriter) drop(ids []int64) error { return w.products.Drop(w.out, ids) }
