package screen

import (
	"slices"
	"strings"
	"sync"

	"github.com/reconcilehq/reconcile/engine/history"
)

// List are the items that a query leaves, in its order.
type List struct {
	Total     int     // how many
	positions []int32 // nil: all items of the run, in the order of the report
}

// position returns where in the run the i-th item of the list is.
func (l *List) position(i int) int32 {
	if l.positions == nil {
		return int32(i)
	}
	return l.positions[i]
}

// Positions are all items of the list.
func (l *List) Positions() []int32 {
	if l.positions != nil || l.Total == 0 {
		return l.positions
	}
	list := make([]int32, l.Total)
	for i := range list {
		list[i] = int32(i)
	}
	return list
}

// mostListed is how many positions of lists a run keeps: 5 MB, an order of a million items and some filters.
const mostListed = 5 << 18

// lists are the lists that were asked for last.
type lists struct {
	mu   sync.Mutex
	keys []string // the one that was used last at the end
	of   map[string]*List
	size int
}

func (l *lists) get(key string) *List {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.of[key]
	if list != nil {
		at := slices.Index(l.keys, key)
		l.keys = append(slices.Delete(l.keys, at, at+1), key)
	}
	return list
}

func (l *lists) put(key string, list *List) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[string]*List{}
	}
	if l.of[key] != nil || len(list.positions) > mostListed {
		return
	}
	l.of[key], l.keys, l.size = list, append(l.keys, key), l.size+len(list.positions)
	for l.size > mostListed || len(l.keys) > 1000 {
		l.size -= len(l.of[l.keys[0]].positions)
		delete(l.of, l.keys[0])
		l.keys = l.keys[1:]
	}
}

// List returns the items that a query leaves.
func (r *Run) List(q Query) (*List, error) {
	filter := r.filterOf(q.Show)
	if filter.Key == all && q.Search == "" && !r.ordered(q) {
		return &List{Total: r.Items()}, nil
	}
	key := strings.Join([]string{filter.Key, q.Sort, q.Search}, "\x00")
	if list := r.lists.get(key); list != nil {
		return list, nil
	}
	list, err := r.list(&filter, q)
	if err == nil {
		r.lists.put(key, list)
	}
	return list, err
}

func (r *Run) list(f *Filter, q Query) (*List, error) {
	positions := []int32{}
	if f.nobody {
		return &List{positions: positions}, nil
	}
	wanted := f.filter
	wanted.Within = f.within
	if q.Search != "" {
		found, err := r.Search(q.Search)
		if err != nil {
			return nil, err
		}
		if wanted.Within = both(found, f.within); wanted.Within == nil {
			wanted.Within = []int32{} // nothing, not all
		}
	}
	found, err := r.Filter(wanted)
	if err != nil {
		return nil, err
	}
	positions = append(positions, found...)
	if positions, err = r.sorted(positions, q); err != nil {
		return nil, err
	}
	return &List{Total: len(positions), positions: positions}, nil
}

// both returns what is in both lists, which ascend; b is all if it is nil.
func both(a, b []int32) []int32 {
	if b == nil {
		return a
	}
	var list []int32
	for _, p := range a {
		if _, found := slices.BinarySearch(b, p); found {
			list = append(list, p)
		}
	}
	return list
}

// order returns what a query is sorted by; false if that is the order of the report.
func (r *Run) order(sort string) (history.By, bool) {
	column, descending := strings.CutPrefix(sort, "-")
	by := history.By{Descending: descending}
	switch column {
	case skuColumn:
		by.Column = history.SKU
	case nameColumn:
		by.Column = history.Name
	case statusColumn:
		by.Column = history.Status
	case itemColumn:
		by.Column = history.Class
	default:
		code, is := strings.CutPrefix(column, rulePrefix)
		for i, rule := range r.About().Rules {
			if is && rule.Code == code {
				by.Column, by.Rule = history.Cell, i
				return by, true
			}
		}
		return history.By{}, false
	}
	return by, true
}

// FilterKeys returns the keys of all ready-made filters, for programs.
func (r *Run) FilterKeys() (keys []string) {
	for _, g := range r.filters() {
		for _, f := range g.Filters {
			keys = append(keys, f.Key)
		}
	}
	return keys
}

// Sortable reports whether the table can be sorted by a key.
func (r *Run) Sortable(key string) bool {
	return r.ordered(Query{Sort: key})
}
