package spool

import (
	"container/heap"
	"errors"
	"io"

	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/spill"
)

// Reader reads a spool.
type Reader struct{ cursors cursors }

// Read begins to read the spool from its first item. Several readers can read it at once, each in a goroutine of its own.
func (s *Spool) Read() (*Reader, error) { return newReader(s.runs) }

// newReader returns a reader that merges runs.
func newReader(runs []*run) (*Reader, error) {
	m := &Reader{}
	for _, r := range runs {
		c := &cursor{run: r}
		if r.file != nil {
			var err error
			if c.file, err = r.file.Read(buffer); err != nil {
				return m, err
			}
		}
		more, err := c.advance()
		if err != nil {
			return m, err
		}
		if more {
			m.cursors = append(m.cursors, c)
		}
	}
	heap.Init(&m.cursors)
	return m, nil
}

// cursor is how far a run has been read.
type cursor struct {
	run   *run
	at    int
	file  *spill.Reader
	next  []byte // the next item
	order uint64 // that item's order

	touched byte
}

// ahead is how many items ahead memory is touched. Items in memory are in no order; touching them early lets the processor
// fetch them while it works on others.
const ahead = 16

// advance moves to the next item and reports whether there is one.
func (c *cursor) advance() (bool, error) {
	if c.file == nil {
		if c.at == len(c.run.index) {
			return false, nil
		}
		if further := c.at + ahead; further < len(c.run.index) {
			b := c.run.item(c.run.index[further])
			c.touched += chunk.Touch(b, len(b))
		}
		p := c.run.index[c.at]
		c.at++
		c.next, c.order = c.run.item(p), p.order
		return true, nil
	}
	b, err := c.file.Next()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var it Item
	it.get(b)
	c.next, c.order = b, it.order()
	return true, nil
}

// More reports whether there is an item.
func (r *Reader) More() bool { return len(r.cursors) > 0 }

// Item returns the next item. Its rows are valid until Advance.
func (r *Reader) Item() (it Item) {
	it.get(r.first().next)
	return it
}

func (r *Reader) first() *cursor { return r.cursors[0] }

// Advance moves past the item.
func (r *Reader) Advance() error {
	more, err := r.first().advance()
	switch {
	case err != nil:
		return err
	case more:
		heap.Fix(&r.cursors, 0)
	default:
		heap.Pop(&r.cursors)
	}
	return nil
}

// cursors are the runs that have items left, as a heap: the one with the first item is the first.
type cursors []*cursor

func (c cursors) Len() int           { return len(c) }
func (c cursors) Less(i, j int) bool { return c[i].order < c[j].order }
func (c cursors) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *cursors) Push(x any)        { *c = append(*c, x.(*cursor)) }
func (c *cursors) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}
