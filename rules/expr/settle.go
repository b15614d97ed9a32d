package expr

import (
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Twin is a column of each of two sides, of one type, whose values are compared once for all conditions.
type Twin [MaxSides]int

// Settler tells what conditions come to from what is known of a pair: most pairs of two catalogues are alike, and then
// most conditions need no evaluation. It is immutable but for Choose.
type Settler struct {
	conditions []*node
	tests      [MaxSides][]*node
	testAt     map[*node]int         // the place of each test among those of its side
	twinOf     [MaxSides]map[int]int // by column
	twins      []Twin
}

// NewSettler returns a settler of conditions that were compiled without mistakes, for one scope. Its tests are the parts of
// them that are true or false by one side alone, and cheap to evaluate. It has no twins until Choose.
func NewSettler(conditions []*Expr) *Settler {
	s := &Settler{testAt: map[*node]int{}}
	for _, e := range conditions {
		e.root.walk(s.addTest)
		s.conditions = append(s.conditions, e.root)
	}
	return s
}

// addTest makes a condition on one side a test; it returns whether to look at its operands.
func (s *Settler) addTest(n *node) bool {
	if n.typ != catalog.Bool || n.constant || n.sides != 1 && n.sides != 2 || !n.cheap() {
		return true
	}
	side := verdict.Side(n.sides - 1)
	for i, t := range s.tests[side] {
		if s.same(n, t, &verdict.Known{}) {
			s.testAt[n] = i
			return false
		}
	}
	if len(s.tests[side]) == verdict.MaxTests {
		return true
	}
	s.testAt[n] = len(s.tests[side])
	s.tests[side] = append(s.tests[side], n)
	return false
}

// cheap reports whether the expression may be evaluated on every row, whether or not a condition gets that far: texts that
// are put together may not, nor most calls.
func (n *node) cheap() bool {
	cheap := true
	n.walk(func(p *node) bool {
		switch p.kind {
		case Template, Collection:
			cheap = false
		case Call:
			cheap = cheap && p.facts.has(Cheap)
		}
		return cheap
	})
	return cheap
}

// Tests returns the tests of a side, which read no other side.
func (s *Settler) Tests(side verdict.Side) []*Expr {
	list := make([]*Expr, len(s.tests[side]))
	for i, n := range s.tests[side] {
		list[i] = &Expr{root: n, typ: n.typ}
	}
	return list
}

// Compared returns the pairs of columns that the conditions compare as they stand.
func (s *Settler) Compared() []Twin {
	var list []Twin
	for _, c := range s.conditions {
		c.walk(func(n *node) bool {
			if n.kind != Comparison || n.constant {
				return true
			}
			a, b := n.operands[0].bare().field, n.operands[1].bare().field
			if a != nil && b != nil && a.side != b.side {
				var t Twin
				t[a.side], t[b.side] = a.column, b.column
				list = append(list, t)
			}
			return true
		})
	}
	return list
}

// Choose sets the twins: at most MaxTwins, each column in one of them only.
func (s *Settler) Choose(twins []Twin) {
	s.twins = twins
	for side := range s.twinOf {
		s.twinOf[side] = map[int]int{}
		for i, t := range twins {
			s.twinOf[side][t[side]] = i
		}
	}
}

// Twins returns the twins that were chosen.
func (s *Settler) Twins() []Twin { return s.twins }

// Settle returns what is known of a condition: not Open only if evaluating it on any pair of which k holds gives just that.
func (s *Settler) Settle(condition int, k *verdict.Known) verdict.Truth {
	return s.truth(s.conditions[condition], k)
}

func (s *Settler) truth(n *node, k *verdict.Known) verdict.Truth {
	n = n.bare()
	if n.constant {
		return verdict.TruthOf(n.truth(&Frame{}))
	}
	if v := s.tested(n, k); v != verdict.Open {
		return v
	}
	switch n.kind {
	case Unary: // of a bool it is !
		return [...]verdict.Truth{verdict.Open: verdict.Open, verdict.False: verdict.True, verdict.True: verdict.False, verdict.Null: verdict.Null}[s.truth(n.operands[0], k)]
	case Logic:
		return s.logic(n, k)
	case Conditional:
		switch s.truth(n.operands[0], k) {
		case verdict.True:
			return s.truth(n.operands[1], k)
		case verdict.False:
			return s.truth(n.operands[2], k)
		case verdict.Null:
			return verdict.Null
		}
	case Comparison:
		return s.comparison(n, k)
	}
	return verdict.Open
}

// tested returns what a test came to; Open of what is no test, or was not tested.
func (s *Settler) tested(n *node, k *verdict.Known) verdict.Truth {
	at, ok := s.testAt[n]
	if !ok {
		return verdict.Open
	}
	return k.Test(verdict.Side(n.sides-1), at)
}

func (s *Settler) logic(n *node, k *verdict.Known) verdict.Truth {
	decides, other := verdict.False, verdict.True
	if n.op == "||" {
		decides, other = verdict.True, verdict.False
	}
	a, b := s.truth(n.operands[0], k), s.truth(n.operands[1], k)
	switch {
	case a == decides || b == decides:
		return decides
	case a == verdict.Open || b == verdict.Open:
		return verdict.Open
	case a == verdict.Null || b == verdict.Null:
		return verdict.Null
	}
	return other
}

func (s *Settler) comparison(n *node, k *verdict.Known) verdict.Truth {
	a, b := n.operands[0].bare(), n.operands[1].bare()
	if a.null || b.null {
		if a.null {
			a = b
		}
		switch s.null(a, k) {
		case verdict.True:
			return verdict.TruthOf(n.op == "==", true)
		case verdict.False:
			return verdict.TruthOf(n.op == "!=", true)
		}
		return verdict.Open
	}
	nullA, nullB := s.null(a, k), s.null(b, k)
	switch {
	case a.field != nil && b.field != nil && (n.op == "==" || n.op == "!=") && s.twinned(a.field, b.field, k.Differ):
		return verdict.TruthOf(n.op == "!=", true)
	case nullA == verdict.True || nullB == verdict.True:
		return verdict.Null
	case nullA == verdict.False && nullB == verdict.False && s.same(a, b, k):
		return verdict.TruthOf(n.op == "==" || n.op == "<=" || n.op == ">=", true)
	}
	return verdict.Open
}

// null returns whether the value is null: True, False or Open.
func (s *Settler) null(n *node, k *verdict.Known) verdict.Truth {
	n = n.bare()
	switch {
	case n.constant:
		return verdict.TruthOf(n.nullable, true)
	case !n.nullable:
		return verdict.False
	case n.field != nil:
		switch twin, ok := s.twinOf[n.field.side][n.field.column]; {
		case ok && k.Equal>>twin&1 != 0:
			return verdict.TruthOf(k.Null>>twin&1 != 0, true)
		case ok && k.Differ>>twin&1 != 0:
			return verdict.False
		}
		return verdict.Open
	case n.typ == catalog.Bool && (n.kind == Logic || n.kind == Unary || n.kind == Conditional || s.tested(n, k) != verdict.Open):
		if v := s.truth(n, k); v != verdict.Open {
			return verdict.TruthOf(v == verdict.Null, true)
		}
		return verdict.Open
	}
	return s.nullByFacts(n, k)
}

// nullByFacts returns what follows from what is known of the operation.
func (s *Settler) nullByFacts(n *node, k *verdict.Known) verdict.Truth {
	result := verdict.False
	if !n.facts.has(KnownOfKnown) {
		result = verdict.Open
	}
	for _, o := range n.operands {
		switch v := s.null(o, k); {
		case v == verdict.True && n.facts.has(NullOfNull):
			return verdict.True
		case v != verdict.False:
			result = verdict.Open
		}
	}
	return result
}

// same reports whether the two are the same value, or both null.
func (s *Settler) same(a, b *node, k *verdict.Known) bool {
	a, b = a.bare(), b.bare()
	switch {
	case a.typ != b.typ:
		return false
	case a.constant || b.constant:
		return a.constant && b.constant && sameConstants(a, b)
	case a.field != nil || b.field != nil:
		return a.field != nil && b.field != nil && (*a.field == *b.field || s.twinned(a.field, b.field, k.Equal))
	case a.kind != b.kind || a.op != b.op || len(a.operands) != len(b.operands):
		return false
	case len(a.operands) == 0:
		return a == b
	}
	for i := range a.operands {
		if !s.same(a.operands[i], b.operands[i], k) {
			return false
		}
	}
	return true
}

func sameConstants(a, b *node) bool {
	x, xKnown := a.value(&Frame{})
	y, yKnown := b.value(&Frame{})
	return xKnown == yKnown && x.Equal(y)
}

// twinned reports whether two fields are the two of one of these twins.
func (s *Settler) twinned(a, b *field, twins uint64) bool {
	if a.side == b.side {
		return false
	}
	twin, ok := s.twinOf[a.side][a.column]
	return ok && s.twins[twin][b.side] == b.column && twins>>twin&1 != 0
}
