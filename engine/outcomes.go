package engine

import (
	"sync"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// outcomes are what the rules said of items: those of which they said the same share an outcome.
type outcomes struct {
	mu     sync.Mutex
	places map[string]int32 // by what was said
	list   []*counted
}

// counted is an outcome with how many items have it.
type counted struct {
	*report.Outcome
	matched, others int
}

// saying is one goroutine's view of the outcomes, with its own counts.
type saying struct {
	all             *outcomes
	places          map[string]int32
	list            []*report.Outcome // by place; nil for those that it has not met
	matched, others []int             // by place
	text            []byte
}

func (o *outcomes) saying() *saying { return &saying{all: o, places: map[string]int32{}} }

// outcome returns the place of the outcome with the cells, which make makes when it comes for the first time. Where they
// do not differ, all items that are like this one have the same cells.
func (s *saying) outcome(cells []rules.Cell, differ bool, make func() *report.Outcome) int32 {
	s.text = s.text[:0]
	if differ {
		for _, c := range cells {
			explained := byte(0)
			if c.Explained {
				explained = 1
			}
			s.text = append(s.text, byte(c.State), explained, byte(c.Intent), byte(c.Intent>>8), byte(c.Intent>>16), byte(c.Intent>>24))
		}
	}
	if at, ok := s.places[string(s.text)]; ok {
		return at
	}
	at, outcome := s.all.place(string(s.text), make)
	s.places[string(s.text)] = at
	for len(s.list) <= int(at) {
		s.list, s.matched, s.others = append(s.list, nil), append(s.matched, 0), append(s.others, 0)
	}
	s.list[at] = outcome
	return at
}

func (o *outcomes) place(said string, make func() *report.Outcome) (int32, *report.Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at, ok := o.places[said]
	if !ok {
		at = int32(len(o.list))
		o.places[said], o.list = at, append(o.list, &counted{Outcome: make()})
	}
	return at, o.list[at].Outcome
}

// close adds the counts to those of the others.
func (s *saying) close() {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	for at := range s.list {
		s.all.list[at].matched += s.matched[at]
		s.all.list[at].others += s.others[at]
	}
}

// count adds what was counted by outcome to the summary.
func (o *outcomes) count(summary *report.Summary) {
	for _, o := range o.list {
		if o.Worst() == verdict.NotSynchronized {
			summary.NotSynchronized += o.matched
		} else {
			summary.Synchronized += o.matched
		}
		n := o.matched + o.others
		if n == 0 {
			continue
		}
		for i, c := range o.Cells {
			if c != verdict.NotThere {
				summary.Rules[i][c] += n
			}
		}
		for i, explained := range o.Explains {
			for _, other := range explained {
				summary.Explained[other][i] += n
			}
		}
	}
}

func newSummary(columns int) report.Summary {
	s := report.Summary{Rules: make([]map[verdict.Cell]int, columns), Explained: make([]map[int]int, columns)}
	for i := range columns {
		s.Rules[i], s.Explained[i] = map[verdict.Cell]int{}, map[int]int{}
	}
	return s
}

// add adds what was counted of items to the totals.
func add(to, from *report.Summary) {
	to.Items += from.Items
	for side, n := range from.Unreadable {
		to.Unreadable[side] += n
	}
	for i, n := range from.Status {
		to.Status[i] += n
		for side, rows := range from.Rows[i] {
			to.Rows[i][side] += rows
		}
	}
}
