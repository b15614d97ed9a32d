package history

import (
	"fmt"
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Rows of items of which no values are kept have only what every item has. On the store's side that is the SKU: the name is that
// of the pos side.
var (
	bare      = catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "name", Type: catalog.String})
	bareStore = catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String})
)

// Item returns an item with both sides' values; report.ErrNoValues if they were not kept.
func (r *Run) Item(position int) (*report.Item, error) {
	if position < 0 || position >= r.items {
		return nil, r.noItem(position)
	}
	items, err := r.newPages().page(position/blockItems, []int{position % blockItems})
	if err != nil {
		return nil, err
	}
	if it := &items[0]; it.Pos.Has() && it.Pos.Batch.Schema() == bare {
		return nil, fmt.Errorf("item %q of the run %s: %w", it.SKU(), r.path, report.ErrNoValues)
	}
	return &items[0], nil
}

// Result returns the run as package report shows it. Values of items with which nothing is wrong are not in it, and what would show
// them says so. It can be used as long as the run is open.
func (r *Run) Result() *report.Result {
	result := *r.result
	result.Items, result.Warnings = r.all, slices.Clip(result.Warnings)
	result.WhyUnknown = whyUnknown
	return &result
}

// whyUnknown says what was unknown to a rule of an item that was read back.
func whyUnknown(it *report.Item, rule int) (list []verdict.Unknown) {
	for _, u := range it.Unknown {
		if u.Rule == rule {
			list = append(list, u.Unknown)
		}
	}
	return list
}

// Only returns the result with some of the items, in the order of the positions. Its summary is that of all.
func (r *Run) Only(positions []int32) *report.Result {
	result := r.Result()
	result.Whole = false
	result.Items = func(yield func(*report.Item, error) bool) {
		pages := r.newPages()
		for from := 0; from < len(positions); {
			number, to := int(positions[from])/blockItems, from
			var wanted []int
			for ; to < len(positions) && int(positions[to])/blockItems == number; to++ {
				wanted = append(wanted, int(positions[to])%blockItems)
			}
			from = to
			if !pages.yield(number, wanted, yield) {
				return
			}
		}
	}
	return result
}

func (r *Run) all(yield func(*report.Item, error) bool) {
	pages := r.newPages()
	for number := range len(r.blocks) / 2 {
		if !pages.yield(number, nil, yield) {
			return
		}
	}
}

// pages reads items back, a block at a time.
type pages struct {
	run    *Run
	texts  block
	values []byte
	spans  [][]byte // by item of the block: its values; nil if there are none
}

func (r *Run) newPages() *pages { return &pages{run: r} }

// yield yields some items of a block, or all of them if wanted is nil. It returns false if there is to be no more.
func (p *pages) yield(number int, wanted []int, yield func(*report.Item, error) bool) bool {
	items, err := p.page(number, wanted)
	if err != nil {
		yield(nil, err)
		return false
	}
	for i := range items {
		if !yield(&items[i], nil) {
			return false
		}
	}
	return true
}

// page returns some items of a block, or all of them if wanted is nil.
func (p *pages) page(number int, wanted []int) ([]report.Item, error) {
	r := p.run
	if number < 0 || number >= len(r.blocks)/2 {
		return nil, r.noItem(number * blockItems)
	}
	cells, err := r.cells()
	if err != nil {
		return nil, err
	}
	outcomes, err := r.outcomes()
	if err != nil {
		return nil, err
	}
	if err := r.readBlock(&p.texts, number); err != nil {
		return nil, err
	}
	if err := p.readValues(cells.states[number*blockItems:][:p.texts.n]); err != nil {
		return nil, err
	}
	if wanted == nil {
		wanted = make([]int, p.texts.n)
		for i := range wanted {
			wanted[i] = i
		}
	}
	items := make([]report.Item, len(wanted))
	full := newValuesDecoder(r.twins)
	short := [2]*catalog.Builder{catalog.NewBuilder(bare), catalog.NewBuilder(bareStore)}
	for n, i := range wanted {
		at := number*blockItems + i
		if i >= p.texts.n {
			return nil, r.noItem(at)
		}
		if p.texts.outcomes[i] >= len(outcomes) {
			return nil, r.damage("item %d has an outcome that there is not", at)
		}
		it := &items[n]
		var row Row
		row.state(cells.states[at])
		it.Status, it.Parent, it.Outcome = row.Status, row.Parent, outcomes[p.texts.outcomes[i]]
		if p.texts.keys.own[i] {
			it.Key = string(p.texts.keys.at(i))
		}
		sku, name := string(p.texts.skus.at(i)), string(p.texts.names.at(i))
		if p.spans[i] == nil {
			short[verdict.Pos].SetString(1, name)
			for side := range short {
				short[side].SetString(0, sku)
				short[side].End()
			}
			it.Pos, it.Store = report.Row{Batch: unmadeShort, I: short[0].Len() - 1}, report.Row{Batch: unmadeShort, I: short[1].Len() - 1}
			continue
		}
		if it.Unknown, err = full.read(p.spans[i], it, sku, name); err != nil {
			return nil, r.damage("%v", err)
		}
	}
	setBatches(items, [2]*catalog.Batch{full.builders[0].Batch(), full.builders[1].Batch()}, [2]*catalog.Batch{short[0].Batch(), short[1].Batch()})
	return items, nil
}

// setBatches gives the rows their batches, now that these are made.
func setBatches(items []report.Item, full, short [2]*catalog.Batch) {
	batchOf := func(side verdict.Side, row *report.Row) {
		switch row.Batch {
		case unmade:
			row.Batch = full[side]
		case unmadeShort:
			row.Batch = short[side]
		}
	}
	for i := range items {
		batchOf(verdict.Pos, &items[i].Pos)
		batchOf(verdict.Store, &items[i].Store)
	}
}

// readValues reads the values of the block whose texts were read last. states are those of its items.
func (p *pages) readValues(states []byte) error {
	r := p.run
	at := r.blocks[2*p.texts.number+1]
	p.values = slices.Grow(p.values[:0], int(at.size))[:at.size]
	if err := r.readInto(p.values, at, "a part with values"); err != nil {
		return err
	}
	c := &cursor{b: p.values}
	p.spans = p.spans[:0]
	for _, b := range states {
		var span []byte
		if b&hasValues != 0 {
			span = c.bytes(c.count())
		}
		p.spans = append(p.spans, span)
	}
	if c.bad || len(c.b) > 0 {
		return r.damage("the lengths of values, from byte %d on, do not add up", at.from)
	}
	return nil
}
