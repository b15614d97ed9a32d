package expr

import (
	"testing"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestSettle names, for conditions on a pair whose twins are all equal, what is known of them without evaluating any; the
// fuzz test holds whatever is said to be true. null are those whose price is null, too; differ are those whose twins all differ.
func TestSettle(t *testing.T) {
	for src, want := range map[string]struct{ equal, null, differ string }{
		// What settles the shipped rules.
		`pos.name != store.name`: {"false", "false", "true"},
		`pos.name != store.name && store.name == "${pos.name} ${pos.sku}"`:                      {"false", "false", "open"},
		`pos.variation != store.variation || pos.options != store.options`:                      {"false", "false", "true"},
		`lower(pos.brand) != lower(store.brand)`:                                                {"false", "false", "open"},
		`pos.qoh != store.qoh && store.pending > 0 && pos.qoh - store.pending == store.qoh`:     {"false", "false", "open"},
		`pos.price != store.price`:                                                              {"false", "null", "true"},
		`round(pos.price) <= round(store.price)`:                                                {"true", "null", "open"},
		`pos.price == null`:                                                                     {"false", "true", "false"},
		`pos.visible ? pos.price > store.price : pos.price < store.price`:                       {"open", "open", "open"}, // it depends on which arm
		`(pos.price == null ? pos.qoh : pos.price) != (store.price == null ? store.qoh : null)`: {"open", "open", "open"},
		// Different operations on equal values.
		`lower(pos.name) == upper(store.name)`:                         {"open", "open", "open"},
		`pos.options.Size == store.options.Color`:                      {"open", "open", "open"},
		`pos.variation[0] == store.variation[1]`:                       {"open", "open", "open"},
		`pos.qoh + pos.qoh == store.qoh - store.qoh`:                   {"open", "open", "open"},
		`"${pos.name}a" == "${store.name}b"`:                           {"open", "open", "open"},
		`replace(pos.name, "a", "b") == replace(store.name, "a", "c")`: {"open", "open", "open"},
		`pos.name == store.brand`:                                      {"open", "open", "open"},
		// What one side decides.
		`pos.qoh < 0`:                           {"test", "test", "test"},
		`pos.qoh < 0 && pos.name != store.name`: {"false", "false", "open"},
	} {
		s := NewSettler([]*Expr{compile(t, src)})
		s.Choose(sameNames())
		equal := verdict.Known{Equal: 1<<len(s.Twins()) - 1}
		null, differ := equal, verdict.Known{Differ: equal.Equal}
		for i, twin := range s.Twins() {
			if posSchema.Field(twin[0]).Name == "price" {
				null.Null |= 1 << i
			}
		}
		if want.equal == "test" {
			equal.SetTest(0, 0, verdict.True)
			null.SetTest(0, 0, verdict.Null)
			differ.SetTest(0, 0, verdict.True)
			want.equal, want.null, want.differ = "true", "null", "true"
		}
		names := [...]string{"open", "false", "true", "null"}
		if got := names[s.Settle(0, &equal)]; got != want.equal {
			t.Errorf("%s: %s, want %s", src, got, want.equal)
		}
		if got := names[s.Settle(0, &null)]; got != want.null {
			t.Errorf("%s, price null: %s, want %s", src, got, want.null)
		}
		if got := names[s.Settle(0, &differ)]; got != want.differ {
			t.Errorf("%s, all differ: %s, want %s", src, got, want.differ)
		}
		if got := s.Settle(0, &verdict.Known{}); got != verdict.Open {
			t.Errorf("%s: %s though nothing is known", src, names[got])
		}
	}
}

// TestTestsAreCheap: what a condition comes to last, behind others, is not evaluated on every row if it costs much.
func TestTestsAreCheap(t *testing.T) {
	s := NewSettler([]*Expr{compile(t, `pos.name != store.name && (matches("^x", pos.name) || pos.qoh < 0 || pos.qoh < 0)`)})
	if got := len(s.Tests(0)); got != 1 {
		t.Errorf("%d tests, want one, for pos.qoh < 0", got)
	}
}
