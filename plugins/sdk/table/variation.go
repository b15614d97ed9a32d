package table

import (
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// structures are the option structures of the parents in a table, made from the rows that share a parent_sku.
type structures struct {
	builders map[string]*catalog.VariationBuilder
	lists    map[string][]string
	column   string           // of the parents, for messages
	lost     map[string]error // parents with a row that could not be read, the first
}

func newStructures(column string) *structures {
	return &structures{map[string]*catalog.VariationBuilder{}, map[string][]string{}, column, map[string]error{}}
}

// add takes one row's options. A row without a parent is a group of its own, which needs no memory.
func (s *structures) add(parent string, options []catalog.Entry) {
	if parent == "" || len(options) == 0 {
		return
	}
	b := s.builders[parent]
	if b == nil {
		b = &catalog.VariationBuilder{}
		s.builders[strings.Clone(parent)] = b
	}
	b.Add(options)
}

// list returns the structure for a row: its parent's, or that of its own options if it has no parent.
func (s *structures) list(parent string, own []catalog.Entry) []string {
	if parent == "" {
		var b catalog.VariationBuilder
		b.Add(own)
		return b.List()
	}
	list, done := s.lists[parent]
	if b := s.builders[parent]; !done && b != nil {
		list = b.List()
		s.lists[strings.Clone(parent)] = list
	}
	return list
}

// lose says that a row of the parent could not be read.
func (s *structures) lose(parent string, reason error) {
	if s.lost[parent] == nil {
		s.lost[strings.Clone(parent)] = reason
	}
}

// known returns why a row's structure is not known, as what is wrong with the row; nil if it is.
func (s *structures) known(parent string) *grid.BadRow {
	if len(s.lost) == 0 || s.lost[parent] == nil {
		return nil
	}
	return &grid.BadRow{Column: s.column, Err: fmt.Errorf("the option structure of %s cannot be known, because another of its rows cannot be read: %w", grid.Quote(parent), s.lost[parent])}
}

// structure reads all rows once to learn the option structures, and readies them to be read again.
func (r *reader) structure() error {
	r.parents = newStructures(r.plan.parentColumn)
	again, ok := r.rows.(rewinder)
	if !ok {
		memory, err := grid.Keep(r.rows, r.plan.cells, r.tick)
		if err != nil {
			return r.rowError(err)
		}
		r.rows, again = memory, memory
	}
	var v value
	bad := badRows{skip: r.table.Settings.OnBadRow == "skip"}
	bad.left = r.lost
	cells := r.plan.structureCells()
	if _, kept := again.(*grid.Kept); kept {
		cells = nil // they have been read with the others
	}
	err := r.each(&bad, cells, func(cells []string) error {
		if err := r.plan.variation.parse(cells, &v); err != nil {
			return err
		}
		r.parents.add(v.text, v.entries)
		return nil
	})
	if err != nil {
		return err
	}
	return again.Rewind()
}

// lost takes a row that is left out of the option structures. Its parent's cannot be known then; and where the row may be of
// any parent, none can.
func (r *reader) lost(reason error, bad *grid.BadRow, cells []string) error {
	at := r.plan.variation.parent
	parent := cells[at]
	_, kept := r.rows.(*grid.Kept) // in which another cell than the parent's may be named first
	if bad.Column == "" || parent == "" && (kept || bad.Column != r.plan.variation.of.column) || bad.Column == r.plan.parentColumn {
		return fmt.Errorf("the option structures (variation) cannot be known, because a row may be of any parent that on_bad_row would skip: %w; mend the row, or leave out the rules that read variation", reason)
	}
	if parent != "" {
		r.parents.lose(parent, reason)
	}
	return nil
}
