// Package edit changes a BigCommerce store: it knows which request sets which field, looks before and after, and finds out what became
// of each change. It knows nothing of how a store is read: whoever uses it gives it a Store to look with.
//
// Products are written by ten, variants by fifty, stock by two thousand. A look covers at most five batches, and a batch is not
// sent when its look is older than five seconds. A batch that the store refuses is halved until what is wrong stands alone. After
// anything but a plain 200 the items are read before anything is sent again.
package edit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// Store is a store as it is now.
type Store interface {
	// Find says where the items are. Those that the store does not have are not in the result. It may remember, and it may keep for
	// Glance what it read on the way, with these fields.
	Find(ctx context.Context, refs []sdk.Ref, fields []string) (map[sdk.Ref]Place, error)
	// Look reads the items of the products anew, by the identifiers of their variants. at is when it began to ask. It waits until the
	// quota has room for so many requests that follow it.
	Look(ctx context.Context, products []int64, fields []string, room int) (items map[int64]*Item, at time.Time, err error)
	// Glance is Look for what is told, and not written by: what Find has read will do.
	Glance(ctx context.Context, products []int64, fields []string) (items map[int64]*Item, err error)
	// Brands returns the identifiers of all brands, by name.
	Brands(ctx context.Context) (map[string]int64, error)
	// Takes estimates how long so many requests take.
	Takes(requests int64) time.Duration
}

// Place is where an item is: it is a variant of a product.
type Place struct {
	Product, Variant int64
	Base             bool // the variant stands for a product without options
}

// Item is an item as a look found it.
type Item struct {
	Place
	SKU      string
	Siblings []sdk.Ref // the other variants of its product
	Held     map[string]Held
}

// Held is what an item has in a field.
type Held struct {
	Value     sdk.Value // as a read of the store gives it
	Own       sdk.Value // the same, but null where the variant has no value of its own
	Inherited sdk.Value // what Value is if Own is null
	OfProduct bool      // it is the product's, and is set there
	Shelf     Shelf     // of a quantity
	Problem   string    // why it cannot be set, for people; "" if it can
}

// Shelf is where a quantity is kept.
type Shelf struct {
	Location  int64
	ByProduct bool        // it is set by the product's identifier
	Safety    sdk.Decimal // what has to be on hand beside the quantity
}

// Editor changes a store.
type Editor struct {
	Store  Store
	Client *webapi.Client // that may write
	Clock  webapi.Clock
	Teller webapi.Teller
}

// How many entries a request may set, and what a look is good for.
const (
	productsAtOnce = 10
	variantsAtOnce = 50
	stockAtOnce    = 2000
	productsInLook = 250
	batchesInLook  = 5
	lookLasts      = 5 * time.Second
)

// Prepare says what the store would make of each change. It writes nothing.
func (e *Editor) Prepare(ctx context.Context, changes []sdk.Change, answer func(sdk.Prepared) error) (sdk.Cost, error) {
	p, err := e.plan(ctx, changes)
	if err != nil {
		return sdk.Cost{}, err
	}
	for some := range inLooks(p.jobs) {
		items, err := e.Store.Glance(ctx, productsOf(some), p.fields)
		if err != nil {
			return sdk.Cost{}, err
		}
		for _, j := range some {
			if err := answer(p.prepared(j, items[j.place.Variant])); err != nil {
				return sdk.Cost{}, err
			}
		}
	}
	for _, j := range p.wrong {
		if err := answer(sdk.Prepared{Key: j.Key, Problem: j.problem}); err != nil {
			return sdk.Cost{}, err
		}
	}
	requests := costOf(p.jobs)
	return sdk.Cost{Requests: requests, Time: e.Store.Takes(requests)}, nil
}

// prepared says what the store would make of one change.
func (p *planned) prepared(j *job, item *Item) sdk.Prepared {
	if why := j.missing(item); why != "" {
		return sdk.Prepared{Key: j.Key, Problem: why}
	}
	held := item.Held[j.Field]
	if why := problemOf(j, held); why != "" {
		return sdk.Prepared{Key: j.Key, Problem: why}
	}
	said := sdk.Prepared{Key: j.Key, Will: j.Desired}
	switch {
	case j.Desired.IsNull():
		said.Will = held.Inherited
	case isNone(j.Field, j.Desired):
		said.Will = null(j.Field)
	}
	if held.OfProduct {
		said.Also = item.Siblings
	}
	return said
}

// gone is what is said of an item that the store does not have.
const gone = "the store does not have this item (any more)"

// missing says why what was found is not the item that is to be changed; "" if it is. An item that has another SKU now is another one: the
// point of sale's value was that of the SKU.
func (j *job) missing(item *Item) string {
	switch {
	case item == nil:
		return gone
	case j.Item.SKU != "" && catalog.NormalText(item.SKU) != j.Item.SKU:
		return fmt.Sprintf("the store has given the item another SKU meanwhile, %q: plan again", item.SKU)
	}
	return ""
}

// job is a change on its way.
type job struct {
	sdk.Change
	place   Place
	brand   int64     // the identifier of the desired one
	before  sdk.Value // what the item had of its own when it was looked at last before it was written
	problem string
}

// planned are changes whose items were found.
type planned struct {
	jobs, wrong []*job
	fields      []string // of all
}

// plan finds the items, and sorts out what cannot be made whatever the items have.
func (e *Editor) plan(ctx context.Context, changes []sdk.Change) (*planned, error) {
	refs, brands := make([]sdk.Ref, len(changes)), map[string]int64{}
	p := &planned{}
	for i, c := range changes {
		refs[i] = c.Item
		if !slices.Contains(p.fields, c.Field) {
			p.fields = append(p.fields, c.Field)
		}
	}
	places, err := e.Store.Find(ctx, refs, p.fields)
	if err == nil && slices.Contains(p.fields, "brand") {
		brands, err = e.Store.Brands(ctx)
	}
	if err != nil {
		return nil, err
	}
	shared := map[sharedField]*job{}
	for _, c := range changes {
		j := &job{Change: c}
		place, found := places[c.Item]
		j.place = place
		j.Desired, j.problem = held(c)
		if !found {
			j.problem = gone
		}
		if c.Field == "brand" && j.problem == "" {
			j.brand, j.problem = brandOf(c.Desired.Str(), brands)
		}
		if first := shared[sharedField{place.Product, c.Field}]; j.problem == "" && writable[c.Field].Parent {
			if first != nil && !first.Desired.Equal(j.Desired) {
				j.problem = "another change wants another value for the same product"
			}
			shared[sharedField{place.Product, c.Field}] = j
		}
		if j.problem != "" {
			p.wrong = append(p.wrong, j)
		} else {
			p.jobs = append(p.jobs, j)
		}
	}
	p.jobs = byProduct(p.jobs)
	return p, nil
}

// sharedField is a field that the items of a product share.
type sharedField struct {
	product int64
	field   string
}

// byProduct brings the jobs of a product together, in the order in which the products came.
func byProduct(jobs []*job) []*job {
	at := map[int64]int{}
	var groups [][]*job
	for _, j := range jobs {
		i, known := at[j.place.Product]
		if !known {
			i = len(groups)
			at[j.place.Product] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], j)
	}
	sorted := make([]*job, 0, len(jobs))
	for _, g := range groups {
		sorted = append(sorted, g...)
	}
	return sorted
}

// inLooks yields jobs of so many products as one look reads.
func inLooks(jobs []*job) func(func([]*job) bool) {
	return func(yield func([]*job) bool) {
		for len(jobs) > 0 {
			n := first(jobs, productsInLook, func(j *job) int64 { return j.place.Product })
			if !yield(jobs[:n]) {
				return
			}
			jobs = jobs[n:]
		}
	}
}

// first returns how many jobs there are until more than most different keys were seen.
func first(jobs []*job, most int, key func(*job) int64) int {
	seen := map[int64]bool{}
	for i, j := range jobs {
		if seen[key(j)] = true; len(seen) > most {
			return i
		}
	}
	return len(jobs)
}

func productsOf(jobs []*job) []int64 {
	var ids []int64
	seen := map[int64]bool{}
	for _, j := range jobs {
		if id := j.place.Product; !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

func fieldsOf(jobs []*job) []string {
	var names []string
	seen := map[string]bool{}
	for _, j := range jobs {
		if !seen[j.Field] {
			seen[j.Field] = true
			names = append(names, j.Field)
		}
	}
	return names
}
