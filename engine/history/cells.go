package history

import (
	"fmt"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// cells are the cells of all items, packed.
type cells struct {
	states []byte   // by item
	marks  [][]byte // by rule: four bits an item
}

func (c *cells) mark(item, rule int) Mark { return Mark(c.marks[rule][item/2] >> (item % 2 * 4) & 0xf) }

// readCells reads the cells of all items, and checks that they are such.
func (r *Run) readCells() (*cells, error) {
	c := &cells{states: make([]byte, 0, r.items), marks: make([][]byte, len(r.result.Rules))}
	for rule := range c.marks {
		c.marks[rule] = make([]byte, 0, (r.items+1)/2)
	}
	var b []byte
	for i, p := range r.packs {
		n := min(cellsItems, r.items-i*cellsItems)
		if p.size != uint64(n+(n+1)/2*len(c.marks)) {
			return nil, r.damage("the cells of %d items, from byte %d on, have another length", n, p.from)
		}
		if uint64(cap(b)) < p.size {
			b = make([]byte, p.size)
		}
		b = b[:p.size]
		if err := r.readInto(b, p, "a part with cells"); err != nil {
			return nil, err
		}
		c.states = append(c.states, b[:n]...)
		for rule := range c.marks {
			from := n + (n+1)/2*rule
			c.marks[rule] = append(c.marks[rule], b[from:from+(n+1)/2]...)
		}
	}
	for i, b := range c.states {
		if int(b&statusBits) >= len(verdict.Statuses) {
			return nil, r.damage("item %d has no status that there is", i)
		}
	}
	for _, of := range c.marks {
		for _, b := range of {
			if b&0xf >= byte(marks) || b>>4 >= byte(marks) {
				return nil, r.damage("there is a cell that says nothing")
			}
		}
	}
	return c, nil
}

// Cell returns what is kept of a cell.
func (r *Run) Cell(item, rule int) (Mark, error) {
	c, err := r.cells()
	if err != nil {
		return NotThere, err
	}
	if item < 0 || item >= r.items || rule < 0 || rule >= len(c.marks) {
		return NotThere, r.noItem(item)
	}
	return c.mark(item, rule), nil
}

func (r *Run) noItem(item int) error {
	return fmt.Errorf("the run %s has %d items: there is no item %d in it", r.path, r.items, item)
}

// Filter says which items are looked for: those of which all holds that it says. The zero Filter is all items.
type Filter struct {
	Statuses []verdict.Status // one of these
	Classes  []verdict.Class  // matched, and of one of these classes
	Open     bool             // not matched, and neither meant to be so nor a parent
	Cells    []Cells          // each of these
	Within   []int32          // one of these, in ascending order; nil: any. An empty list is none
}

// Cells are items by the mark in a column.
type Cells struct {
	Rule  int
	Marks []Mark // one of these
}

// Filter returns the positions of the items that a filter finds, in order.
func (r *Run) Filter(f Filter) ([]int32, error) {
	var list []int32
	err := r.find(f, func(item int) { list = append(list, int32(item)) })
	return list, err
}

// Count returns how many items a filter finds.
func (r *Run) Count(f Filter) (n int, err error) {
	err = r.find(f, func(int) { n++ })
	return n, err
}

func (r *Run) find(f Filter, found func(item int)) error {
	c, err := r.cells()
	if err != nil {
		return err
	}
	states := f.states()
	var columns [][]byte
	var wanted [][marks]bool
	for _, of := range f.Cells {
		if of.Rule < 0 || of.Rule >= len(c.marks) {
			return fmt.Errorf("the run %s has %d rules: there is no rule %d in it", r.path, len(c.marks), of.Rule)
		}
		var set [marks]bool
		for _, m := range of.Marks {
			set[m] = true
		}
		columns, wanted = append(columns, c.marks[of.Rule]), append(wanted, set)
	}
	look := func(item int) {
		if !states[c.states[item]] {
			return
		}
		for i, column := range columns {
			if !wanted[i][column[item/2]>>(item%2*4)&0xf] {
				return
			}
		}
		found(item)
	}
	if f.Within == nil {
		for item := range c.states {
			look(item)
		}
		return nil
	}
	for _, item := range f.Within {
		if item < 0 || int(item) >= r.items {
			return r.noItem(int(item))
		}
		look(int(item))
	}
	return nil
}

// states says of each byte of status whether the filter lets it through.
func (f *Filter) states() (pass [256]bool) {
	for b := range pass {
		if b&statusBits >= len(verdict.Statuses) {
			continue
		}
		var row Row
		row.state(byte(b))
		matched := row.Status == verdict.Matched
		pass[b] = one(f.Statuses, row.Status) && (len(f.Classes) == 0 || matched && one(f.Classes, row.Class)) &&
			(!f.Open || !matched && !row.Parent && !row.Intended)
	}
	return pass
}

// one reports whether a value is in a list, or the list is empty.
func one[T comparable](list []T, value T) bool {
	for _, v := range list {
		if v == value {
			return true
		}
	}
	return len(list) == 0
}
