package history

import (
	"fmt"
	"runtime"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Column is what items are sorted by.
type Column uint8

// The columns.
const (
	Position Column = iota // the order of the report
	SKU                    // without regard to case
	Name                   // likewise
	Status                 // matched first, then in the order of verdict.Statuses
	Class                  // what is not synchronized first; what is not matched last
	Cell                   // in a rule's column: N first, then I, what is unknown, S, and what has no cell
)

// By says in which order items are wanted. Items that are alike stay in the order of the report.
type By struct {
	Column     Column
	Rule       int // of Cell
	Descending bool
}

// Sort returns the positions in an order. The first time that a run is sorted by SKU or name takes a third of a second for a million items.
func (r *Run) Sort(positions []int32, by By) ([]int32, error) {
	sorted := slices.Clone(positions)
	slices.Sort(sorted)
	var err error
	switch by.Column {
	case Position:
	case SKU, Name:
		sorted, err = r.sortByText(sorted, int(by.Column-SKU))
	default:
		sorted, err = r.sortByCell(sorted, by)
	}
	if err == nil && by.Descending {
		slices.Reverse(sorted)
	}
	return sorted, err
}

// sortByText picks the wanted items out of all, which were sorted once.
func (r *Run) sortByText(positions []int32, column int) ([]int32, error) {
	order, err := r.orders[column]()
	if err != nil {
		return nil, err
	}
	wanted := make([]uint64, (r.items+63)/64)
	for _, p := range positions {
		if p < 0 || int(p) >= r.items {
			return nil, r.noItem(int(p))
		}
		wanted[p/64] |= 1 << (p % 64)
	}
	sorted := positions[:0]
	for _, p := range order {
		if wanted[p/64]>>(p%64)&1 != 0 {
			sorted = append(sorted, int32(p))
		}
	}
	return sorted, nil
}

// The order of what cells say.
var markOrder = [marks]int{Red: 0, Excused: 1, Unknown: 2, Explained: 3, Equal: 4, NotAbout: 5, NotThere: 6}

// sortByCell sorts by something of which there are few values.
func (r *Run) sortByCell(positions []int32, by By) ([]int32, error) {
	c, err := r.cells()
	if err != nil {
		return nil, err
	}
	if by.Column == Cell && (by.Rule < 0 || by.Rule >= len(c.marks)) {
		return nil, fmt.Errorf("the run %s has %d rules: there is no rule %d in it", r.path, len(c.marks), by.Rule)
	}
	var groups [16][]int32
	for _, p := range positions {
		if p < 0 || int(p) >= r.items {
			return nil, r.noItem(int(p))
		}
		var group int
		switch state := c.states[p]; by.Column {
		case Cell:
			group = markOrder[c.mark(int(p), by.Rule)]
		case Class:
			group = int(state & classBits >> classShift)
			if state&statusBits != byte(verdict.Matched) {
				group = len(verdict.Classes) + int(state&statusBits)
			}
		default:
			group = int(state & statusBits)
		}
		groups[group] = append(groups[group], p)
	}
	return slices.Concat(groups[:]...), nil
}

// makeOrder returns all items by their SKUs (column 0) or names (1).
func (r *Run) makeOrder(column int) ([]uint32, error) {
	blocks := len(r.blocks) / 2
	workers := max(min(runtime.GOMAXPROCS(0), blocks), 1)
	parts, errs := make([]foldedTexts, workers), make([]error, workers)
	inParallel(workers, func(w int) {
		p, from, end := &parts[w], blocks*w/workers, blocks*(w+1)/workers
		items := (end - from) * blockItems
		if w == 0 { // it will have all
			items = r.items
		}
		p.ends = make([]int, 0, items)
		p.bytes = make([]byte, 0, int(r.textSize())/max(r.items, 1)*items) // more than it takes
		errs[w] = r.fold(p, column, from, end)
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	all := &parts[0]
	for _, p := range parts[1:] {
		before := len(all.bytes)
		all.bytes = append(all.bytes, p.bytes...)
		for _, end := range p.ends {
			all.ends = append(all.ends, before+end)
		}
	}
	return all.sorted(), nil
}

// fold reads the texts of a column in some blocks.
func (r *Run) fold(to *foldedTexts, column, from, end int) error {
	var b block
	for number := from; number < end; number++ {
		if err := r.readBlock(&b, number); err != nil {
			return err
		}
		texts := &b.skus
		if column == 1 {
			texts = &b.names
		}
		for i := range b.n {
			to.bytes = appendFolded(to.bytes, texts.at(i))
			to.ends = append(to.ends, len(to.bytes))
		}
	}
	return nil
}

// textSize returns how many bytes all SKUs, names and keys take, and what belongs to them.
func (r *Run) textSize() (size uint64) {
	for i := 0; i < len(r.blocks); i += 2 {
		size += r.blocks[i].size
	}
	return size
}

// appendFolded appends a text without regard to case: texts that differ in nothing else give the same. It is what strings.ToLower makes of
// what strings.ToUpper makes of it.
func appendFolded(dst, text []byte) []byte {
	for i, c := range text {
		switch {
		case c >= utf8.RuneSelf:
			for _, r := range string(text[i:]) {
				dst = utf8.AppendRune(dst, unicode.ToLower(unicode.ToUpper(r)))
			}
			return dst
		case 'A' <= c && c <= 'Z':
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}
