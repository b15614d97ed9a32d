package engine

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/match"
	"github.com/reconcilehq/reconcile/engine/near"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/spool"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// shared is what all workers share. They only read it, except outcomes and spool, which lock themselves.
type shared struct {
	job      Job
	layout   *row.Layout
	intents  []*report.Intent // by index in Program.Intentional
	outcomes *outcomes
	spool    *spool.Spool
	pool     *chunk.Pool // of the spool's memory, and the matcher's
	parents  *parents    // nil where no side names any

	otherMoney map[int]bool // by place in Program.Intentional: what is pinned to prices in other currencies than those of today
}

// evaluate evaluates the rules on what was paired, and fills in the result's summary and items.
func (s *shared) evaluate(ctx context.Context, matcher *match.Matcher, keys [2]*near.Side, result *report.Result) error {
	var workers []*worker
	var visitors []match.Worker
	for range runtime.GOMAXPROCS(0) {
		w := newWorker(s)
		workers = append(workers, w)
		visitors = append(visitors, match.Worker{Visitor: w, Judge: judge(w.evaluator)})
	}
	if err := matcher.Finish(ctx, visitors); err != nil {
		return err
	}
	result.Summary = newSummary(len(s.job.Program.Rules))
	var closing errgroup.Group
	for _, w := range workers {
		closing.Go(fault.CaughtError(w.close))
	}
	if err := closing.Wait(); err != nil {
		return err
	}
	fault.Go(s.pool.LetGo)
	var unpaired near.Unpaired
	for _, w := range workers {
		add(&result.Summary, &w.summary)
		unpaired.Merge(&w.unpaired)
	}
	result.Near = unpaired.Find(keys)
	result.Doubts = doubts(workers)
	found, err := s.parents.find(len(workers))
	if err != nil {
		return err
	}
	for side, n := range found {
		result.Summary.Parents[verdict.Side(side).Only()] = n
	}
	s.outcomes.count(&result.Summary)
	s.unused(result)
	return ctx.Err()
}

// unused adds the intentional blocks that made nothing intentional to the result, if some item is on both sides: another shop's
// export says nothing of them.
func (s *shared) unused(result *report.Result) {
	if result.Summary.Status[verdict.Matched] == 0 {
		return // nobody knows what they would have been about
	}
	used := map[*report.Intent]bool{}
	for _, o := range s.outcomes.list {
		if o.matched+o.others == 0 {
			continue
		}
		for _, in := range o.Intents {
			used[in] = true
		}
		if o.Intended != nil {
			used[o.Intended] = true
		}
	}
	for i, in := range s.intents {
		if of := &s.job.Program.Intentional[i]; !used[in] && !of.BuiltIn() {
			in.Place = of.Place()
			result.Unused = append(result.Unused, in)
		}
	}
}

func intents(p *rules.Program) []*report.Intent {
	room := make([]report.Intent, len(p.Intentional))
	list := make([]*report.Intent, len(p.Intentional))
	for i, in := range p.Intentional {
		room[i] = report.Intent{Name: in.Name, Reason: in.Reason, Owner: in.Owner}
		list[i] = &room[i]
	}
	return list
}

// batchSize is the number of items that a worker evaluates at a time.
const batchSize = 1024

// worker evaluates the pairs and items that pairing found, and spools those that will be reported. It implements
// match.Visitor.
type worker struct {
	*shared
	evaluator *rules.Evaluator
	spooled   *spool.Writer
	summary   report.Summary
	counts    *outcomeCounts
	decided   []int   // by outlook: how many pairs it decided without an evaluation
	known     []known // by outlook: what is known of these

	unpaired near.Unpaired
	parents  *parentFinder
	brief    []byte // of the item that was kept last

	pairs   pending // pairs to evaluate
	views   [2]*row.View
	singles [2]pending // items that are not matched, with rules about them
}

// pending are items that wait until batchSize of them can be evaluated as columns.
type pending struct {
	items    []spool.Item
	bytes    []byte // of their rows
	spans    [][2]int
	outlooks []*rules.Outlook // of pairs
	decoders [2]*row.Decoder
}

func newWorker(s *shared) *worker {
	w := &worker{shared: s, evaluator: s.job.Program.NewEvaluator(), spooled: s.spool.Writer(), summary: newSummary(len(s.job.Program.Rules)),
		counts: s.outcomes.newCounts(), parents: s.parents.finder(), views: newViewsOf(s.layout)}
	w.evaluator.Ignore(s.otherMoney)
	for _, p := range []*pending{&w.pairs, &w.singles[0], &w.singles[1]} {
		p.decoders = [2]*row.Decoder{s.layout.Sides[0].NewDecoder(), s.layout.Sides[1].NewDecoder()}
	}
	return w
}

// lists reports whether the result lists matched items that have an outcome.
func (w *worker) lists(outcome int32) bool {
	o := w.counts.list[outcome]
	return w.job.All || o.Worst() != verdict.Synchronized || w.job.Unchecked && o.Class == verdict.Unchecked
}

// Visit implements match.Visitor.
func (w *worker) Visit(e *match.Entry) error {
	it := spool.Item{Status: e.Status, Outcome: -1, Ordinals: e.Ordinal, Rows: e.Item}
	if e.Status == verdict.Matched {
		if w.parents != nil {
			e.Whole()
			if err := w.parents.pair(e.Item); err != nil {
				return err
			}
		}
		if e.Outlook == match.Undecided {
			return w.openPair(e, &it, w.job.Program.UnknownOutlook())
		}
		k := w.of(e.Outlook)
		if k.open != nil {
			return w.openPair(e, &it, k.open)
		}
		return w.decidedPair(e, &it, k)
	}
	side := e.Side()
	w.summary.Items++
	w.summary.Status[it.Status]++
	for side, row := range e.Item {
		if row != nil {
			w.summary.Rows[it.Status][side]++
		}
		if e.Unreadable[side] {
			it.Unreadable[side], it.Rows[side] = true, match.Content(row)
			if it.Status == verdict.Unreadable {
				w.summary.Unreadable[side]++
			}
		}
	}
	if it.Unreadable == [2]bool{} {
		switch it.Status {
		case verdict.PosOnly, verdict.StoreOnly:
			w.unpaired.Only(side, w.layout.Sides[side].Key(e.Item[side]))
		case verdict.Duplicate:
			w.unpaired.Duplicate(side, w.layout.Sides[side].Key(e.Item[side]))
		}
	}
	if it.Unreadable != [2]bool{} {
		return w.spooled.Add(&it) // no rule can be evaluated on it
	}
	if !w.job.Program.About(it.Status) && !w.job.Program.Intends(it.Status) {
		if err := w.candidate(&it); err != nil {
			return err
		}
		return w.spooled.Add(&it)
	}
	singles := &w.singles[side]
	singles.add(&it)
	if len(singles.items) == batchSize {
		return w.evaluateSingles(side)
	}
	return nil
}

// add takes an item; it copies its rows.
func (p *pending) add(it *spool.Item) {
	for side, row := range it.Rows {
		if row != nil {
			p.decoders[side].Add(row)
		}
	}
	p.copy(it)
}

// copy takes an item that the decoders have; it copies its rows.
func (p *pending) copy(it *spool.Item) {
	var ends [2]int
	for side, row := range it.Rows {
		p.bytes = append(p.bytes, row...)
		ends[side] = len(p.bytes)
	}
	p.items, p.spans = append(p.items, *it), append(p.spans, ends)
}

// rows points the items to their copied rows. Call it when all items were added.
func (p *pending) rows() {
	from := 0
	for i := range p.items {
		for side, end := range p.spans[i] {
			if p.items[i].Rows[side] != nil {
				p.items[i].Rows[side] = p.bytes[from:end]
			}
			from = end
		}
	}
}

func (p *pending) clear() {
	p.items, p.bytes, p.spans, p.outlooks = p.items[:0], p.bytes[:0], p.spans[:0], p.outlooks[:0]
}

func (w *worker) evaluatePairs() (err error) {
	p := &w.pairs
	p.rows()
	key := func(i int) string {
		whole := verdict.Pos
		if p.items[i].Rest[whole] {
			whole = whole.Other()
		}
		return w.layout.Sides[whole].Key(p.items[i].Rows[whole])
	}
	w.evaluator.EvaluateOpen(p.decoders[0].Batch(), p.decoders[1].Batch(), p.outlooks, key, func(i int, cells []rules.Cell, synchronized bool) {
		it := &p.items[i]
		it.Outcome = w.internOutcome(cells, synchronized)
		w.counts.matched[it.Outcome]++
		if err == nil && w.lists(it.Outcome) {
			err = w.keepMatched(it)
		}
	})
	w.summary.Items += len(p.items)
	w.summary.Status[verdict.Matched] += len(p.items)
	p.clear()
	return err
}

func (w *worker) evaluateSingles(side verdict.Side) error {
	p := &w.singles[side]
	p.rows()
	batch := p.decoders[side].Batch()
	for i := range p.items {
		it := &p.items[i]
		key := w.layout.Sides[side].Key(it.Rows[side])
		intended := w.evaluator.Intended(it.Status, side, batch, i, key)
		if intended >= 0 || w.job.Program.About(it.Status) {
			cells, synchronized := w.evaluator.EvaluateOne(it.Status, side, batch, i, key)
			it.Outcome = w.internSingle(cells, synchronized, intended)
			w.counts.others[it.Outcome]++
			if it.Status == side.Only() && w.counts.list[it.Outcome].Class == verdict.Unchecked {
				w.summary.UncheckedSingles++
			}
		}
		if intended >= 0 {
			w.summary.Intended[it.Status]++
			if o := w.counts.list[it.Outcome]; !w.job.All && o.Worst() != verdict.NotSynchronized && !(w.job.Unchecked && o.Class == verdict.Unchecked) {
				continue
			}
		} else if err := w.candidate(it); err != nil {
			return err
		}
		if err := w.spooled.Add(it); err != nil {
			return err
		}
	}
	p.clear()
	return nil
}

// candidate notes that an item of one side may be a parent. One that is meant to be needs no other reason.
func (w *worker) candidate(it *spool.Item) error {
	if it.Status != verdict.PosOnly && it.Status != verdict.StoreOnly {
		return nil
	}
	side := verdict.Pos
	if it.Status == verdict.StoreOnly {
		side = verdict.Store
	}
	return w.parents.candidate(side, w.layout.Sides[side].Key(it.Rows[side]), it.Ordinals[side])
}

// close evaluates what is pending, closes the spool's writer, and adds the worker's counts to those of all.
func (w *worker) close() error {
	if err := w.evaluatePairs(); err != nil {
		return err
	}
	for _, side := range verdict.Sides {
		if err := w.evaluateSingles(side); err != nil {
			return err
		}
	}
	for number, n := range w.decided {
		if n > 0 {
			outcome := w.of(int32(number)).outcome
			w.counts.matched[outcome] += n
			w.summary.Items += n
			w.summary.Status[verdict.Matched] += n
		}
	}
	w.spooled.Close()
	w.counts.close()
	return w.parents.flush()
}

// internOutcome interns the cells of the pair that was evaluated last, and returns the index of their outcome.
func (w *worker) internOutcome(cells []rules.Cell, synchronized bool) int32 {
	return w.counts.intern(cells, !synchronized || w.job.Program.Mixed(), -1, func() *report.Outcome { return w.outcome(cells, synchronized) })
}

// internSingle is like internOutcome for an item that is not matched. intended is the place of the block that says that it is
// meant to be; -1 if none does.
func (w *worker) internSingle(cells []rules.Cell, synchronized bool, intended int) int32 {
	return w.counts.intern(cells, true, intended, func() *report.Outcome {
		o := w.outcome(cells, synchronized)
		if intended >= 0 {
			o.Intended = w.intents[intended]
		}
		return o
	})
}

// outcome makes an outcome of the cells that were evaluated last.
func (w *worker) outcome(cells []rules.Cell, synchronized bool) *report.Outcome {
	o := &report.Outcome{Cells: make([]verdict.Cell, len(cells)), Intents: make([]*report.Intent, len(cells)), Class: w.job.Program.Class(cells)}
	for i, c := range cells {
		o.Cells[i] = c.State
		if c.Unknown {
			if o.Unknown == nil {
				o.Unknown = make([]bool, len(cells))
			}
			o.Unknown[i] = true
		}
		if c.Intent >= 0 {
			o.Intents[i] = w.intents[c.Intent]
		}
		if synchronized {
			continue
		}
		if explained := w.evaluator.Explains(i); explained != nil {
			if o.Explains == nil {
				o.Explains = make([][]int, len(cells))
			}
			o.Explains[i] = explained
		}
	}
	return o
}
