package engine

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/near"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Find returns what Run with Job.All would list of the items that have one of the SKUs, on either side, or one of them as their key:
// all rows of them, and of items that are only on one side also the items that are alike. Other items may be in the result, too, and
// what is said of those counts for nothing, nor does the summary. The caller closes the result.
//
// Both sides are read to their ends, since only there it is known that an item is missing. But what is not looked
// for is not kept, so that a catalogue of any size takes no more memory. A source that is a Finder leaves out most items by itself.
// One that is a Fetcher is asked for the items alone, where the key is the SKU as it stands; if then one of them is not a pair, the
// source is read to its end, too. What the first read brings to light can make another one necessary: see finder.need.
//
// wrap, if it is not nil, returns what is read in the place of a side's source that hands on only what is wanted. It is called for each
// read, and may ask that source for more fields.
func Find(ctx context.Context, job Job, skus []string, wrap func(verdict.Side, Source) Source) (*report.Result, error) {
	job.All = true
	f := newFinder(job, skus)
	f.wrap = wrap
	for {
		result, err := f.run(ctx)
		if err != nil {
			return nil, err
		}
		again, err := f.need(ctx, result)
		if err == nil && !again {
			result.Near, result.Doubts, result.Unused = nil, nil, nil // of all items, nobody knows
			return result, nil
		}
		if closing := result.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return nil, err
		}
	}
}

// finder is the state of one Find.
type finder struct {
	job     Job
	wrap    func(verdict.Side, Source) Source
	skus    map[string]bool // that are looked for
	keys    map[string]bool // of items that are to be read in full: all that have these are read, on both sides
	targets map[string]bool // those of them that items have that are looked for
	looks   []string        // of skus and targets
	alike   *catalog.Sieve  // by looks
	sieved  bool            // sources may leave out what has other looks: all items of a key have one
	parents bool            // there are items that name their parents
	scanned bool            // all keys were looked at
	fetch   bool            // a Fetcher is asked for items, and need not be read to its end

	// Of each side, in the last run: what a Fetcher was asked for. In all runs: whether it was read to its end.
	fetched, told [2]bool

	mu    sync.Mutex
	owns  map[string]bool // keys of items with one of the SKUs
	nears map[string]bool // keys of items that are alike, and of variants: needed to say what an item is that is on one side alone
}

// mostFetched is how many items a Fetcher is asked for at most: for more, reading all is not much more.
const mostFetched = 100

func newFinder(job Job, skus []string) *finder {
	f := &finder{job: job, skus: map[string]bool{}, keys: map[string]bool{}, targets: map[string]bool{}, sieved: job.Program.KeysKeepLooks(),
		owns: map[string]bool{}, nears: map[string]bool{}}
	for _, sku := range skus {
		f.skus[sku] = true
		f.target(sku)
	}
	for _, side := range verdict.Sides {
		if keys, known := job.Program.KeysOf(side, skus); known {
			for i := range skus {
				f.target(keys.At(i))
			}
		}
	}
	for _, column := range job.Program.ParentColumns() {
		f.parents = f.parents || column >= 0
	}
	// Of what is not ASCII a platform may have another form, and of what is blank there is no key.
	f.fetch = job.Program.KeyIsSKU() && len(skus) <= mostFetched && !slices.ContainsFunc(skus, func(sku string) bool { return catalog.Blank(sku) || !catalog.IsASCII(sku) })
	f.look()
	return f
}

func (f *finder) target(key string) {
	if !catalog.Blank(key) {
		f.keys[key], f.targets[key] = true, true
	}
}

// look takes the looks of what is looked for.
func (f *finder) look() {
	looks := map[string]bool{}
	for _, texts := range []map[string]bool{f.skus, f.targets} {
		for text := range texts {
			looks[catalog.Look(text)] = true
		}
	}
	f.looks = slices.Sorted(maps.Keys(looks))
	f.alike = catalog.NewSieve(f.looks)
}

// run reads both sides and pairs what is wanted of them.
func (f *finder) run(ctx context.Context) (*report.Result, error) {
	job := f.job
	for at, side := range [2]*Side{&job.Pos, &job.Store} {
		side.Source = &sifted{source: side.Source, side: verdict.Side(at), of: f}
		if f.wrap != nil {
			side.Source = f.wrap(verdict.Side(at), side.Source)
		}
		if f.told[at] {
			side.Watch = progressOnly{side.Watch} // the rest was told
		}
		from, ok := [2]Source{f.job.Pos.Source, f.job.Store.Source}[at].(Fetcher)
		f.fetched[at] = ok && f.fetch && from.CanFetch(ctx)
		f.told[at] = f.told[at] || !f.fetched[at]
	}
	return Run(ctx, job)
}

// need reports whether something more has to be read to say what the items are that are looked for, which a result has: items whose
// SKU told nothing of their key; and of an item that is on one side alone the variants that make it a parent, and items that are
// alike. It goes on until nothing new comes.
func (f *finder) need(ctx context.Context, result *report.Result) (again bool, err error) {
	for key := range f.owns {
		if !f.targets[key] {
			f.target(key)
			again = true
		}
	}
	if again {
		f.look()
		return true, nil
	}
	if f.fetched != [2]bool{} {
		settled, err := f.paired(result)
		f.fetch = false // what is needed of the others takes everything
		return !settled, err
	}
	alone, orphans, err := f.alone(result)
	if err != nil || !alone {
		return false, err
	}
	if again = f.add(); again || f.scanned {
		return again, nil
	}
	f.scanned = true
	err = f.scan(ctx, orphans)
	return f.add(), err
}

// paired reports whether all items that are looked for are pairs. Of these nothing more is to be known; but who is on one side alone is
// known only when the other was read to its end.
func (f *finder) paired(result *report.Result) (bool, error) {
	open := maps.Clone(f.targets)
	for it, err := range result.Items {
		if err != nil {
			return false, err
		}
		row := it.Row(it.Side())
		if it.Status != verdict.Matched || !row.Has() {
			continue
		}
		delete(open, f.job.Program.Keys(it.Side(), row.Batch).At(row.I))
	}
	return len(open) == 0, nil
}

// add adds what was found to be needed to what is read. It reports whether that is anything new.
func (f *finder) add() (some bool) {
	for key := range f.nears {
		some = some || !f.keys[key]
		f.keys[key] = true
	}
	return some
}

// alone reports whether an item that is looked for is on one side alone. orphans are the keys of those that are not parents.
func (f *finder) alone(result *report.Result) (some bool, orphans []string, err error) {
	for it, err := range result.Items {
		if err != nil {
			return false, nil, err
		}
		if it.Status != verdict.PosOnly && it.Status != verdict.StoreOnly {
			continue
		}
		row := it.Row(it.Side())
		key := f.job.Program.Keys(it.Side(), row.Batch).At(row.I)
		if !f.targets[key] {
			continue
		}
		if some = true; !it.Parent {
			orphans = append(orphans, strings.Clone(key))
		}
	}
	return some, orphans, nil
}

// scan looks for keys of which a spreadsheet may have made one of these, or the other way round: their SKUs have other looks.
func (f *finder) scan(ctx context.Context, of []string) error {
	of = slices.DeleteFunc(of, func(key string) bool { return !near.MayBeRewritten(key) })
	if len(of) == 0 {
		return nil
	}
	job := f.job
	job.Pos.Watch, job.Store.Watch = progressOnly{job.Pos.Watch}, progressOnly{job.Store.Watch}
	_, err := EachKey(ctx, job, func(_ verdict.Side, _, key string) {
		for _, other := range of {
			if near.Rewritten(other, key) {
				f.note(f.nears, key)
			}
		}
	})
	return err
}

func (f *finder) note(in map[string]bool, key string) {
	if catalog.Blank(key) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !in[key] {
		in[strings.Clone(key)] = true // the text is the batch's
	}
}

// wants reports whether an item is to be paired.
func (f *finder) wants(sku, key, parent, parentKey string) bool {
	wanted := f.keys[key]
	if f.skus[sku] {
		f.note(f.owns, key)
		wanted = true
	}
	if key != "" && (f.alike.Has(sku) || f.alike.Has(key)) {
		if !f.sieved { // otherwise all of that key are here
			f.note(f.nears, key)
		}
		wanted = true
	}
	if f.parents && !catalog.Blank(parent) && (f.keys[parentKey] || f.alike.Has(parent)) {
		f.note(f.nears, key)
		wanted = true
	}
	return wanted
}

// sifted is a Source of which only those items are handed on that a finder wants.
type sifted struct {
	source Source
	side   verdict.Side
	of     *finder
}

// Read implements Source.
func (s *sifted) Read(ctx context.Context, asked *catalog.Schema, watch ReadWatcher, sink func(*catalog.Batch) error) (Read, error) {
	var rows []int
	return s.read(ctx, asked, siftedWatcher{watch, s}, func(b *catalog.Batch) error {
		rows = s.rows(rows[:0], b)
		switch len(rows) {
		case 0:
			b.Release()
			return nil
		case b.Len():
			return sink(b)
		}
		few := b.Take(rows)
		b.Release()
		return sink(few)
	})
}

// read reads the source, without what it can leave out by itself.
func (s *sifted) read(ctx context.Context, asked *catalog.Schema, watch ReadWatcher, sink func(*catalog.Batch) error) (Read, error) {
	if s.of.fetched[s.side] {
		return s.source.(Fetcher).Fetch(ctx, asked, slices.Sorted(maps.Keys(s.of.keys)), watch, sink)
	}
	from, ok := s.source.(Finder)
	if !ok || !s.of.sieved {
		return s.source.Read(ctx, asked, watch, sink)
	}
	looks := map[string]bool{}
	for _, look := range s.of.looks {
		looks[look] = true
	}
	for key := range s.of.keys {
		looks[catalog.Look(key)] = true
	}
	return from.Find(ctx, asked, slices.Sorted(maps.Keys(looks)), watch, sink)
}

// rows appends the places of the items that are wanted.
func (s *sifted) rows(rows []int, b *catalog.Batch) []int {
	program := s.of.job.Program
	keys := program.KeysByName(s.side, b)
	skus := textColumn(b, b.Schema().Index("sku"))
	parents := textColumn(b, -1)
	if program.ParentColumns()[s.side] >= 0 {
		parents = textColumn(b, b.Schema().Index("parent_sku"))
	}
	var parentKeys *catalog.Strings
	if parents != nil {
		list := make([]string, b.Len())
		for i := range list {
			list[i] = parents.At(i)
		}
		parentKeys, _ = program.KeysOf(s.side, list)
	}
	for i := range b.Len() {
		var sku, parent, parentKey string
		if skus != nil {
			sku = skus.At(i)
		}
		if parentKeys != nil {
			parent, parentKey = parents.At(i), parentKeys.At(i)
		}
		if s.of.wants(sku, keys.At(i), parent, parentKey) {
			rows = append(rows, i)
		}
	}
	return rows
}

func textColumn(b *catalog.Batch, at int) *catalog.Strings {
	if at < 0 {
		return nil
	}
	texts, _ := b.Column(at).(*catalog.Strings)
	return texts
}

// siftedWatcher hands on the items that could not be read as the others are handed on.
type siftedWatcher struct {
	ReadWatcher
	of *sifted
}

// Unreadable implements ReadWatcher.
func (w siftedWatcher) Unreadable(items []catalog.Unreadable) error {
	skus := make([]string, len(items))
	for i, it := range items {
		skus[i] = it.SKU
	}
	f := w.of.of
	keys, known := f.job.Program.KeysOf(w.of.side, skus)
	if !known {
		return w.ReadWatcher.Unreadable(items) // any of them may be one that is looked for
	}
	var wanted []catalog.Unreadable
	for i, it := range items {
		if key := keys.At(i); key == "" || f.wants(it.SKU, key, "", "") {
			wanted = append(wanted, it)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	return w.ReadWatcher.Unreadable(wanted)
}

// progressOnly tells of a read that was told of before.
type progressOnly struct{ Watcher }

func (progressOnly) Warning(string) {}
func (progressOnly) Notice(string)  {}

// EachKey reads the SKUs and keys of both sides to their ends, and nothing else of them. It calls each with those of every item,
// unreadable ones among them, those of a side in their order, but those of both sides at once. The texts are good until each returns.
func EachKey(ctx context.Context, job Job, each func(side verdict.Side, sku, key string)) (reads [2]Read, err error) {
	group, ctx := errgroup.WithContext(ctx)
	for _, side := range verdict.Sides {
		from := []Side{job.Pos, job.Store}[side]
		group.Go(fault.CaughtError(func() (err error) {
			reads[side], err = from.Source.Read(ctx, job.Program.KeyFields(side), keyWatcher{from.Watch, job, side, each}, func(b *catalog.Batch) error {
				defer b.Release()
				keys, skus := job.Program.KeysByName(side, b), textColumn(b, b.Schema().Index("sku"))
				for i := range b.Len() {
					sku := ""
					if skus != nil {
						sku = skus.At(i)
					}
					each(side, sku, keys.At(i))
				}
				return nil
			})
			return err
		}))
	}
	return reads, group.Wait()
}

// keyWatcher hands on the SKUs of items that could not be read.
type keyWatcher struct {
	Watcher
	job  Job
	side verdict.Side
	each func(side verdict.Side, sku, key string)
}

// Unreadable implements ReadWatcher.
func (w keyWatcher) Unreadable(items []catalog.Unreadable) error {
	for _, it := range items {
		key := ""
		if keys, known := w.job.Program.KeysOf(w.side, []string{it.SKU}); known {
			key = keys.At(0)
		}
		w.each(w.side, it.SKU, key)
	}
	return nil
}
