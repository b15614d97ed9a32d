package expr

import (
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Twin is a column of each of two sides, of one type, whose values are compared once for all conditions.
type Twin [MaxSides]int

// The most twins, and tests of a side, that a Known has room for.
const (
	MaxTwins = 64
	MaxTests = 16
)

// Known is what was found out about a pair of rows without evaluating a condition on it.
type Known struct {
	Equal uint64           // the twins whose two values are the same, or both null
	Null  uint64           // those of them that are null
	Tests [MaxSides]uint32 // the verdicts on the sides' tests, two bits each
}

// Verdict is what can be said of a condition.
type Verdict uint8

// The verdicts. Open means that only an evaluation will tell.
const (
	Open Verdict = iota
	False
	True
	Null
)

// VerdictOf returns the verdict of an evaluation.
func VerdictOf(truth, known bool) Verdict {
	switch {
	case !known:
		return Null
	case truth:
		return True
	}
	return False
}

// SetTest sets the verdict on a side's test.
func (k *Known) SetTest(side, test int, v Verdict) { k.Tests[side] |= uint32(v) << (2 * test) }

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
	side := int(f.sides - 1)
	for i, t := range s.tests[side] {
		if s.same(f, t, &Known{}) {
			f.test = i
			return false
		}
	}
	if len(s.tests[side]) == MaxTests {
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
func (s *Settler) Tests(side int) []*Expr {
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
func (s *Settler) Settle(condition int, k *Known) Verdict {
	return s.truth(s.conditions[condition], k)
}

func (s *Settler) truth(f *form, k *Known) Verdict {
	if f.test >= 0 {
		if v := Verdict(k.Tests[f.sides-1] >> (2 * f.test) & 3); v != Open {
			return v
		}
	}
	switch f.kind {
	case constantForm:
		return VerdictOf(f.constant.Bool(), !f.constant.IsNull() && f.constant.Type() == catalog.Bool)
	case notForm:
		return [...]Verdict{Open: Open, False: True, True: False, Null: Null}[s.truth(f.parts[0], k)]
	case logicForm:
		return s.logic(f, k)
	case choiceForm:
		switch s.truth(f.parts[0], k) {
		case True:
			return s.truth(f.parts[1], k)
		case False:
			return s.truth(f.parts[2], k)
		case Null:
			return Null
		}
	case equalityForm, orderForm:
		return s.comparison(f, k)
	}
	return Open
}

func (s *Settler) logic(f *form, k *Known) Verdict {
	settles, other := False, True
	if f.op == "||" {
		settles, other = True, False
	}
	a, b := s.truth(f.parts[0], k), s.truth(f.parts[1], k)
	switch {
	case a == settles || b == settles:
		return settles
	case a == Open || b == Open:
		return Open
	case a == Null || b == Null:
		return Null
	}
	return other
}

func (s *Settler) comparison(f *form, k *Known) Verdict {
	a, b := f.parts[0], f.parts[1]
	if f.kind == equalityForm && (a.literalNull() || b.literalNull()) {
		if a.literalNull() {
			a, b = b, a
		}
		switch s.null(a, k) {
		case True:
			return VerdictOf(f.op == "==", true)
		case False:
			return VerdictOf(f.op == "!=", true)
		}
		return Open
	}
	nullA, nullB := s.null(a, k), s.null(b, k)
	switch {
	case nullA == True || nullB == True:
		return Null
	case nullA == False && nullB == False && s.same(a, b, k):
		return VerdictOf(f.op == "==" || f.op == "<=" || f.op == ">=", true)
	}
	return Open
}

func (f *form) literalNull() bool { return f.constant != nil && f.constant.Type() == catalog.Invalid }

// null returns whether the value is null: True, False or Open.
func (s *Settler) null(f *form, k *Known) Verdict {
	switch {
	case f.constant != nil:
		return VerdictOf(f.constant.IsNull() || f.literalNull(), true)
	case !f.nullable:
		return False
	case f.kind == fieldForm:
		if twin, ok := s.twinOf[f.field.side][f.field.column]; ok && k.Equal>>twin&1 != 0 {
			return VerdictOf(k.Null>>twin&1 != 0, true)
		}
		return Open
	case f.typ == catalog.Bool && (f.test >= 0 || f.kind == logicForm || f.kind == notForm || f.kind == choiceForm):
		if v := s.truth(f, k); v != Open {
			return VerdictOf(v == Null, true)
		}
		return Open
	case !f.strict || len(f.parts) == 0:
		return Open
	}
	result := False
	for _, p := range f.parts {
		switch s.null(p, k) {
		case True:
			return True
		case Open:
			result = Open
		}
	}
	return result
}

// same reports whether the two are the same value, or both null.
func (s *Settler) same(a, b *form, k *Known) bool {
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
func (s *Settler) twinned(a, b field, k *Known) bool {
	if a.side == b.side {
		return false
	}
	twin, ok := s.twinOf[a.side][a.column]
	return ok && s.twins[twin][b.side] == b.column && k.Equal>>twin&1 != 0
}
