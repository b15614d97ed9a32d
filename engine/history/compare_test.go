package history

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// list writes what became of the findings, a line each.
func list(t *testing.T, before, after *Run) (lines []string) {
	t.Helper()
	c, err := Compare(before, after)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range c.Findings {
		run, at := after, f.After
		if at < 0 {
			run, at = before, f.Before
		}
		row, err := run.Row(int(at))
		if err != nil {
			t.Fatal(err)
		}
		what := f.Rule
		if what == "" {
			what = f.Status.String()
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", row.SKU, what, f.Change))
	}
	return lines
}

// TestCompare has one thing change from a run to the next.
func TestCompare(t *testing.T) {
	same := good{sku: "S", name: "Same", price: "1", qoh: "1"}
	one := good{sku: "A", name: "Bell", price: "10", qoh: "5"}
	with := func(change func(*good)) good {
		g := one
		change(&g)
		return g
	}
	dearer, dearest := with(func(g *good) { g.price = "11" }), with(func(g *good) { g.price = "12" })
	named := with(func(g *good) { g.price, g.name = "11", "Bell, large" })
	noPrice := with(func(g *good) { g.price = "" })
	unread := with(func(g *good) { g.unreadable = "too long" })
	accepted := shopRules + "intentional \"the bell\" {\n  rules = [\"P\"]\n  skus = [\"A\"]\n  reason = \"so it is\"\n}\n"
	single := shopRules + "intentional \"the bell\" {\n  status = [\"pos_only\"]\n  skus = [\"A\"]\n  reason = \"so it is\"\n}\n"
	otherRule := strings.Replace(shopRules, "pos.price != store.price", "pos.price != store.price && pos.price < 10.5", 1)
	weaker := strings.Replace(shopRules, `rule "P" { when`, "rule \"P\" {\n  severity = \"warning\"\n  when", 1)
	weaker = strings.Replace(weaker, "store.price }", "store.price\n}", 1)
	noRule := strings.Replace(shopRules, "rule \"P\" {", "rule \"PP\" {", 1)
	noRule = strings.ReplaceAll(noRule, `rules  = ["P"]`, `rules  = ["PP"]`)
	noRule = strings.ReplaceAll(noRule, `rules = ["P"]`, `rules = ["PP"]`)
	type sides struct {
		rules string
		store shelf
		alter func(*report.Result)
	}
	skipping := func(r *report.Result) { r.Store.Skipped = 1 }
	otherKey := func(r *report.Result) { r.Settings = "another" }
	for _, c := range []struct {
		name          string
		before, after sides
		want          string
	}{
		{"nothing", sides{store: shelf{same, one}}, sides{store: shelf{same, one}}, ""},
		{"a store that has become empty", sides{store: shelf{same, dearer}}, sides{store: shelf{}}, "S pos_only judged_anew\nA pos_only judged_anew\nA P not_judged"},
		{"one that was empty", sides{store: shelf{}}, sides{store: shelf{same, dearer}}, "S pos_only judged_anew\nA pos_only judged_anew\nA P judged_anew"},
		{"new", sides{store: shelf{same, one}}, sides{store: shelf{same, dearer}}, "A P new"},
		{"as it was", sides{store: shelf{same, dearer}}, sides{store: shelf{dearer, same}}, "A P persisting"},
		{"another price", sides{store: shelf{same, dearer}}, sides{store: shelf{same, dearest}}, "A P updated"},
		{"another value that the rule does not read", sides{store: shelf{same, dearer}}, sides{store: shelf{same, named}}, "A N new\nA P persisting"},
		{"resolved", sides{store: shelf{same, dearer}}, sides{store: shelf{same, one}}, "A P resolved"},
		{"accepted", sides{store: shelf{same, dearer}}, sides{rules: accepted, store: shelf{same, dearer}}, "A P accepted"},
		{"no longer accepted", sides{rules: accepted, store: shelf{same, dearer}}, sides{store: shelf{same, dearer}}, "A P new"},
		{"unknown", sides{store: shelf{same, dearer}}, sides{store: shelf{same, noPrice}}, "A P not_judged"},
		{"unreadable", sides{store: shelf{same, dearer}}, sides{store: shelf{same, unread}}, "A unreadable new\nA P not_judged"},
		{"gone on one side", sides{store: shelf{same, dearer}}, sides{store: shelf{same}}, "A pos_only new\nA P not_judged"},
		{"back again", sides{store: shelf{same}}, sides{store: shelf{same, dearer}}, "A pos_only resolved\nA P new"},
		{"twice", sides{store: shelf{same}}, sides{store: shelf{same, one, one}}, "A duplicate updated\nA duplicate new\nA duplicate new"},
		{"meant to be alone", sides{store: shelf{same}}, sides{rules: single, store: shelf{same}}, "A pos_only accepted"},
		{"only in the store", sides{store: shelf{same, one}}, sides{store: shelf{same, one, {sku: "B", name: "Bull"}}}, "B store_only new"},
		{"not in the store any more", sides{store: shelf{same, one, {sku: "B", name: "Bull"}}}, sides{store: shelf{same, one}}, "B store_only resolved"},
		{"perhaps not in the store any more", sides{store: shelf{same, one, {sku: "B", name: "Bull"}}}, sides{store: shelf{same, one}, alter: skipping}, "B store_only not_judged"},
		{"no key", sides{store: shelf{same, one, {name: "Bull"}}}, sides{store: shelf{same, {name: "Cow"}, one, {name: "Bull"}}}, " no_key new\n no_key persisting"},
		{"a rule that finds less", sides{store: shelf{same, dearer}}, sides{rules: strings.Replace(shopRules, "pos.price != store.price", "pos.price > store.price", 1), store: shelf{same, dearer}}, "A P judged_anew"},
		{"a rule that finds more", sides{rules: strings.Replace(shopRules, "pos.price != store.price", "pos.price > store.price", 1), store: shelf{same, dearer}}, sides{store: shelf{same, dearer}}, "A P judged_anew"},
		{"another rule that finds it still", sides{store: shelf{same, dearer}}, sides{rules: otherRule, store: shelf{same, dearer}}, "A P persisting"},
		{"a rule of another weight", sides{store: shelf{same, one}}, sides{rules: weaker, store: shelf{same, dearer}}, "A P judged_anew"},
		{"a rule that is gone, and one that came", sides{store: shelf{same, dearer}}, sides{rules: noRule, store: shelf{same, dearer}}, "A PP judged_anew\nA P judged_anew"},
		{"another key", sides{store: shelf{same, dearer}}, sides{store: shelf{same, {sku: "C", name: "Cow"}, one}, alter: otherKey}, "A P judged_anew\nC store_only judged_anew"},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := func(s sides) *Run {
				if s.rules == "" {
					s.rules = shopRules
				}
				result := runShop(t, compile(t, s.rules), shelf{same, one}, s.store)
				if s.alter != nil {
					s.alter(result)
				}
				return keep(t, result)
			}
			if got := strings.Join(list(t, run(c.before), run(c.after)), "\n"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestCompareAll compares runs of shops that are made up, against what must hold of any two: each finding of either run is told once, by
// a change that fits, whatever the order of the items; and nothing changes from a run to itself.
func TestCompareAll(t *testing.T) {
	for seed := range uint64(tries(4, 40)) {
		random := rand.New(rand.NewPCG(seed, 19))
		program := compile(t, shopRules)
		pos, store := drawShop(random, 300)
		before := keep(t, runShop(t, program, pos, store))
		for range 60 { // what a day brings
			i, j := random.IntN(len(store)), random.IntN(len(pos))
			switch random.IntN(5) {
			case 0:
				store[i].price = "77"
			case 1:
				store[i].name = "Another"
			case 2:
				store = slices.Delete(store, i, i+1)
			case 3:
				pos = slices.Delete(pos, j, j+1)
			default:
				store[i].qoh = pos[j].qoh
			}
		}
		after := keep(t, runShop(t, program, pos, store))
		random.Shuffle(len(pos), func(i, j int) { pos[i], pos[j] = pos[j], pos[i] })
		shuffled := keep(t, runShop(t, program, pos, store))

		c, err := Compare(before, after)
		if err != nil {
			t.Fatal(err)
		}
		told := [2]map[string]int{{}, {}}
		for _, f := range c.Findings {
			for i, at := range []int32{f.Before, f.After} {
				if at >= 0 {
					told[i][fmt.Sprint(f.Rule, at)]++
				}
			}
		}
		for i, run := range []*Run{before, after} {
			for at := range run.Items() {
				row, err := run.Row(at)
				if err != nil {
					t.Fatal(err)
				}
				is := map[string]bool{"": row.Status != verdict.Matched && !row.Parent && !row.Intended}
				for rule, m := range row.Marks {
					is[run.About().Rules[rule].Code] = m == Red
				}
				for rule, red := range is {
					if n := told[i][fmt.Sprint(rule, at)]; red && n != 1 || n > 1 {
						t.Fatalf("run %d, item %d, %q is told %d times", i, at, rule, n)
					}
				}
			}
		}
		for _, f := range c.Findings {
			if f.After < 0 && f.Change != Resolved && f.Change != Unjudged || f.Before < 0 && f.Change != New {
				t.Fatalf("%+v cannot be", f)
			}
		}
		for _, of := range []*Run{after, shuffled} {
			self, err := Compare(of, of)
			if err != nil || len(self.Findings) == 0 || self.Count(Persisting, "P") == 0 {
				t.Fatalf("%+v, %v", self, err)
			}
			for _, f := range self.Findings {
				if f.Change != Persisting || f.Before != f.After {
					t.Fatalf("%+v in one run", f)
				}
			}
		}
		// Where several have one key, another order is another pairing; the others are told alike.
		plain := func(lines []string) []string {
			lines = slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, "duplicate") || strings.Contains(l, "no_key") })
			slices.Sort(lines)
			return lines
		}
		if diff := cmp.Diff(plain(list(t, before, after)), plain(list(t, before, shuffled))); diff != "" {
			t.Fatalf("in another order (-want +got):\n%s", diff)
		}
	}
}

// TestCompareOthers refuses to compare runs of two reconciliations, and passes damage on.
func TestCompareOthers(t *testing.T) {
	result := runShop(t, compile(t, shopRules), shelf{{sku: "A", name: "Bell"}}, shelf{{sku: "A", name: "Bull"}})
	run := keep(t, result)
	result.Reconciliation = "another"
	if _, err := Compare(run, keep(t, result)); err == nil {
		t.Error("two reconciliations were compared")
	}
}
