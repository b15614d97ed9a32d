package bigcommerce

import (
	"context"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// keeper keeps what a store tells as records of a Local Copy, and counts.
type keeper struct {
	ctx context.Context
	req sdk.PullRequest
	out *sdk.Changes

	facts       *storeFacts
	put         map[string]map[string]bool // the keys of records, by kind, but for products
	products    map[int64]int64            // those that were put, or were looked up: how many variants are held now
	held        int64                      // products
	variants    int64                      // of the products that are held
	newest      time.Time                  // the latest date of a product
	newestOrder time.Time
	undated     int // products whose date makes no sense
}

func (k *keeper) takeStore(facts storeFacts) error {
	k.facts = &facts
	value, err := encodeStore(facts)
	if err != nil {
		return err
	}
	return k.out.Put(kindStore, storeKey, value)
}

// keep puts a record, and remembers that it did.
func (k *keeper) keep(kind, key string, value []byte) error {
	if k.put[kind] == nil {
		k.put[kind] = map[string]bool{}
	}
	k.put[kind][key] = true
	return k.out.Put(kind, key, value)
}

// sweep takes away what is held of a kind of which everything was put anew. (Changes.Complete would leave what this pull
// put before a checkpoint.)
func (k *keeper) sweep(kind string) error {
	var gone []string
	for key, err := range k.req.Keys(k.ctx, kind) {
		if err != nil {
			return err
		}
		if !k.put[kind][key] {
			gone = append(gone, key)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return k.out.Delete(kind, gone...)
}

func (k *keeper) takeLocation(l location) error {
	return k.keep(kindLocation, idKey(l.ID), encodeLocation(l))
}

func (k *keeper) takeBrand(b brand) error {
	return k.keep(kindBrand, idKey(b.ID), []byte(b.Name))
}

func (k *keeper) takeStock(item stockItem) error {
	return k.keep(kindStock, recordKeyOf(item), encodeStock(item))
}

func (k *keeper) takeOrder(o *order) error {
	if at, err := time.Parse(time.RFC1123Z, o.Modified); err == nil && at.After(k.newestOrder) {
		k.newestOrder = at
	}
	return k.keep(kindOrder, idKey(o.ID), encodeOrder(o))
}

func (k *keeper) takeProduct(p *product) error {
	k.count(p)
	return k.out.Put(kindProduct, productKey(p.ID), encodeProduct(p))
}

// count counts a product that is held from now on.
func (k *keeper) count(p *product) {
	at, err := time.Parse(time.RFC3339, p.Modified)
	switch {
	case err != nil:
		k.undated++
	case at.After(k.newest):
		k.newest = at
	}
	before, held := k.products[p.ID]
	if !held {
		k.held++
	}
	k.products[p.ID] = int64(len(p.Variants))
	k.variants += int64(len(p.Variants)) - before
}

func newKeeper(ctx context.Context, req sdk.PullRequest, out *sdk.Changes) *keeper {
	return &keeper{ctx: ctx, req: req, out: out, put: map[string]map[string]bool{}, products: map[int64]int64{}}
}

// lookUp finds out which of the products are held, and with how many variants.
func (k *keeper) lookUp(ids []int64) error {
	var keys []string
	for _, id := range ids {
		if _, known := k.products[id]; !known {
			keys = append(keys, productKey(id))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	found, err := k.req.Get(k.ctx, kindProduct, keys...)
	if err != nil {
		return err
	}
	for key, value := range found {
		id, err := idOf(key)
		if err != nil {
			return err
		}
		if k.products[id], err = variantsIn(value); err != nil {
			return err
		}
	}
	return nil
}

// drop takes products away that are held; they were looked up.
func (k *keeper) drop(ids []int64) error {
	var keys []string
	for _, id := range ids {
		if variants, held := k.products[id]; held {
			k.held--
			k.variants -= variants
			delete(k.products, id)
			keys = append(keys, productKey(id))
		}
	}
	return k.out.Delete(kindProduct, keys...)
}
