package rules

import (
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// outlookTable has the program's outlooks. Pairs of which the same is known share one, which is made when the first of
// them comes.
type outlookTable struct {
	settler *expr.Settler
	about   []int // the rules that are about pairs
	applies []int // by rule: the settler's number of the condition whether it applies; -1: to every item
	doubts  []int // those of them that have a doubt
	doubted []int // the settler's numbers of these doubts

	mu    sync.Mutex
	known map[verdict.Known]*Outlook
	list  []*Outlook // by number
}

// Outlook is what the rules come to for all pairs of which the same is known.
type Outlook struct {
	// Settled says that no rule applies and is true, whatever else the pair has: every cell is S or '-', and there is nothing
	// to evaluate.
	Settled bool
	// Decided says that the pairs have the same cells, some of which may be N, and that there is nothing to evaluate.
	Decided bool
	Number  int32 // which the program gave it, from 0 up; -1: none, as nothing is known of the pairs

	truths []verdict.Truth // by rule; of open ones whatever
	open   []int           // the rules to evaluate, places in Program.Rules
	doubts []int           // the rules whose doubts to evaluate
	plain  bool            // settled, and every cell about pairs is S
	reads  [2][]bool       // by side: the columns that evaluating what is left may read; nil: any
}

// Reads returns which columns of a side EvaluateOpen may read of pairs with the outlook, by their places in its schema; nil: any.
func (o *Outlook) Reads(side verdict.Side) []bool { return o.reads[side] }

// readsOf returns which columns evaluating what an outlook leaves may read.
func (p *Program) readsOf(o *Outlook) (reads [2][]bool) {
	schemas := [2]*catalog.Schema{p.Pos, p.Store}
	for side, schema := range schemas {
		reads[side] = make([]bool, schema.Len())
	}
	read := func(e *expr.Expr) {
		if e == nil {
			return
		}
		for _, f := range e.Fields() {
			if at := schemas[f.Side].Index(f.Field); at >= 0 {
				reads[f.Side][at] = true
			}
		}
	}
	for i, truth := range o.truths {
		if truth == verdict.True && p.mayIntend[i] {
			return [2][]bool{} // a block may ask for any field
		}
	}
	for _, i := range o.open {
		if p.mayIntend[i] {
			return [2][]bool{}
		}
		read(p.Rules[i].when)
		read(p.Rules[i].applies)
	}
	for _, i := range o.doubts {
		read(p.Rules[i].doubt)
	}
	return reads
}

// decided reports whether nothing is left to be said of pairs with the outlook: no rule is open, no doubt speaks for or against one that is
// true, and no intentional block may be about one.
func (p *Program) decided(o *Outlook) bool {
	if len(o.open) > 0 || len(o.doubts) > 0 {
		return false
	}
	for i, truth := range o.truths {
		if truth == verdict.True && (p.Rules[i].doubt != nil || p.mayIntend[i]) {
			return false
		}
	}
	return true
}

// mostOutlooks bounds what is kept: catalogues can differ in every way that there is.
const mostOutlooks = 1 << 14

// twins returns the columns whose values are compared once for all rules: the key, where it is a plain field, then those
// that conditions compare, then those of one name and type on both sides.
func (p *Program) twins(s *expr.Settler) []expr.Twin {
	var twins []expr.Twin
	var taken [2]map[int]bool
	taken[verdict.Pos], taken[verdict.Store] = map[int]bool{}, map[int]bool{}
	add := func(a, b int) {
		if a < 0 || b < 0 || taken[verdict.Pos][a] || taken[verdict.Store][b] || len(twins) == verdict.MaxTwins ||
			p.Pos.Field(a).Type != p.Store.Field(b).Type {
			return
		}
		taken[verdict.Pos][a], taken[verdict.Store][b] = true, true
		twins = append(twins, expr.Twin{a, b})
	}
	if p.KeyIsSKU() {
		add(p.Pos.Index("sku"), p.Store.Index("sku"))
	}
	for _, t := range s.Compared() {
		add(t[verdict.Pos], t[verdict.Store])
	}
	for i, name := range p.Pos.Names() {
		add(i, p.Store.Index(name))
	}
	return twins
}

func (p *Program) newOutlook() *outlookTable {
	conditions := make([]*expr.Expr, len(p.Rules))
	o := &outlookTable{known: map[verdict.Known]*Outlook{}, applies: make([]int, len(p.Rules))}
	for i := range p.Rules {
		conditions[i], o.applies[i] = p.Rules[i].when, -1
		if applies := p.Rules[i].applies; applies != nil {
			o.applies[i] = len(conditions)
			conditions = append(conditions, applies)
		}
		if p.Rules[i].On == verdict.Matched {
			o.about = append(o.about, i)
		}
	}
	for _, i := range o.about {
		if doubt := p.Rules[i].doubt; doubt != nil {
			o.doubts, o.doubted = append(o.doubts, i), append(o.doubted, len(conditions))
			conditions = append(conditions, doubt)
		}
	}
	o.settler = expr.NewSettler(conditions)
	o.settler.Choose(p.twins(o.settler))
	return o
}

// of returns the outlook of pairs of which k is known; nil if that would be one too many to keep.
func (o *outlookTable) of(p *Program, k *verdict.Known) *Outlook {
	o.mu.Lock()
	defer o.mu.Unlock()
	if found, ok := o.known[*k]; ok {
		return found
	}
	if len(o.known) >= mostOutlooks {
		return nil
	}
	made := &Outlook{truths: make([]verdict.Truth, len(p.Rules)), Settled: true, plain: true}
	for i := range made.truths {
		made.truths[i] = verdict.Absent
	}
	for _, i := range o.about {
		switch truth := o.settle(i, k); truth {
		case verdict.False:
			made.truths[i] = verdict.False
			continue
		case verdict.True:
			made.truths[i], made.Settled = verdict.True, false
		case verdict.Null, verdict.Exempt:
			made.truths[i] = truth
		case verdict.Open:
			made.open, made.Settled = append(made.open, i), false
		}
		made.plain = false
	}
	for n, i := range o.doubts {
		if truth := o.settler.Settle(o.doubted[n], k); made.truths[i] != verdict.Exempt && (truth == verdict.True || truth == verdict.Open) {
			made.doubts, made.Settled, made.plain = append(made.doubts, i), false, false
		}
	}
	made.Decided, made.reads = p.decided(made), p.readsOf(made)
	made.Number = int32(len(o.list))
	o.known[*k], o.list = made, append(o.list, made)
	return made
}

// settle returns what a rule comes to, Open if that is not known.
func (o *outlookTable) settle(rule int, k *verdict.Known) verdict.Truth {
	if at := o.applies[rule]; at >= 0 {
		switch o.settler.Settle(at, k) {
		case verdict.Open:
			return verdict.Open
		case verdict.Null:
			return verdict.Null
		case verdict.False:
			return verdict.Exempt
		}
	}
	return o.settler.Settle(rule, k)
}

// OutlookOf returns the outlook that has the number.
func (p *Program) OutlookOf(number int32) *Outlook {
	p.outlook.mu.Lock()
	defer p.outlook.mu.Unlock()
	return p.outlook.list[number]
}

// KeyIsSKU reports whether items are paired by their field sku as it stands.
func (p *Program) KeyIsSKU() bool { return p.keys[verdict.Pos] == nil && p.keys[verdict.Store] == nil }

// Twins returns columns of the two sides, each in one pair only, whose values are worth comparing for every pair of
// items; if KeyIsSKU, the first are those of sku.
func (p *Program) Twins() []expr.Twin { return p.outlook.settler.Twins() }

// outlookCache is what an evaluator asked the table for last. It is the evaluator's own, so it needs no lock.
type outlookCache struct {
	program *Program
	slots   [256]struct {
		known verdict.Known
		found *Outlook
	}
}

func (c *outlookCache) of(k *verdict.Known) *Outlook {
	h := k.Equal*0x9e3779b97f4a7c15 ^ k.Null*0xc2b2ae3d27d4eb4f ^ k.Differ*0xff51afd7ed558ccd ^ uint64(k.Tests[0])*0x165667b19e3779f9 ^ uint64(k.Tests[1])*0xd6e8feb86659fd93
	slot := &c.slots[h>>56]
	if slot.found == nil || slot.known != *k {
		found := c.program.outlook.of(c.program, k)
		if found == nil {
			return c.program.unknown
		}
		slot.known, slot.found = *k, found
	}
	return slot.found
}

// unknownOutlook is that of pairs of which nothing is known.
func (p *Program) unknownOutlook() *Outlook {
	o := &Outlook{truths: make([]verdict.Truth, len(p.Rules)), open: p.outlook.about, doubts: p.outlook.doubts, Number: -1}
	for i := range o.truths {
		o.truths[i] = verdict.Absent
	}
	return o
}

// UnknownOutlook returns the outlook of pairs of which nothing is known.
func (p *Program) UnknownOutlook() *Outlook { return p.unknown }

// Tests evaluates the program's tests of a side, which are parts of conditions that read no other side, on all items of a
// batch. It appends a value for each item to dst: the bits of verdict.Known.Tests.
func (e *Evaluator) Tests(dst []uint32, side verdict.Side, batch *catalog.Batch) []uint32 {
	first := len(dst)
	for range batch.Len() {
		dst = append(dst, 0)
	}
	tests := e.program.tests[side]
	if len(tests) == 0 || batch.Len() == 0 {
		return dst
	}
	e.setRow(side, batch, 0)
	for t, test := range tests {
		for i := range batch.Len() {
			e.frame.SetRow(side, i)
			dst[first+i] |= verdict.TestBits(t, verdict.TruthOf(test.Bool(&e.frame)))
		}
	}
	return dst
}

// Outlook returns what is to be said of pairs of which k is known.
func (e *Evaluator) Outlook(k *verdict.Known) *Outlook { return e.outlooks.of(k) }

// Cells returns the cells of a pair whose outlook is Decided, by rule, and whether all rules about pairs read S. The slice
// is overwritten by the evaluator's next call.
func (e *Evaluator) Cells(o *Outlook) (cells []Cell, synchronized bool) {
	copy(e.truths, o.truths)
	e.explain()
	e.setCells("", [2]bool{true, true}, o.plain)
	return e.cells, o.plain
}
