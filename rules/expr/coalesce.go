package expr

import (
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func coalesce(args []*node) *node {
	var n *node
	switch args[0].typ {
	case catalog.String:
		n = textNode(firstOf(args, func(n *node) eval[string] { return n.text }, func(s string) bool { return s != "" }))
	case catalog.Number:
		n = numberNode(firstOf(args, func(n *node) eval[catalog.Decimal] { return n.number }, always))
	case catalog.Bool:
		n = truthNode(firstOf(args, func(n *node) eval[bool] { return n.truth }, always))
	case catalog.List:
		n = listNode(firstOf(args, func(n *node) eval[list] { return n.list }, func(l list) bool { return l.len() > 0 }))
	default:
		n = dictNode(firstOf(args, func(n *node) eval[dict] { return n.dict }, func(m dict) bool { return m.len() > 0 }))
	}
	n.decided = true
	if n.typ.Nullable() {
		n.nullable = !slices.ContainsFunc(args, func(n *node) bool { return !n.nullable })
	} else {
		n.nullable = args[len(args)-1].nullable // where all are absent, the last one is the result
	}
	return n
}

// firstOf returns the first argument that is known and present, else the last one.
func firstOf[T any](args []*node, of func(*node) eval[T], present func(T) bool) eval[T] {
	evals := make([]eval[T], len(args))
	for i, n := range args {
		evals[i] = of(n)
	}
	return func(f *Frame) (v T, known bool) {
		for _, e := range evals {
			if v, known = e(f); known && present(v) {
				return v, true
			}
		}
		return v, known
	}
}

func always[T any](T) bool { return true }

// firstPresent returns which argument coalesce took. The result is known.
func firstPresent(args []*Trace) int {
	for i, p := range args {
		if !p.Null && !absent(p.Value) {
			return i
		}
	}
	return len(args) - 1
}

func absent(v catalog.Value) bool {
	return v.Str() == "" && len(v.List()) == 0 && len(v.Entries()) == 0 && !v.Type().Nullable()
}
