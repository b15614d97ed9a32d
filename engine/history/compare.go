package history

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Change is what became of a finding from one run to the next.
type Change uint8

// The changes.
const (
	New        Change = iota // it was none before
	Updated                  // it was one before, with other values
	Persisting               // it is as it was
	Resolved                 // it is none any more, or its item is gone
	Accepted                 // it is meant to be now
	Rejudged                 // what decides it has changed: rule, key or a setting of a source, or one of the runs compared nothing. Whether the item has, nobody can tell
	Unjudged                 // it was one before, and could not be judged this time: that does not resolve it
	changes                  // how many there are
)

// Changes are all changes.
var Changes = [...]Change{New, Updated, Persisting, Resolved, Accepted, Rejudged, Unjudged}

var changeNames = [...]string{"new", "updated", "persisting", "resolved", "accepted", "judged_anew", "not_judged"}

// String returns the change as programs write it.
func (c Change) String() string { return changeNames[c] }

// Finding is something that is to be seen to, in one run or in both: a cell that is N, or an item that is not matched, and neither meant
// to be so nor a parent.
type Finding struct {
	Change        Change
	Rule          string         // the rule's code; "": it is the item's status
	Status        verdict.Status // the item's: after, if the item is there, else before; of a status that is none any more, before
	Before, After int32          // the item's positions in the two runs; -1 where it is not there
}

// Comparison is what became of all findings.
type Comparison struct {
	// Findings are in the order of the run after; those of items that it does not have come last, in the order of the run before.
	Findings []Finding

	// Settings says that the key, or a setting of a source, has changed. Rules are the codes of the rules that say something else than
	// before, or are only in one of the runs.
	Settings bool
	Rules    []string

	// Nothing says of both runs, before and after, in a few words why they compared nothing; "" if they compared something. What is
	// only in one of the runs is then neither new nor resolved.
	Nothing [2]string
}

// Count returns how many findings have changed so. A rule's code counts only those, "" those of items.
func (c *Comparison) Count(change Change, rule string) (n int) {
	for _, f := range c.Findings {
		if f.Change == change && f.Rule == rule {
			n++
		}
	}
	return n
}

// Positions returns the items of the run after that have a finding that changed in one of these ways, in order: for Filter.Within.
func (c *Comparison) Positions(which ...Change) []int32 {
	list := []int32{}
	for _, f := range c.Findings {
		if f.After >= 0 && slices.Contains(which, f.Change) && (len(list) == 0 || list[len(list)-1] != f.After) {
			list = append(list, f.After)
		}
	}
	return list
}

// Compare compares two runs of a reconciliation. Items are the same where their keys are; of several with one key, the first are the
// same, the second, and so on; items without a key are the same where SKU and name are.
func Compare(before, after *Run) (*Comparison, error) {
	if a, b := before.result.Reconciliation, after.result.Reconciliation; a != b {
		return nil, fmt.Errorf("compare the runs %s and %s: they are of two reconciliations, %q and %q", before.path, after.path, a, b)
	}
	c := &comparer{runs: [2]*Run{before, after}}
	var err error
	for i, r := range c.runs {
		c.Nothing[i] = r.result.Nothing()
		if c.cells[i], err = r.cells(); err != nil {
			return nil, err
		}
	}
	c.pairRules()
	pairs, err := c.pairItems()
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		c.item(p)
	}
	if err := c.findUpdated(); err != nil {
		return nil, err
	}
	return &c.Comparison, nil
}

// comparer compares two runs, before and after.
type comparer struct {
	Comparison
	runs  [2]*Run
	cells [2]*cells
	rules []rulePair
	same  []int32 // places in Findings of those that persist, unless their values have changed
	rows  [2]Row  // of the item that is looked at
}

// rulePair is a rule, by its places in both runs; -1 where it is not there.
type rulePair struct {
	code    string
	at      [2]int
	changed bool
}

// pairRules pairs the rules by their codes.
func (c *comparer) pairRules() {
	before, after := c.runs[0].result, c.runs[1].result
	c.Settings = before.Settings != after.Settings
	places := map[string]int{}
	for i, r := range before.Rules {
		places[r.Code] = i
	}
	for i, r := range after.Rules {
		p := rulePair{code: r.Code, at: [2]int{-1, i}, changed: true}
		if at, there := places[r.Code]; there {
			p.at[0] = at
			p.changed = before.Rules[at].Meaning != r.Meaning
			delete(places, r.Code)
		}
		c.rules = append(c.rules, p)
	}
	for i, r := range before.Rules {
		if _, left := places[r.Code]; left {
			c.rules = append(c.rules, rulePair{r.Code, [2]int{i, -1}, true})
		}
	}
	for _, p := range c.rules {
		if p.changed {
			c.Rules = append(c.Rules, p.code)
		}
	}
}

// itemPair are an item's positions in both runs; -1 where it is not there.
type itemPair [2]int32

// item finds out what became of an item's findings.
func (c *comparer) item(p itemPair) {
	for i, at := range p {
		c.rows[i] = Row{}
		if at >= 0 {
			c.rows[i].state(c.cells[i].states[at])
		}
	}
	status := c.rows[1].Status
	if p[1] < 0 {
		status = c.rows[0].Status
	}
	add := func(change Change, rule string) {
		c.Findings = append(c.Findings, Finding{change, rule, status, p[0], p[1]})
	}
	if change, is := c.status(p); is {
		add(change, "")
		if p[1] >= 0 && !c.rows[1].open() {
			c.Findings[len(c.Findings)-1].Status = c.rows[0].Status
		}
	}
	for _, rule := range c.rules {
		var marks [2]Mark
		for i, at := range p {
			if at >= 0 && rule.at[i] >= 0 {
				marks[i] = c.cells[i].mark(int(at), rule.at[i])
			}
		}
		change, is := c.cell(p, rule, marks)
		if !is {
			continue
		}
		if change == Persisting {
			c.same = append(c.same, int32(len(c.Findings)))
		}
		add(change, rule.code)
	}
}

// open reports whether a row's status is a finding.
func (row *Row) open() bool { return row.Status != verdict.Matched && !row.Parent && !row.Intended }

// status returns what became of the status of an item; false if that is no finding in either run.
func (c *comparer) status(p itemPair) (Change, bool) {
	before, after := p[0] >= 0 && c.rows[0].open(), p[1] >= 0 && c.rows[1].open()
	switch {
	case before && after && c.rows[0].Status == c.rows[1].Status:
		return Persisting, true
	case before && after:
		return Updated, true
	case !before && !after:
		return 0, false
	case before && p[1] >= 0 && c.rows[1].Intended:
		return Accepted, true
	case before && (c.Nothing[1] != "" || p[1] < 0 && c.mayBeThere()):
		return Unjudged, true
	case c.anew():
		return Rejudged, true
	case after:
		return New, true
	}
	return Resolved, true
}

// anew reports whether nothing of the run before says anything of the one after: neither is new what only one of them has.
func (c *comparer) anew() bool { return c.Settings || c.Nothing != [2]string{} }

// mayBeThere reports whether the run after has left out rows of which nobody knows which items they are.
func (c *comparer) mayBeThere() bool { return c.runs[1].result.Skipped() > 0 }

// cell returns what became of a cell; false if it is N in neither run.
func (c *comparer) cell(p itemPair, rule rulePair, marks [2]Mark) (Change, bool) {
	before, after := marks[0] == Red, marks[1] == Red
	switch {
	case before && after:
		return Persisting, true
	case !before && !after:
		return 0, false
	case after && (rule.changed || c.anew()):
		return Rejudged, true
	case after:
		return New, true
	case marks[1] == Excused:
		return Accepted, true
	case rule.at[1] < 0:
		return Rejudged, true
	case c.Nothing[1] != "", marks[1] == Unknown, p[1] < 0 && c.mayBeThere(), p[1] >= 0 && c.rows[1].Status != c.rows[0].Status:
		return Unjudged, true // of an item that is not what it was the rule says nothing, or something else
	case rule.changed || c.anew():
		return Rejudged, true
	}
	return Resolved, true
}

// pairItems pairs those items that have a finding in one of the runs, in the order of findings.
func (c *comparer) pairItems() ([]itemPair, error) {
	places, n := map[string]int32{}, 0
	for i, r := range c.runs {
		err := r.eachKey(c.cells[i], c.found(i), func(_ int32, key []byte) {
			if _, known := places[string(key)]; !known {
				places[string(key)] = int32(n)
				n++
			}
		})
		if err != nil {
			return nil, err
		}
	}
	var lists [2][][]int32 // by run and place: the positions of items with that key
	var errs [2]error
	inParallel(len(c.runs), func(i int) {
		lists[i] = make([][]int32, n)
		room := make([]int32, n) // most keys have one
		errs[i] = c.runs[i].eachKey(c.cells[i], nil, func(position int32, key []byte) {
			if at, wanted := places[string(key)]; wanted {
				if lists[i][at] == nil {
					lists[i][at] = room[at : at : at+1]
				}
				lists[i][at] = append(lists[i][at], position)
			}
		})
	})
	if err := cmp.Or(errs[0], errs[1]); err != nil {
		return nil, err
	}
	var pairs []itemPair
	for at := range n {
		before, after := lists[0][at], lists[1][at]
		for i := range max(len(before), len(after)) {
			p := itemPair{-1, -1}
			if i < len(before) {
				p[0] = before[i]
			}
			if i < len(after) {
				p[1] = after[i]
			}
			pairs = append(pairs, p)
		}
	}
	slices.SortFunc(pairs, func(a, b itemPair) int {
		if a[1] < 0 || b[1] < 0 {
			return cmp.Or(cmp.Compare(min(b[1], 0), min(a[1], 0)), cmp.Compare(a[0], b[0]))
		}
		return cmp.Compare(a[1], b[1])
	})
	return pairs, nil
}

// found returns which items of a run have a finding.
func (c *comparer) found(run int) []bool {
	list := make([]bool, c.runs[run].items)
	var open [256]bool
	for b := range open {
		if b&statusBits < len(verdict.Statuses) {
			var row Row
			row.state(byte(b))
			open[b] = row.open()
		}
	}
	for i, state := range c.cells[run].states {
		list[i] = open[state]
	}
	for _, marks := range c.cells[run].marks {
		for i, b := range marks {
			if Mark(b&0xf) == Red {
				list[2*i] = true
			}
			if Mark(b>>4) == Red && 2*i+1 < len(list) {
				list[2*i+1] = true
			}
		}
	}
	return list
}

// eachKey calls do with what makes each item the same in another run, in their order: of all items, or of those that are wanted.
func (r *Run) eachKey(c *cells, wanted []bool, do func(position int32, key []byte)) error {
	var b block
	var text []byte
	for number := range len(r.blocks) / 2 {
		from := number * blockItems
		if wanted != nil && !slices.Contains(wanted[from:min(from+blockItems, r.items)], true) {
			continue
		}
		if err := r.readBlock(&b, number); err != nil {
			return err
		}
		for i := range b.n {
			if wanted != nil && !wanted[from+i] {
				continue
			}
			key := b.key(i)
			if verdict.Statuses[c.states[from+i]&statusBits] == verdict.NoKey {
				text = append(append(append(append(text[:0], 0), b.skus.at(i)...), 0), b.names.at(i)...)
				key = text
			}
			do(int32(from+i), key)
		}
	}
	return nil
}

// findUpdated tells those of the findings that persist whose values have changed.
func (c *comparer) findUpdated() error {
	var values [2][][]byte
	var errs [2]error
	inParallel(len(c.runs), func(i int) { values[i], errs[i] = c.valuesOf(i) })
	if err := cmp.Or(errs[0], errs[1]); err != nil {
		return err
	}
	for n, at := range c.same {
		if !bytes.Equal(values[0][n], values[1][n]) {
			c.Findings[at].Change = Updated
		}
	}
	return nil
}
