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
func (s *Spool) Read() (*Reader, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	return newReader(s.runs)
}

var errClosed = errors.New("the items were let go of: the result is closed")

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
}

// advance moves to the next item and reports whether there is one.
func (c *cursor) advance() (bool, error) {
	if c.file == nil {
		if c.at == len(c.run.index) {
			return false, nil
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

// Page is some items, one after the other. It can be looked at by another goroutine than that of the reader.
type Page struct {
	items  [][]byte
	copied []byte // of those that came from files

	touched byte
}

// Page returns the next items, at most n of them; none after the last one.
func (r *Reader) Page(n int) (*Page, error) {
	p := &Page{items: make([][]byte, 0, n)}
	for len(p.items) < n && r.more() {
		next := r.first().next
		if r.first().file != nil { // the next one will be there
			from := len(p.copied)
			p.copied = append(p.copied, next...) // where it was before it grew, others stay
			next = p.copied[from:len(p.copied):len(p.copied)]
		}
		p.items = append(p.items, next)
		if err := r.advance(); err != nil {
			return p, err
		}
	}
	return p, nil
}

// Len returns how many items there are.
func (p *Page) Len() int { return len(p.items) }

// together is how many items are touched at a time. Items in memory are in no order; the processor fetches them side by side where nothing
// else is done between.
const together = 64

// Item returns the i-th item. They are best asked for in their order.
func (p *Page) Item(i int) (it Item) {
	if i%together == 0 {
		for _, b := range p.items[i:min(i+together, len(p.items))] {
			p.touched += chunk.Touch(b, len(b))
		}
	}
	it.get(p.items[i])
	return it
}

// more reports whether there is an item.
func (r *Reader) more() bool { return len(r.cursors) > 0 }

func (r *Reader) first() *cursor { return r.cursors[0] }

// advance moves past the item.
func (r *Reader) advance() error {
	more, err := r.first().advance()
	switch {
	case err != nil:
		return err
	case more:
		r.cursors.settle()
	default:
		heap.Pop(&r.cursors)
	}
	return nil
}

// cursors are the runs that have items left, as a heap: the one with the first item is the first.
type cursors []*cursor

// settle puts the first cursor where it belongs, after it was moved on: heap.Fix without calls of an interface for each item.
func (c cursors) settle() {
	for at := 0; ; {
		next := 2*at + 1
		if next >= len(c) {
			return
		}
		if next+1 < len(c) && c[next+1].order < c[next].order {
			next++
		}
		if c[at].order <= c[next].order {
			return
		}
		c[at], c[next] = c[next], c[at]
		at = next
	}
}

func (c cursors) Len() int           { return len(c) }
func (c cursors) Less(i, j int) bool { return c[i].order < c[j].order }
func (c cursors) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *cursors) Push(x any)        { *c = append(*c, x.(*cursor)) }
func (c *cursors) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}
