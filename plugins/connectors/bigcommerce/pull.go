package bigcommerce

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/locations"
	"github.com/reconcilehq/reconcile/plugins/sdk/pack"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// A Local Copy can be kept of every store but a sandbox.
var (
	_ sdk.Incremental = (*Source)(nil)
	_ sdk.CopyDecider = (*Source)(nil)
)

// CopyRules says how records are to be kept.
func (s *Source) CopyRules() sdk.CopyRules {
	return sdk.CopyRules{Kinds: slices.Clone(recordKinds), Version: copyVersion}
}

// KeepsCopy reports that a real store's copy is worth keeping: a sandbox is made anew at each start.
func (s *Source) KeepsCopy() bool { return !s.Sandbox }

// Assemble makes items of the records of a Local Copy, as ReadColumns makes them of what is read.
func (s *Source) Assemble(_ context.Context, req sdk.ReadRequest, records *sdk.Records, w *sdk.Writer) error {
	into := s.newAssembly(w, req.Warn, req.Counted)
	take := into.takers()
	for _, kind := range recordKinds {
		for key, value := range records.All(kind) {
			if err := take[kind](key, value); err != nil {
				return fmt.Errorf("the Local Copy's record %q of kind %s: %w", key, kind, err)
			}
		}
		if err := records.Err(); err != nil {
			return err
		}
	}
	return into.end()
}

// takers are what takes in the records of each kind.
func (a *assembly) takers() map[string]func(key string, value []byte) error {
	return map[string]func(string, []byte) error{
		kindStore: func(_ string, value []byte) (err error) {
			a.store, err = decodeStore(value)
			return err
		},
		kindLocation: locationRecords.Into(func(l *locations.Location) error { return a.takeLocation(*l) }),
		kindBrand: func(key string, value []byte) error {
			id, err := idOf(key)
			if err != nil {
				return err
			}
			return a.takeBrand(brand{id, string(value)})
		},
		kindStock: stockRecords.Into(func(item *stockItem) error { return a.takeStock(*item) }),
		kindOrder: orderRecords.Into(a.takeOrder),
		kindProduct: productRecords.Into(func(p *product) error {
			if len(p.Variants) == 0 { // a pull lets none in
				return fmt.Errorf("the product has no variant: %w", pack.ErrDamaged)
			}
			return a.takeProduct(p)
		}),
	}
}

// puller is one pull.
type puller struct {
	*fetch
	records *recordWriter
	req     sdk.PullRequest
	out     *sdk.CopyUpdate
	base    cursor    // where the copy stands at the start of this pull
	next    cursor    // where it will stand
	began   time.Time // by our own clock
	clock   webapi.ServerClock

	changed map[int64]bool // the products that this pull has read
}

// Pull keeps a Local Copy of the store: it reads everything, or what has changed.
func (s *Source) Pull(ctx context.Context, req sdk.PullRequest, out *sdk.CopyUpdate) error {
	client, err := s.connect(ctx)
	if err != nil {
		return err
	}
	p := &puller{req: req, out: out, began: s.clock.Now(), records: newRecordWriter(req, out), changed: map[int64]bool{}}
	if p.base, err = s.startOf(req, p.began); err != nil {
		return err
	}
	p.next = p.base
	session := client.Session(req)
	session.Answered = p.clock.Note
	p.fetch = s.newFetch(session, needsOf(p.base.Fields).withDates(), p.records)
	switch {
	case req.Cursor == nil:
		err = p.full(ctx)
	case p.base.Partial:
		err = p.resume(ctx)
	default:
		p.records.products.Records, p.records.products.Parts, p.records.newest = p.base.Products, p.base.Variants, p.base.Newest
		err = p.refresh(ctx)
	}
	if err != nil {
		return err
	}
	return p.finish()
}

// startOf returns the cursor that the pull begins with. An error with sdk.ErrNeedFull says why it cannot continue the last
// pull.
func (s *Source) startOf(req sdk.PullRequest, now time.Time) (cursor, error) {
	if req.Cursor == nil {
		return cursor{Fields: slices.Clone(req.Fields), Began: now}, nil
	}
	c, err := decodeCursor(req.Cursor)
	if err != nil {
		return c, fmt.Errorf("%w: %w", err, sdk.ErrNeedFull)
	}
	for _, field := range req.Fields {
		if !slices.Contains(c.Fields, field) {
			return c, fmt.Errorf("the Local Copy lacks the field %q: %w", field, sdk.ErrNeedFull)
		}
	}
	return c, s.fullRefresh.Over(c.Began, now)
}

// full reads everything.
func (p *puller) full(ctx context.Context) error {
	if err := p.readFacts(ctx); err != nil {
		return err
	}
	if err := p.readBrandsAndStock(ctx); err != nil {
		return err
	}
	if err := p.allOrders(ctx); err != nil {
		return err
	}
	return p.catalogue(ctx)
}

// catalogue reads the products behind those that an interrupted pull has read, and makes sure that nothing is missing. If
// products come in the order of their identifiers, each page is a checkpoint, so that a pull can be resumed behind it.
func (p *puller) catalogue(ctx context.Context) error {
	p.next.Partial = true
	p.products.list.After = p.base.After
	if err := p.products.all(ctx, func(page []product, left int64) error {
		if err := p.page(ctx, page); err != nil {
			return err
		}
		p.req.Progress(p.records.products.Records, p.records.products.Records+left, "products")
		if p.next.After = p.products.list.After; p.next.After == 0 {
			return nil
		}
		cursor, err := p.cursor()
		if err != nil {
			return err
		}
		return p.out.Checkpoint(cursor)
	}); err != nil {
		return err
	}
	p.next.Partial, p.next.After = false, 0
	if err := p.complete(ctx); err != nil {
		return err
	}
	if err := p.verifyWithoutVariants(ctx); err != nil {
		return err
	}
	p.next.Covered = p.needs.parts[stock]
	return p.learnStock(ctx)
}

// resume continues a full read that was interrupted, and then reads what has changed since that read began.
func (p *puller) resume(ctx context.Context) error {
	if err := p.restore(ctx); err != nil {
		return err
	}
	if err := p.catalogue(ctx); err != nil {
		return err
	}
	return p.refresh(ctx)
}

// restore gives the fetch the state that it had when the read was interrupted, from the records of the copy.
func (p *puller) restore(ctx context.Context) error {
	for key, err := range p.req.Keys(ctx, kindBrand) {
		if err != nil {
			return err
		}
		id, err := idOf(key)
		if err != nil {
			return err
		}
		p.brands[id] = true
	}
	for record, err := range p.req.Records(ctx, kindStore) {
		if err != nil {
			return err
		}
		if p.facts, err = decodeStore(record.Value); err != nil {
			return err
		}
	}
	for key, err := range p.req.Keys(ctx, kindStock) {
		if err != nil {
			return err
		}
		product, variant, _, err := stockKeyOf(key)
		if err != nil {
			return err
		}
		p.stocked[quantityOf(product, variant)] = true
	}
	for record, err := range p.req.Records(ctx, kindProduct) {
		if err != nil {
			return err
		}
		made, err := productRecords.Read(record.Key, record.Value)
		if err != nil {
			return err
		}
		if err := p.note(made); err != nil {
			return err
		}
		p.records.count(made)
	}
	return nil
}

// finish tells the host where the copy stands now.
func (p *puller) finish() error {
	p.base.Since = time.Time{} // what is asked for next begins with this pull
	cursor, err := p.cursor()
	if err != nil {
		return err
	}
	if p.records.undated > 0 {
		p.req.Warn("%s without a date of change: what has changed cannot be asked for, so that everything is read each time",
			counted(p.records.undated, "product comes", "products come"))
		cursor = nil
	}
	p.out.SetCursor(cursor)
	p.out.ReadAt(p.began)
	p.out.FullDue(p.source.fullRefresh.Due(p.next.Began))
	p.out.Expect(kindProduct, p.records.products.Records)
	return nil
}

// cursor returns where the copy stands.
func (p *puller) cursor() ([]byte, error) {
	c := p.next
	c.Products, c.Variants, c.Newest = p.records.products.Records, p.records.products.Parts, p.records.newest
	if p.records.newestOrder.After(c.NewestOrder) {
		c.NewestOrder = p.records.newestOrder
	}
	c.Covered = c.Covered && p.uncovered == 0
	if c.Since = p.base.Since; c.Since.IsZero() {
		c.Since = p.clock.First(p.began)
	}
	return c.encode()
}

// allOrders reads all orders that may be pending, and keeps no others.
func (p *puller) allOrders(ctx context.Context) error {
	p.next.Orders = p.wantsOrders()
	if !p.next.Orders {
		return nil
	}
	p.next.From = p.source.imported.through + 1
	if err := p.keepOrders(ctx, &orderReader{from: p.next.From}); err != nil {
		return err
	}
	return p.records.Sweep(ctx, kindOrder)
}

// refreshOrders updates the orders that are not imported yet. If they fit into a page it reads all of them, so that deleted
// ones are noticed, too. If there are more, it asks for those that were changed, by their date.
func (p *puller) refreshOrders(ctx context.Context) error {
	if !p.wantsOrders() || !p.base.Orders || p.base.From > p.source.imported.through+1 {
		return p.allOrders(ctx)
	}
	open, err := p.openOrders(ctx)
	if err != nil {
		return err
	}
	reader := &orderReader{from: p.source.imported.through + 1, short: true, largest: p.base.Largest}
	if open < p.source.pages.orders {
		p.next.From = reader.from
		if err := p.keepOrders(ctx, reader); err != nil {
			return err
		}
		if open > 0 && len(p.records.Keys(kindOrder)) == 0 { // none of them is left? That is worth asking twice
			if err := p.keepOrders(ctx, reader); err != nil {
				return err
			}
		}
		return p.records.Sweep(ctx, kindOrder)
	}
	reader.from = p.base.From // imported_through may be set back, as far as orders are held
	reader.filter = url.Values{"min_date_modified": {p.base.ordersSince().UTC().Format(time.RFC3339)}}
	err = p.keepOrders(ctx, reader)
	if webapi.Refused(err) {
		p.req.Warn("the API does not tell which orders have changed since the last pull (%v), so that all are read", err)
		return p.allOrders(ctx)
	}
	return err
}

// openOrders counts the orders held that are behind the last imported one.
func (p *puller) openOrders(ctx context.Context) (n int, err error) {
	for key, err := range p.req.Keys(ctx, kindOrder) {
		if err != nil {
			return 0, err
		}
		id, err := idOf(key)
		if err != nil {
			return 0, err
		}
		if id > p.source.imported.through {
			n++
		}
	}
	return n, nil
}

func (p *puller) keepOrders(ctx context.Context, reader *orderReader) error {
	err := p.readOrders(ctx, reader)
	p.next.Largest = max(p.next.Largest, reader.largest)
	return err
}
