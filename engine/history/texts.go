package history

import (
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// block are the texts of some items, as they stand in the file.
type block struct {
	number   int
	n        int // how many items
	bytes    []byte
	outcomes []int

	skus, names, keys column
}

// column are texts that lie one after the other.
type column struct {
	text []byte
	ends []int
	own  []bool // of keys: whether the item has one
}

func (c *column) at(i int) []byte {
	from := 0
	if i > 0 {
		from = c.ends[i-1]
	}
	return c.text[from:c.ends[i]]
}

// readBlock reads the texts of a block into b, whose memory is used again.
func (r *Run) readBlock(b *block, number int) error {
	p := r.blocks[2*number]
	if uint64(cap(b.bytes)) < p.size {
		b.bytes = make([]byte, p.size)
	}
	b.bytes = b.bytes[:p.size]
	if err := r.readInto(b.bytes, p, "a part with SKUs and names"); err != nil {
		return err
	}
	b.number, b.n = number, min(blockItems, r.items-number*blockItems)
	c := &cursor{b: b.bytes}
	b.outcomes = b.outcomes[:0]
	for range b.n {
		b.outcomes = append(b.outcomes, int(c.uvarint()))
	}
	b.skus.sizes(c, b.n)
	b.names.sizes(c, b.n)
	b.keys.keySizes(c, b.n)
	for _, texts := range []*column{&b.skus, &b.names, &b.keys} {
		texts.text = c.bytes(texts.size())
	}
	if c.bad || len(c.b) > 0 {
		return r.damage("the lengths of SKUs and names, from byte %d on, do not add up", p.from)
	}
	return nil
}

func (c *column) size() int {
	if len(c.ends) == 0 {
		return 0
	}
	return c.ends[len(c.ends)-1]
}

// sizes reads the lengths of n texts.
func (c *column) sizes(from *cursor, n int) {
	c.ends = c.ends[:0]
	at := 0
	for range n {
		at += from.size()
		c.ends = append(c.ends, at)
	}
}

// keySizes reads the lengths of n keys, of which some are not there.
func (c *column) keySizes(from *cursor, n int) {
	c.ends, c.own = c.ends[:0], c.own[:0]
	at := 0
	for range n {
		size := from.size()
		at += max(size-1, 0)
		c.ends, c.own = append(c.ends, at), append(c.own, size > 0)
	}
}

// size reads a length of a text that is further on.
func (c *cursor) size() int {
	n := c.uvarint()
	if n > uint64(len(c.b))+1 {
		c.fail()
		return 0
	}
	return int(n)
}

// key returns what the i-th item was paired by.
func (b *block) key(i int) []byte {
	if b.keys.own[i] {
		return b.keys.at(i)
	}
	return b.skus.at(i)
}

// Row is what is kept of every item.
type Row struct {
	Position int // in the order of the report, from 0
	SKU      string
	Name     string
	Key      string // what it was paired by
	Status   verdict.Status
	Class    verdict.Class // of matched items, and of others that rules are about
	Parent   bool
	Intended bool            // it is of one side, and meant to be
	Values   bool            // the values of both sides are kept: see Run.Item
	Marks    []Mark          // by rule
	Outcome  *report.Outcome // what the rules said: what explains, what makes intentional; nil where no rule is about such items. It is shared
}

// Row returns what is kept of an item.
func (r *Run) Row(position int) (Row, error) {
	rows, err := r.Rows([]int32{int32(position)})
	if err != nil {
		return Row{}, err
	}
	return rows[0], nil
}

// Rows returns what is kept of items, in the order of the positions.
func (r *Run) Rows(positions []int32) ([]Row, error) {
	cells, err := r.cells()
	if err != nil {
		return nil, err
	}
	outcomes, err := r.outcomes()
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(positions))
	b := &block{number: -1}
	for _, p := range positions {
		at := int(p)
		if at < 0 || at >= r.items {
			return nil, r.noItem(at)
		}
		if at/blockItems != b.number {
			if err := r.readBlock(b, at/blockItems); err != nil {
				return nil, err
			}
		}
		i := at % blockItems
		if b.outcomes[i] >= len(outcomes) {
			return nil, r.damage("item %d has an outcome that there is not", at)
		}
		row := Row{Position: at, SKU: string(b.skus.at(i)), Name: string(b.names.at(i)), Key: string(b.key(i)),
			Marks: make([]Mark, len(r.result.Rules)), Outcome: outcomes[b.outcomes[i]]}
		row.state(cells.states[at])
		for rule := range row.Marks {
			row.Marks[rule] = cells.mark(at, rule)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (row *Row) state(b byte) {
	row.Status, row.Class = verdict.Statuses[b&statusBits], verdict.Classes[b&classBits>>classShift]
	row.Parent, row.Intended, row.Values = b&isParent != 0, b&isIntended != 0, b&hasValues != 0
}
