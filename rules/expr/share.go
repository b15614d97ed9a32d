package expr

import (
	"fmt"
	"unsafe"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Sharing lets conditions that are evaluated on the same rows share their calls: one that stands in several conditions is
// computed once for a pair of rows. It is for the conditions of one program. They are compiled one after the other, before
// any is evaluated.
type Sharing struct {
	calls map[string]*sharedCall
}

// NewSharing returns a Sharing for a Scope.
func NewSharing() *Sharing { return &Sharing{calls: map[string]*sharedCall{}} }

// sharedCall is a call, wherever it stands.
type sharedCall struct {
	slot int // its place in Frame.memos
	uses int // how often it stands somewhere
}

// memo is the result of a call for the rows that a Frame has.
type memo struct {
	moment uint64 // the Frame's when it was computed, plus one
	known  bool
	text   []byte
	number catalog.Decimal
	truth  bool
}

// share returns a node that looks up what was computed already. Lists and maps are made anew each time: they refer to texts
// that do not last.
func (c *compiler) share(n *node) *node {
	key, ok := n.appendKey(nil)
	if !ok {
		return n
	}
	shared := c.scope.Sharing.calls[string(key)]
	if shared == nil {
		shared = &sharedCall{slot: len(c.scope.Sharing.calls)}
		c.scope.Sharing.calls[string(key)] = shared
	}
	shared.uses++
	result := *n
	switch n.typ {
	case catalog.String:
		result.text = remembered(shared, n.text,
			func(m *memo) string { return unsafe.String(unsafe.SliceData(m.text), len(m.text)) },
			func(m *memo, s string) { m.text = append(m.text[:0], s...) })
	case catalog.Number:
		result.number = remembered(shared, n.number,
			func(m *memo) catalog.Decimal { return m.number },
			func(m *memo, d catalog.Decimal) { m.number = d })
	case catalog.Bool:
		result.truth = remembered(shared, n.truth,
			func(m *memo) bool { return m.truth },
			func(m *memo, b bool) { m.truth = b })
	}
	return &result
}

func remembered[T any](call *sharedCall, compute eval[T], get func(*memo) T, set func(*memo, T)) eval[T] {
	return func(f *Frame) (v T, known bool) {
		if call.uses == 1 {
			return compute(f)
		}
		for len(f.memos) <= call.slot {
			f.memos = append(f.memos, memo{})
		}
		if m := &f.memos[call.slot]; m.moment == f.moment+1 {
			if !m.known {
				return v, false
			}
			return get(m), true
		}
		v, known = compute(f)
		m := &f.memos[call.slot] // computing may have moved them
		m.moment, m.known = f.moment+1, known
		if known {
			set(m, v)
		}
		return v, known
	}
}

// appendKey appends a text that no node has whose value can be another; false if there is none.
func (n *node) appendKey(key []byte) ([]byte, bool) {
	n = n.bare()
	switch {
	case n.constant:
		v, known := n.value(&Frame{})
		return fmt.Appendf(key, "%d %t %q ", n.typ, known, v.Text()), true
	case n.field != nil:
		return fmt.Appendf(key, "%d.%d ", n.field.side, n.field.column), true
	case len(n.operands) == 0:
		return nil, false
	}
	key = fmt.Appendf(key, "%d %q %d (", n.kind, n.op, n.typ)
	for _, o := range n.operands {
		var ok bool
		if key, ok = o.appendKey(key); !ok {
			return nil, false
		}
	}
	return append(key, ')'), true
}
