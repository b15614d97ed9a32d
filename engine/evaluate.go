package engine

import (
	"context"
	"runtime"
	"sync"

	"github.com/reconcilehq/reconcile/engine/match"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules"
)

// evaluate pairs the items, evaluates the rules on each pair, and fills in the result's items and summary.
func evaluate(ctx context.Context, job Job, pos, store *catalogue, result *report.Result) {
	pairing := store.index.Pair(pos.keys)
	shared := &shared{job: job, pos: pos, store: store, pairing: pairing, intents: intents(job.Program)}

	// Batches of the pos side are evaluated side by side; their parts are put together in its order.
	parts := make([]*part, len(pos.batches))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		workers.Go(func() {
			evaluator := job.Program.NewEvaluator()
			for b := range next {
				parts[b] = newPart(shared, evaluator)
				if ctx.Err() == nil {
					parts[b].posBatch(b)
				}
			}
		})
	}
	for b := range parts {
		next <- b
	}
	close(next)
	workers.Wait()

	rest := newPart(shared, job.Program.NewEvaluator())
	rest.storeOnly()
	result.Summary = newSummary(len(job.Program.Rules))
	used := make([]bool, len(shared.intents))
	for _, p := range append(parts, rest) {
		result.Items = append(result.Items, p.items...)
		p.count()
		add(&result.Summary, &p.summary)
		for i, u := range p.evaluator.Used() {
			used[i] = used[i] || u
		}
	}
	for i, in := range shared.intents {
		if !used[i] && !job.Program.Intentional[i].BuiltIn() {
			in.Place = job.Program.Intentional[i].Place()
			result.Unused = append(result.Unused, in)
		}
	}
}

// shared is what all parts read and none changes.
type shared struct {
	job        Job
	pos, store *catalogue
	pairing    *match.Pairing
	intents    []*report.Intent // by place in Program.Intentional
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

// part is the outcome for some of the items.
type part struct {
	*shared
	evaluator *rules.Evaluator
	items     []report.Item
	summary   report.Summary
	outcomes  map[string]*counted // by what the rules said, so that like items share one
	said      []byte
}

// counted is an outcome with how many items have it.
type counted struct {
	report.Outcome
	matched, others int
}

func newPart(s *shared, e *rules.Evaluator) *part {
	return &part{shared: s, evaluator: e, summary: newSummary(len(s.job.Program.Rules)), outcomes: map[string]*counted{}}
}

// posBatch takes the items of one batch of the pos side.
func (p *part) posBatch(b int) {
	batch := p.pos.batches[b]
	for i := range batch.Len() {
		row := report.Row{Batch: batch, I: i}
		switch outcome, partner := p.pairing.Pos(match.Row{Batch: int32(b), I: int32(i)}); outcome {
		case match.NoKey:
			p.unmatched(report.Item{Status: report.NoKey, Pos: row}, "")
		case match.Duplicate:
			p.unmatched(report.Item{Status: report.Duplicate, Pos: row}, p.pos.keys[b].At(i))
		case match.Single:
			p.unmatched(report.Item{Status: report.PosOnly, Pos: row}, p.pos.keys[b].At(i))
		case match.Paired:
			p.matched(row, report.Row{Batch: p.store.batches[partner.Batch], I: int(partner.I)}, p.pos.keys[b].At(i))
		}
	}
}

// storeOnly takes those items of the store side that no pair has.
func (p *part) storeOnly() {
	for b, batch := range p.store.batches {
		for i := range batch.Len() {
			row := report.Row{Batch: batch, I: i}
			switch p.pairing.Store(match.Row{Batch: int32(b), I: int32(i)}) {
			case match.NoKey:
				p.unmatched(report.Item{Status: report.NoKey, Store: row}, "")
			case match.Duplicate:
				p.unmatched(report.Item{Status: report.Duplicate, Store: row}, p.store.keys[b].At(i))
			case match.Single:
				p.unmatched(report.Item{Status: report.StoreOnly, Store: row}, p.store.keys[b].At(i))
			}
		}
	}
}

// about says which rules are about items of a status.
var about = map[report.Status]rules.On{report.PosOnly: rules.OnPosOnly, report.StoreOnly: rules.OnStoreOnly, report.Duplicate: rules.OnDuplicate}

// unmatched takes an item that is on one side, which its Pos or Store row says.
func (p *part) unmatched(it report.Item, key string) {
	p.summary.Items++
	p.summary.Status[it.Status]++
	if on, ok := about[it.Status]; ok && p.job.Program.About(on) {
		side, row := 0, it.Pos
		if it.Store.Has() {
			side, row = 1, it.Store
		}
		cells, synchronized := p.evaluator.EvaluateOne(on, side, row.Batch, row.I, key)
		o := p.outcome(cells, synchronized)
		o.others++
		it.Outcome = &o.Outcome
	}
	p.items = append(p.items, it)
}

func (p *part) matched(pos, store report.Row, key string) {
	cells, synchronized := p.evaluator.Evaluate(pos.Batch, pos.I, store.Batch, store.I, key)
	p.summary.Items++
	p.summary.Status[report.Matched]++
	outcome := p.outcome(cells, synchronized)
	outcome.matched++
	if p.job.All || !synchronized && outcome.Worst() != report.Synchronized {
		p.items = append(p.items, report.Item{Status: report.Matched, Pos: pos, Store: store, Outcome: &outcome.Outcome})
	}
}

// outcome returns what the report keeps of the cells, shared with other items of which the rules said the same.
func (p *part) outcome(cells []rules.Cell, synchronized bool) *counted {
	p.said = p.said[:0]
	if !synchronized || p.job.Program.Mixed() {
		for _, c := range cells {
			explained := byte(0)
			if c.Explained {
				explained = 1
			}
			p.said = append(p.said, c.State, explained, byte(c.Intent), byte(c.Intent>>8), byte(c.Intent>>16))
		}
	}
	if o, ok := p.outcomes[string(p.said)]; ok {
		return o
	}
	o := &counted{Outcome: report.Outcome{Cells: make([]report.Cell, len(cells)), Intents: make([]*report.Intent, len(cells))}}
	for i, c := range cells {
		o.Cells[i] = report.Cell(c.State)
		if c.Intent >= 0 {
			o.Intents[i] = p.intents[c.Intent]
		}
		if explained := p.explains(i, synchronized); explained != nil {
			if o.Explains == nil {
				o.Explains = make([][]int, len(cells))
			}
			o.Explains[i] = explained
		}
	}
	p.outcomes[string(p.said)] = o
	return o
}

func (p *part) explains(rule int, synchronized bool) []int {
	if synchronized {
		return nil
	}
	return p.evaluator.Explains(rule)
}

// count adds what was counted by outcome to the summary.
func (p *part) count() {
	for _, o := range p.outcomes {
		if o.Worst() == report.NotSynchronized {
			p.summary.NotSynchronized += o.matched
		} else {
			p.summary.Synchronized += o.matched
		}
		n := o.matched + o.others
		for i, c := range o.Cells {
			if c != report.NotThere {
				p.summary.Rules[i][c] += n
			}
		}
		for i, explained := range o.Explains {
			for _, other := range explained {
				p.summary.Explained[other][i] += n
			}
		}
	}
}

func newSummary(columns int) report.Summary {
	s := report.Summary{Rules: make([]map[report.Cell]int, columns), Explained: make([]map[int]int, columns)}
	for i := range columns {
		s.Rules[i], s.Explained[i] = map[report.Cell]int{}, map[int]int{}
	}
	return s
}

// add adds the counts of one summary to another.
func add(to, from *report.Summary) {
	to.Items += from.Items
	to.Synchronized += from.Synchronized
	to.NotSynchronized += from.NotSynchronized
	for i, n := range from.Status {
		to.Status[i] += n
	}
	for i := range from.Rules {
		for c, n := range from.Rules[i] {
			to.Rules[i][c] += n
		}
		for by, n := range from.Explained[i] {
			to.Explained[i][by] += n
		}
	}
}
