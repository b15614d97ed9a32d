package bigcommerce

import (
	"context"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// recordWriter writes what is read from a store as records of a Local Copy, and counts products and variants.
type recordWriter struct {
	ctx context.Context
	req sdk.PullRequest
	out *sdk.CopyUpdate

	facts        *storeFacts
	put          map[string]map[string]bool // the keys of the records written, by kind; not those of products
	variantsOf   map[int64]int64            // those that were put, or were looked up: how many variants are held now
	productCount int64                      // products held
	variantCount int64                      // variants of the products held
	newest       time.Time                  // the latest date of a product
	newestOrder  time.Time
	undated      int // products whose date makes no sense
}

func (w *recordWriter) takeStore(facts storeFacts) error {
	w.facts = &facts
	value, err := encodeStore(facts)
	if err != nil {
		return err
	}
	return w.out.Put(kindStore, storeKey, value)
}

// keep puts a record, and remembers its key.
func (w *recordWriter) keep(kind, key string, value []byte) error {
	if w.put[kind] == nil {
		w.put[kind] = map[string]bool{}
	}
	w.put[kind][key] = true
	return w.out.Put(kind, key, value)
}

// sweep deletes the records of a kind that this pull has not put. It is for kinds that were read in full. (Changes.Complete
// would not do: it knows nothing of what this pull put before a checkpoint.)
func (w *recordWriter) sweep(kind string) error {
	var gone []string
	for key, err := range w.req.Keys(w.ctx, kind) {
		if err != nil {
			return err
		}
		if !w.put[kind][key] {
			gone = append(gone, key)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return w.out.Delete(kind, gone...)
}

func (w *recordWriter) takeLocation(l location) error {
	return w.keep(kindLocation, idKey(l.ID), encodeLocation(l))
}

func (w *recordWriter) takeBrand(b brand) error {
	return w.keep(kindBrand, idKey(b.ID), []byte(b.Name))
}

func (w *recordWriter) takeStock(item stockItem) error {
	return w.keep(kindStock, recordKeyOf(item), encodeStock(item))
}

func (w *recordWriter) takeOrder(o *order) error {
	if at, err := time.Parse(time.RFC1123Z, o.Modified); err == nil && at.After(w.newestOrder) {
		w.newestOrder = at
	}
	return w.keep(kindOrder, idKey(o.ID), encodeOrder(o))
}

func (w *recordWriter) takeProduct(p *product) error {
	w.count(p)
	return w.out.Put(kindProduct, productKey(p.ID), encodeProduct(p))
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
	before, held := w.variantsOf[p.ID]
	if !held {
		w.productCount++
	}
	w.variantsOf[p.ID] = int64(len(p.Variants))
	w.variantCount += int64(len(p.Variants)) - before
}

func newRecordWriter(ctx context.Context, req sdk.PullRequest, out *sdk.CopyUpdate) *recordWriter {
	return &recordWriter{ctx: ctx, req: req, out: out, put: map[string]map[string]bool{}, variantsOf: map[int64]int64{}}
}

// lookUp finds out which of the products the Local Copy holds, and with how many variants.
func (w *recordWriter) lookUp(ids []int64) error {
	var keys []string
	for _, id := range ids {
		if _, known := w.variantsOf[id]; !known {
			keys = append(keys, productKey(id))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	found, err := w.req.Get(w.ctx, kindProduct, keys...)
	if err != nil {
		return err
	}
	for key, value := range found {
		id, err := idOf(key)
		if err != nil {
			return err
		}
		if w.variantsOf[id], err = variantsIn(value); err != nil {
			return err
		}
	}
	return nil
}

// drop deletes those of the products that the Local Copy holds. Call lookUp for them first.
func (w *recordWriter) drop(ids []int64) error {
	var keys []string
	for _, id := range ids {
		if variants, held := w.variantsOf[id]; held {
			w.productCount--
			w.variantCount -= variants
			delete(w.variantsOf, id)
			keys = append(keys, productKey(id))
		}
	}
	return w.out.Delete(kindProduct, keys...)
}
