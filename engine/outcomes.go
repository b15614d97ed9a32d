package engine

import (
	"encoding/binary"
	"sync"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// outcomes are the outcomes of all items. Items with the same cells share one, which is known by its index.
type outcomes struct {
	mu      sync.Mutex
	indexes map[string]int32 // by the cells as a text: see outcomeCounts.intern
	list    []*counted
}

// counted is an outcome, with the numbers of matched and of other items that have it.
type counted struct {
	*report.Outcome
	matched, others int
}

// outcomeCounts is one goroutine's cache of the outcomes, with its own counts.
type outcomeCounts struct {
	all             *outcomes
	indexes         map[string]int32
	list            []*report.Outcome // by place; nil for those that it has not met
	matched, others []int             // by place
	text            []byte
}

func (o *outcomes) newCounts() *outcomeCounts {
	return &outcomeCounts{all: o, indexes: map[string]int32{}}
}

// intern returns the index of the outcome with these cells. The first time, it calls make to make the outcome. If differ is
// false, all items for which it is false have the same cells. intended is the place of the block that says of the item that it
// is meant to be; -1 if none does.
func (s *outcomeCounts) intern(cells []rules.Cell, differ bool, intended int, make func() *report.Outcome) int32 {
	s.text = s.text[:0]
	if differ {
		for _, c := range cells {
			flags := byte(0)
			if c.Explained {
				flags |= 1
			}
			if c.Unknown {
				flags |= 2
			}
			s.text = append(s.text, byte(c.State), flags, byte(c.Intent), byte(c.Intent>>8), byte(c.Intent>>16), byte(c.Intent>>24))
		}
	}
	if intended >= 0 {
		s.text = binary.LittleEndian.AppendUint32(s.text, uint32(intended)) // no cell takes four bytes
	}
	if at, ok := s.indexes[string(s.text)]; ok {
		return at
	}
	at, outcome := s.all.intern(string(s.text), make)
	s.indexes[string(s.text)] = at
	for len(s.list) <= int(at) {
		s.list, s.matched, s.others = append(s.list, nil), append(s.matched, 0), append(s.others, 0)
	}
	s.list[at] = outcome
	return at
}

func (o *outcomes) intern(text string, make func() *report.Outcome) (int32, *report.Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at, ok := o.indexes[text]
	if !ok {
		at = int32(len(o.list))
		o.indexes[text], o.list = at, append(o.list, &counted{Outcome: make()})
	}
	return at, o.list[at].Outcome
}

// close adds the counts to those of the others.
func (s *outcomeCounts) close() {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	for at := range s.list {
		s.all.list[at].matched += s.matched[at]
		s.all.list[at].others += s.others[at]
	}
}

// count adds the counts of all outcomes to the summary.
func (o *outcomes) count(summary *report.Summary) {
	for _, o := range o.list {
		summary.Classes[o.Class] += o.matched
		n := o.matched + o.others
		if n == 0 {
			continue
		}
		for i, c := range o.Cells {
			if c != verdict.NotThere {
				summary.Rules[i][c] += n
			}
			if o.IsUnknown(i) {
				summary.Unknown[i] += n
				if o.Class == verdict.Unchecked {
					summary.Unchecked[i] += n
				}
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
	s := report.Summary{Rules: make([]map[verdict.Cell]int, columns), Explained: make([]map[int]int, columns), Unknown: make([]int, columns), Unchecked: make([]int, columns)}
	for i := range columns {
		s.Rules[i], s.Explained[i] = map[verdict.Cell]int{}, map[int]int{}
	}
	return s
}

// add adds the counts of from to those of to.
func add(to, from *report.Summary) {
	to.Items += from.Items
	to.UncheckedSingles += from.UncheckedSingles
	for side, n := range from.Unreadable {
		to.Unreadable[side] += n
	}
	for i, n := range from.Status {
		to.Status[i] += n
		to.Intended[i] += from.Intended[i]
		for side, rows := range from.Rows[i] {
			to.Rows[i][side] += rows
		}
	}
}
