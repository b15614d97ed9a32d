package expr

import (
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Twin is a column of each of two sides, of one type, whose values are compared once for all conditions.
type Twin [MaxSides]int

// Settler tells what conditions come to from what is known of a pair: most pairs of two catalogues are alike, and then
// most conditions need no evaluation. It is immutable but for Choose.
type Settler struct {
	conditions []*form
	tests      [MaxSides][]*form
	twinOf     [MaxSides]map[int]int // by column
	twins      []Twin
}

// NewSettler returns a settler of conditions that were compiled in the scope without mistakes. Its tests are the parts of
// them that are true or false by one side alone, and cheap to evaluate. It has no twins until Choose.
func NewSettler(conditions []hcl.Expression, scope *Scope) *Settler {
	s := &Settler{}
	for _, e := range conditions {
		f := formOf(e, scope)
		f.walk(s.addTest)
		s.conditions = append(s.conditions, f)
	}
	return s
}

// addTest makes a condition on one side a test; it returns whether to look at its parts.
func (s *Settler) addTest(f *form) bool {
	if f.typ != catalog.Bool || f.constant != nil || f.sides != 1 && f.sides != 2 || !f.cheap() {
		return true
	}
	side := verdict.Side(f.sides - 1)
	for i, t := range s.tests[side] {
		if s.same(f, t, &verdict.Known{}) {
			f.test = i
			return false
		}
	}
	if len(s.tests[side]) == verdict.MaxTests {
		return true
	}
	f.test = len(s.tests[side])
	s.tests[side] = append(s.tests[side], f)
	return false
}

// cheap reports whether the expression may be evaluated on every row, whether or not a condition gets that far: calls and
// texts that are put together may not.
func (f *form) cheap() bool {
	cheap := true
	f.walk(func(p *form) bool {
		cheap = cheap && p.op != "template" && p.op != "list" && p.op != "?" && !strings.HasSuffix(p.op, "()")
		return cheap
	})
	return cheap
}

// Tests returns the tests of a side, which read no other side.
func (s *Settler) Tests(side verdict.Side) []*Expr {
	list := make([]*Expr, len(s.tests[side]))
	for i, f := range s.tests[side] {
		list[i] = f.expr
	}
	return list
}

// Compared returns the pairs of columns that the conditions compare as they stand.
func (s *Settler) Compared() []Twin {
	var list []Twin
	for _, c := range s.conditions {
		c.walk(func(f *form) bool {
			if f.kind != equalityForm && f.kind != orderForm {
				return true
			}
			a, b := f.parts[0], f.parts[1]
			if a.kind == fieldForm && b.kind == fieldForm && a.field.side != b.field.side {
				var t Twin
				t[a.field.side], t[b.field.side] = a.field.column, b.field.column
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

func (s *Settler) truth(f *form, k *verdict.Known) verdict.Truth {
	if f.test >= 0 {
		if v := k.Test(verdict.Side(f.sides-1), f.test); v != verdict.Open {
			return v
		}
	}
	switch f.kind {
	case constantForm:
		return verdict.TruthOf(f.constant.Bool(), !f.constant.IsNull() && f.constant.Type() == catalog.Bool)
	case notForm:
		return [...]verdict.Truth{verdict.Open: verdict.Open, verdict.False: verdict.True, verdict.True: verdict.False, verdict.Null: verdict.Null}[s.truth(f.parts[0], k)]
	case logicForm:
		return s.logic(f, k)
	case choiceForm:
		switch s.truth(f.parts[0], k) {
		case verdict.True:
			return s.truth(f.parts[1], k)
		case verdict.False:
			return s.truth(f.parts[2], k)
		case verdict.Null:
			return verdict.Null
		}
	case equalityForm, orderForm:
		return s.comparison(f, k)
	}
	return verdict.Open
}

func (s *Settler) logic(f *form, k *verdict.Known) verdict.Truth {
	settles, other := verdict.False, verdict.True
	if f.op == "||" {
		settles, other = verdict.True, verdict.False
	}
	a, b := s.truth(f.parts[0], k), s.truth(f.parts[1], k)
	switch {
	case a == settles || b == settles:
		return settles
	case a == verdict.Open || b == verdict.Open:
		return verdict.Open
	case a == verdict.Null || b == verdict.Null:
		return verdict.Null
	}
	return other
}

func (s *Settler) comparison(f *form, k *verdict.Known) verdict.Truth {
	a, b := f.parts[0], f.parts[1]
	if f.kind == equalityForm && (a.literalNull() || b.literalNull()) {
		if a.literalNull() {
			a, b = b, a
		}
		switch s.null(a, k) {
		case verdict.True:
			return verdict.TruthOf(f.op == "==", true)
		case verdict.False:
			return verdict.TruthOf(f.op == "!=", true)
		}
		return verdict.Open
	}
	nullA, nullB := s.null(a, k), s.null(b, k)
	switch {
	case nullA == verdict.True || nullB == verdict.True:
		return verdict.Null
	case nullA == verdict.False && nullB == verdict.False && s.same(a, b, k):
		return verdict.TruthOf(f.op == "==" || f.op == "<=" || f.op == ">=", true)
	}
	return verdict.Open
}

func (f *form) literalNull() bool { return f.constant != nil && f.constant.Type() == catalog.Invalid }

// null returns whether the value is null: True, False or Open.
func (s *Settler) null(f *form, k *verdict.Known) verdict.Truth {
	switch {
	case f.constant != nil:
		return verdict.TruthOf(f.constant.IsNull() || f.literalNull(), true)
	case !f.nullable:
		return verdict.False
	case f.kind == fieldForm:
		if twin, ok := s.twinOf[f.field.side][f.field.column]; ok && k.Equal>>twin&1 != 0 {
			return verdict.TruthOf(k.Null>>twin&1 != 0, true)
		}
		return verdict.Open
	case f.typ == catalog.Bool && (f.test >= 0 || f.kind == logicForm || f.kind == notForm || f.kind == choiceForm):
		if v := s.truth(f, k); v != verdict.Open {
			return verdict.TruthOf(v == verdict.Null, true)
		}
		return verdict.Open
	case !f.strict || len(f.parts) == 0:
		return verdict.Open
	}
	result := verdict.False
	for _, p := range f.parts {
		switch s.null(p, k) {
		case verdict.True:
			return verdict.True
		case verdict.Open:
			result = verdict.Open
		}
	}
	return result
}

// same reports whether the two are the same value, or both null.
func (s *Settler) same(a, b *form, k *verdict.Known) bool {
	if a.kind != b.kind || a.op != b.op || a.typ != b.typ || len(a.parts) != len(b.parts) {
		return false
	}
	switch {
	case a.kind == constantForm:
		return a.constant.Equal(*b.constant)
	case a.kind == fieldForm:
		return a.field == b.field || s.twinned(a.field, b.field, k)
	case len(a.parts) == 0:
		return a == b
	}
	for i := range a.parts {
		if !s.same(a.parts[i], b.parts[i], k) {
			return false
		}
	}
	return true
}

// twinned reports whether two fields are the two of a twin whose values are equal.
func (s *Settler) twinned(a, b field, k *verdict.Known) bool {
	if a.side == b.side {
		return false
	}
	twin, ok := s.twinOf[a.side][a.column]
	return ok && s.twins[twin][b.side] == b.column && k.Equal>>twin&1 != 0
}
