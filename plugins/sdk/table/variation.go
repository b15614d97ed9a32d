package table

import (
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// structures are the option structures of the parents in a table, made from the rows that share a parent_sku.
type structures struct {
	builders map[string]*catalog.VariationBuilder
	lists    map[string][]string
}

func newStructures() *structures {
	return &structures{map[string]*catalog.VariationBuilder{}, map[string][]string{}}
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
