package bigcommerce

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/edit"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// looking reads single items anew: for whoever asks for them, and before and after they are changed. What an item has is worked out
// by the same code as in a read of the whole store.
type looking struct {
	source  *Source
	client  *webapi.Client
	req     sdk.ReadRequest
	warn    func(format string, args ...any)
	stamp   *stamp
	session *webapi.Session
	facts   storeFacts       // once they are known
	brands  map[int64]string // once they were all read

	only  map[int64]bool    // the variants of which items are wanted; nil: all
	early map[int64]product // what Find has read of products
	stock []stockItem       // and of the stock
}

// places are where items are. It outlives a call.
type places struct {
	mu sync.Mutex
	by map[int64]edit.Place // by variant
}

func (p *places) get(variant int64) (edit.Place, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	place, ok := p.by[variant]
	return place, ok
}

func (p *places) put(place edit.Place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.by == nil {
		p.by = map[int64]edit.Place{}
	}
	p.by[place.Variant] = place
}

// newLooking returns what reads single items. warn gets what people should know about them.
func (s *Source) newLooking(client *webapi.Client, req sdk.ReadRequest, warn func(format string, args ...any)) *looking {
	l := &looking{source: s, client: client, req: req, warn: warn, stamp: &stamp{Teller: req, clock: s.clock}}
	l.session = client.Session(l.stamp)
	l.session.Answered = func(*webapi.Answer) {
		l.stamp.answer()
		l.session.Room = 0 // it was for the first request
	}
	return l
}

// stamp notes when requests are sent, and how long they take.
type stamp struct {
	webapi.Teller
	clock webapi.Clock

	mu       sync.Mutex
	from     time.Time // when the first answered request of a look was sent
	last     time.Time // when the last request was sent
	answered bool
	taken    time.Duration
	requests int64
}

// Step implements webapi.Teller. It is called right before each try.
func (s *stamp) Step(text string) {
	s.mu.Lock()
	if s.last = s.clock.Now(); !s.answered {
		s.from = s.last
	}
	s.mu.Unlock()
	s.Teller.Step(text)
}

func (s *stamp) answer() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered = true
	s.taken += s.clock.Now().Sub(s.last)
	s.requests++
}

// begin forgets when the last look began.
func (s *stamp) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered, s.from = false, s.clock.Now()
}

func (s *stamp) since() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.from
}

// Takes implements edit.Store: by how long the requests so far have taken.
func (l *looking) Takes(requests int64) time.Duration {
	l.stamp.mu.Lock()
	each := l.stamp.taken / time.Duration(max(l.stamp.requests, 1))
	l.stamp.mu.Unlock()
	return l.source.ahead.more(requests, func(all int64) time.Duration { return l.client.Takes(all, each) })
}

// ahead is what was prepared and not begun yet. How long a part takes depends on what is done before it: the first one may find a window of the
// quota unused, the next one not.
type ahead struct {
	mu       sync.Mutex
	requests int64
	told     time.Duration
}

// more adds requests, and returns how much longer all of them take now. takes says how long so many take.
func (a *ahead) more(requests int64, takes func(all int64) time.Duration) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests += requests
	longer := max(takes(a.requests)-a.told, 0)
	a.told += longer
	return longer
}

// begin forgets what was prepared.
func (a *ahead) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests, a.told = 0, 0
}

// collect reads the products' items, and also returns the products and the stock that they were made of. each gets each item, with the
// identifier of its variant. What Find has read is read again, unless early says that it will do.
func (l *looking) collect(ctx context.Context, ids []int64, fields []string, early bool, each func(variant int64, it sdk.Item) error) ([]product, map[stockKey]stockItem, error) {
	w, err := l.writer(ctx, fields, each)
	if err != nil {
		return nil, nil, err
	}
	into := &kept{assembly: l.source.newAssembly(w, l.warn, func(...string) {}), stock: map[stockKey]stockItem{}}
	into.partly, into.only = true, l.only
	f := l.source.newFetch(l.session, into.needs, into)
	f.only = l.only
	f.atOnce, f.products.atOnce = inAddress, inAddress
	if f.facts = l.facts; l.facts.Told {
		_ = into.takeStore(l.facts) // an assembly only notes it
	}
	for id, name := range l.brands {
		f.brands[id] = true
		_ = into.takeBrand(brand{id, name}) // here, too
	}
	var known map[int64]product
	if early {
		known = l.early
		if err := f.keepStock(l.stock); err != nil {
			return nil, nil, err
		}
	}
	if err := f.single(ctx, ids, known); err != nil {
		return nil, nil, err
	}
	l.facts = f.facts
	if err := into.end(); err != nil {
		return nil, nil, err
	}
	if err := w.Flush(); err != nil {
		return nil, nil, err
	}
	for field, mark := range w.Currencies() {
		l.req.Currency(field, mark)
	}
	for field, unit := range w.Units() {
		l.req.Unit(field, unit)
	}
	for i := range into.products {
		p := &into.products[i]
		for j := range p.Variants {
			l.source.places.put(p.place(&p.Variants[j]))
		}
	}
	return into.products, into.stock, nil
}

// single reads products by their identifiers, with all that belongs to them. known are those of which only the rest is to be read.
func (f *fetch) single(ctx context.Context, ids []int64, known map[int64]product) error {
	if err := f.readFacts(ctx); err != nil {
		return err
	}
	if f.wantsOrders() {
		if err := f.readOrders(ctx, &orderReader{from: f.source.imported.through + 1}); err != nil {
			return err
		}
	}
	var page []product
	var unknown []int64
	for _, id := range ids {
		if p, ok := known[id]; ok {
			page = append(page, p)
		} else {
			unknown = append(unknown, id)
		}
	}
	rest, err := f.products.byID(ctx, unknown)
	page = append(page, rest...)
	if err == nil {
		err = f.loadVariants(ctx, page)
	}
	if err == nil {
		err = f.page(ctx, page)
	}
	if err != nil {
		return err
	}
	return f.learnStock(ctx)
}

// kept is an assembly that keeps what items are made of.
type kept struct {
	*assembly
	products []product
	stock    map[stockKey]stockItem
}

func (k *kept) takeProduct(p *product) error {
	k.products = append(k.products, *p)
	return k.assembly.takeProduct(p)
}

func (k *kept) takeStock(item stockItem) error {
	k.stock[quantityOf(item.ProductID, item.VariantID)] = item
	return k.assembly.takeStock(item)
}

// writer returns a Writer that passes each item to each.
func (l *looking) writer(ctx context.Context, names []string, each func(variant int64, it sdk.Item) error) (*sdk.Writer, error) {
	var fields []sdk.Field
	for _, f := range allFields() {
		if f.Name == "id" || slices.Contains(names, f.Name) {
			fields = append(fields, f.Field)
		}
	}
	return sdk.NewWriter(ctx, fields, func(b *catalog.Batch) error {
		for i := range b.Len() {
			it := sdk.Item{}
			for _, f := range fields {
				if v := b.Value(f.Name, i); !v.IsNull() {
					it[f.Name] = plainOf(v)
				}
			}
			variant, err := idOf(b.Value("id", i).Str())
			if err != nil {
				return err
			}
			if err := each(variant, it); err != nil {
				return err
			}
		}
		return nil
	})
}

// plainOf returns a value as an Item has it.
func plainOf(v sdk.Value) any {
	switch v.Type() {
	case sdk.Number:
		return v.Number()
	case sdk.Bool:
		return v.Bool()
	case sdk.List:
		return v.List()
	case sdk.Map:
		m := map[string]string{}
		for _, e := range v.Entries() {
			m[e.Key] = e.Value
		}
		return m
	}
	return v.Str()
}

// Brands implements edit.Store.
func (l *looking) Brands(ctx context.Context) (map[string]int64, error) {
	list, err := readBrands(ctx, l.session, l.source.pages.brands, url.Values{})
	if err != nil {
		return nil, err
	}
	byName := map[string]int64{}
	l.brands = map[int64]string{}
	for _, b := range list {
		byName[catalog.NormalText(b.Name)] = b.ID
		l.brands[b.ID] = b.Name
	}
	return byName, nil
}

// Look implements edit.Store.
func (l *looking) Look(ctx context.Context, ids []int64, fields []string, room int) (map[int64]*edit.Item, time.Time, error) {
	l.stamp.begin()
	if room > 0 {
		l.session.Room = int64(room + len(ids)/inAddress) // and for the other requests of the look
		if slices.Contains(fields, "qoh") {
			l.session.Room += int64(2 * len(ids) / inAddress)
		}
	}
	items, err := l.items(ctx, ids, fields, false)
	return items, l.stamp.since(), err
}

// Glance implements edit.Store.
func (l *looking) Glance(ctx context.Context, ids []int64, fields []string) (map[int64]*edit.Item, error) {
	return l.items(ctx, ids, fields, true)
}

func (l *looking) items(ctx context.Context, ids []int64, fields []string, early bool) (map[int64]*edit.Item, error) {
	values := map[int64]sdk.Item{}
	products, stock, err := l.collect(ctx, ids, slices.Concat(fields, []string{"sku"}), early, func(variant int64, it sdk.Item) error {
		values[variant] = it
		return nil
	})
	if err != nil {
		return nil, err
	}
	items := map[int64]*edit.Item{}
	for i := range products {
		p := &products[i]
		for j := range p.Variants {
			v := &p.Variants[j]
			item := &edit.Item{Place: p.place(v), SKU: p.skuOf(v), Siblings: p.siblings(v), Held: map[string]edit.Held{}}
			for _, field := range fields {
				item.Held[field] = l.held(p, v, field, values[v.ID][field], stock)
			}
			items[v.ID] = item
		}
	}
	return items, nil
}

// siblings names the other items of a variant's product.
func (p *product) siblings(v *variant) (refs []sdk.Ref) {
	for i := range p.Variants {
		if other := &p.Variants[i]; other.ID != v.ID {
			refs = append(refs, sdk.Ref{ID: strconv.FormatInt(other.ID, 10), SKU: p.skuOf(other)})
		}
	}
	return refs
}
