package expr

import (
	"github.com/reconcilehq/reconcile/engine/catalog"
)

func number1(do func(catalog.Decimal) catalog.Decimal) func([]*node) *node {
	return func(args []*node) *node { return numberNode(map1(args[0].number, do)) }
}

// extreme returns the build of min, where wanted is less, and of max, where it is greater.
func extreme(wanted relation) func([]*node) *node {
	return func(args []*node) *node {
		return numberNode(func(f *Frame) (best catalog.Decimal, known bool) {
			for i, arg := range args {
				d, known := arg.number(f)
				if !known {
					return catalog.Decimal{}, false
				}
				if i == 0 || wanted.has(d.Cmp(best)) {
					best = d
				}
			}
			return best, true
		})
	}
}

// roundLimit bounds what a hostile number of digits can cost; no number has digits out there.
const roundLimit = 5000

func round(args []*node) *node {
	n := args[0].number
	if len(args) == 1 {
		whole := numberNode(map1(n, func(d catalog.Decimal) catalog.Decimal { return d.Round(0) }))
		whole.facts = KnownOfKnown
		return whole
	}
	digits := args[1].number
	rounded := numberNode(func(f *Frame) (catalog.Decimal, bool) {
		d, known := n(f)
		to, toKnown := digits(f)
		whole, ok := to.Whole()
		if !known || !toKnown || !ok {
			return catalog.Decimal{}, false
		}
		return d.Round(max(-roundLimit, min(roundLimit, whole))), true
	})
	if args[1].constant {
		if to, known := digits(&Frame{}); known {
			if _, whole := to.Whole(); whole { // digits that are no integer make it null
				rounded.facts = KnownOfKnown
			}
		}
	}
	return rounded
}

func toNumber(args []*node) *node {
	text := args[0].text
	return numberNode(func(f *Frame) (catalog.Decimal, bool) {
		s, known := text(f)
		if !known {
			return catalog.Decimal{}, false
		}
		d, err := catalog.ParseDecimal(s)
		return d, err == nil
	})
}
