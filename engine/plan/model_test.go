package plan_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/plan"
)

// family is what an item of the store shares fields with.
func family(it item) string {
	if parent := it["parent_sku"].Str(); parent != "" {
		return parent
	}
	return it["sku"].Str()
}

// write makes a change in a store that does what it is told and nothing else.
func write(store []item, c plan.Change, w change.Writable, v catalog.Value) {
	held, problem := w.Holds(v)
	if problem != "" {
		panic(problem)
	}
	of := ""
	for _, it := range store {
		if it["sku"].Str() == c.SKU {
			of = family(it)
		}
	}
	for _, it := range store {
		if it["sku"].Str() == c.SKU || w.Parent && family(it) == of {
			it[c.Field] = held
		}
	}
}

func clone(items []item) (copied []item) {
	for _, it := range items {
		copied = append(copied, maps.Clone(it))
	}
	return copied
}

// conditions and remedies are what rules are drawn from.
var (
	conditions = []string{"pos.name != store.name", "pos.price != store.price", "pos.qoh != store.qoh", "lower(pos.brand) != lower(store.brand)", "pos.cost_price != store.cost_price",
		"pos.price > store.cost_price", "store.price < store.cost_price", "pos.qoh < 0", "store.pending > 0 && pos.qoh - store.pending == store.qoh", "store.name == \"${pos.name} ${pos.sku}\"",
		"pos.options != store.options", "store.price / store.qoh > 1", "pos.name != store.name || pos.price != store.price", "store.qoh == 0", "store.brand == \"\""}
	remedies = map[string][]string{
		"name":       {"pos.name", "\"${pos.name} ${pos.sku}\"", "trimspace(pos.brand)", "\"${store.name} x\""},
		"brand":      {"pos.brand", "upper(pos.brand)", "store.name"},
		"price":      {"pos.price", "pos.price * 1.005", "coalesce(pos.price, 0)", "max(pos.price, store.cost_price)", "store.price + 1", "pos.price / pos.qoh"},
		"cost_price": {"pos.cost_price", "pos.price", "min(pos.cost_price, store.price)"},
		"qoh":        {"max(pos.qoh - coalesce(store.pending, 0), 0)", "pos.qoh", "store.qoh + 1"},
	}
	fields = slices.Sorted(maps.Keys(remedies))
)

// moving is a remedy that reads the field that it sets: it wants another value each time, so that a new plan may do more.
var moving = regexp.MustCompile(`name = "\$\{store\.name\}|price = store\.price \+|qoh = store\.qoh \+`)

func drawRules(t *rapid.T) string {
	var b strings.Builder
	n := rapid.IntRange(1, 5).Draw(t, "rules")
	for i := range n {
		mended := "" // the field by which the rule is about the remedy's, most of the time
		when := rapid.SampledFrom(conditions).Draw(t, "when")
		if rapid.IntRange(0, 3).Draw(t, "about it") > 0 {
			mended = rapid.SampledFrom(fields).Draw(t, "mended")
			when = fmt.Sprintf("pos.%[1]s != store.%[1]s", mended)
		}
		fmt.Fprintf(&b, "rule \"R%d\" {\n  when = %s\n", i, when)
		if i > 0 && rapid.IntRange(0, 3).Draw(t, "explains") == 0 {
			fmt.Fprintf(&b, "  explains = [\"R%d\"]\n", rapid.IntRange(0, i-1).Draw(t, "explained"))
		}
		if rapid.IntRange(0, 4).Draw(t, "applies") == 0 {
			b.WriteString("  applies = coalesce(store.tracked, true)\n")
		}
		if severity := rapid.SampledFrom([]string{"error", "error", "error", "warning", "info"}).Draw(t, "severity"); severity != "error" {
			fmt.Fprintf(&b, "  severity = %q\n", severity)
		}
		switch rapid.IntRange(0, 9).Draw(t, "act") {
		case 0:
		case 1:
			b.WriteString("  remedy \"correct\" {}\n")
		case 2:
			b.WriteString("  remedy \"import_orders\" {}\n")
		default:
			b.WriteString("  remedy \"upload\" {\n")
			if mended != "" && rapid.IntRange(0, 3).Draw(t, "alone") > 0 {
				fmt.Fprintf(&b, "    %[1]s = pos.%[1]s\n  }\n", mended)
				break
			}
			for _, f := range rapid.SliceOfNDistinct(rapid.SampledFrom(fields), 1, 3, func(s string) string { return s }).Draw(t, "fields") {
				fmt.Fprintf(&b, "    %s = %s\n", f, rapid.SampledFrom(remedies[f]).Draw(t, "value"))
			}
			b.WriteString("  }\n")
		}
		b.WriteString("}\n")
	}
	if rapid.IntRange(0, 2).Draw(t, "intentional") == 0 {
		fmt.Fprintf(&b, "intentional \"x\" {\n  rules = [\"R0\"]\n  where = pos.price == store.price || store.brand == \"b\"\n  reason = \"so\"\n}\n")
	}
	b.WriteString("brakes {\n  max_changes = 100000\n  max_share = 1\n  max_price_factor = 100000\n  max_to_zero = 100000\n")
	if rapid.IntRange(0, 4).Draw(t, "never") == 0 {
		b.WriteString("  never = [\"name\"]\n")
	}
	b.WriteString("}\n")
	return b.String()
}

func drawItem(t *rapid.T, sku string) item {
	it := item{"sku": text(sku)}
	for _, f := range []string{"name", "brand"} {
		it[f] = text(rapid.SampledFrom([]string{"a", "b", "B", "", "a A-1"}).Draw(t, f))
	}
	for _, f := range []string{"price", "cost_price", "qoh", "pending"} {
		if v := rapid.SampledFrom([]string{"", "0", "1", "2", "2.005", "-1"}).Draw(t, f); v != "" {
			it[f] = number(v)
		}
	}
	if rapid.IntRange(0, 5).Draw(t, "untracked") == 0 {
		it["tracked"] = catalog.BoolValue(false)
	}
	if parent := rapid.SampledFrom([]string{"", "", "A-1", "P"}).Draw(t, "parent"); parent != sku {
		it["parent_sku"] = text(parent)
	}
	return it
}

func drawShop(t *rapid.T) (s shop) {
	for i := range rapid.IntRange(1, 7).Draw(t, "items") {
		sku := fmt.Sprintf("A-%d", i)
		pos, store := drawItem(t, sku), drawItem(t, sku)
		switch rapid.IntRange(0, 9).Draw(t, "there") {
		case 0:
			s.pos = append(s.pos, pos)
		case 1:
			s.store = append(s.store, store)
		case 2:
			s.pos, s.store = append(s.pos, pos, pos), append(s.store, store)
		default:
			s.pos, s.store = append(s.pos, pos), append(s.store, store)
		}
	}
	return s
}

// drawWritable draws how a platform takes values; nil: nobody knows.
func drawWritable(t *rapid.T) map[string]change.Writable {
	if rapid.IntRange(0, 2).Draw(t, "known") == 0 {
		return nil
	}
	zero := catalog.Int(0)
	all := map[string]change.Writable{}
	for _, f := range fields {
		w := change.Writable{Scale: rapid.SampledFrom([]int{-1, 0, 2}).Draw(t, "scale"), Parent: rapid.IntRange(0, 2).Draw(t, "shared") == 0}
		if rapid.Bool().Draw(t, "bound") {
			w.Min, w.Length = &zero, 3
		}
		if rapid.IntRange(0, 5).Draw(t, "writes") > 0 {
			all[f] = w
		}
	}
	return all
}

func writableOf(all map[string]change.Writable, field string) change.Writable {
	if all == nil {
		return change.Writable{Scale: -1}
	}
	return all[field]
}

// said writes a plan for whoever looks for a fault in it.
func said(p *plan.Plan) string {
	var b strings.Builder
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "\n%s %s: %s -> %s by %v (%v -> %v) with %v", c.SKU, c.Field, c.Expected.Text(), c.Will.Text(), c.Rules, c.Now, c.Then, c.Also)
	}
	for _, l := range p.LeftOut {
		fmt.Fprintf(&b, "\nnot %s %s: %v %s %s", l.SKU, l.Field, l.Rules, l.Reason, l.Detail)
	}
	return b.String()
}

// ofFamilies reports whether all changes of a new plan are about items that share a field which the plan before has changed: that can make
// more possible for a sibling, and the sibling's own change of what they share waits for a new plan.
func ofFamilies(s shop, first, again *plan.Plan) bool {
	families := map[string]bool{}
	names := map[string]string{}
	for _, it := range s.store {
		names[it["sku"].Str()] = family(it)
	}
	for _, change := range first.Changes {
		if len(change.Also) > 0 {
			families[names[change.SKU]] = true
		}
	}
	return !slices.ContainsFunc(again.Changes, func(c plan.Change) bool { return !families[names[c.SKU]] })
}

// TestPlanKeepsItsWord: after a store has done what a plan says, its cells are those that the plan foretold, nothing else has changed, no
// cell is worse, there is nothing more to plan, and with the values that the plan expected the store is as it was.
func TestPlanKeepsItsWord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plans, changes, shared, left := 0, 0, 0, map[plan.Reason]int{}
	rapid.Check(t, func(t *rapid.T) {
		rulesText := drawRules(t)
		c, p := compile(t, dir, rulesText)
		s := drawShop(t)
		writable := drawWritable(t)
		for f, w := range writable { // what siblings share, they have alike
			first := map[string]catalog.Value{}
			for _, it := range s.store {
				if v, ok := first[family(it)]; w.Parent && ok {
					it[f] = v
				}
				if it[f].Type() == catalog.Invalid {
					it[f] = catalog.NullValue(schema.Field(schema.Index(f)).Type)
				}
				first[family(it)] = it[f]
			}
		}
		with := func(job *plan.Job) { job.Writable = writable }
		first := made(t, c, p, s, with)
		before := cells(t, p, run(t, p, s))
		was := clone(s.store)

		then := map[string]plan.Cells{}
		touched := map[string]bool{}
		for _, change := range first.Changes {
			w := writableOf(writable, change.Field)
			write(s.store, change, w, change.Desired)
			touched[change.SKU], then[change.SKU] = true, change.Then
			for _, sku := range change.Also {
				touched[sku] = true
			}
			shared += len(change.Also)
		}
		for _, change := range first.Changes {
			for _, it := range s.store {
				if it["sku"].Str() == change.SKU && !it[change.Field].Equal(change.Will) {
					t.Fatalf("%s.%s is %s, and was to be %s", change.SKU, change.Field, it[change.Field].Text(), change.Will.Text())
				}
			}
		}
		after := cells(t, p, run(t, p, s))
		for at, now := range after {
			sku := ""
			if at[0] == 1 {
				sku = s.store[at[1]]["sku"].Str()
			}
			switch want := then[sku]; {
			case want != nil:
				if diff := cmp.Diff(want, now); diff != "" {
					t.Fatalf("%s was foretold otherwise (-foretold +is):\n%s\n%s", sku, diff, rulesText)
				}
			case !touched[sku]:
				if diff := cmp.Diff(before[at], now); diff != "" {
					t.Fatalf("%s is not in the plan, and its cells changed (-before +after):\n%s", sku, diff)
				}
			}
			for code, cell := range now {
				if r := c.Rule(code); cell == "N" && before[at][code] != "N" && r.Severity.String() != "info" {
					t.Fatalf("%s: %s was %s and is N\n%s", sku, code, before[at][code], rulesText)
				}
			}
		}
		for _, change := range first.Changes {
			for _, code := range change.Rules {
				if change.Now[code] != "N" || change.Then[code] != "S" {
					t.Fatalf("%s: %s goes from %s to %s", change.SKU, code, change.Now[code], change.Then[code])
				}
			}
		}
		if again := made(t, c, p, s, with); len(again.Changes) > 0 && !moving.MatchString(rulesText) && !ofFamilies(s, first, again) {
			t.Fatalf("there is more to plan: %s\nthan before: %s\n%s", said(again), said(first), rulesText)
		}
		for _, change := range first.Changes {
			for _, it := range s.store {
				if it["sku"].Str() == change.SKU || slices.Contains(change.Also, it["sku"].Str()) {
					it[change.Field] = change.Expected
				}
			}
		}
		for i, it := range s.store {
			for _, f := range schema.Names() {
				null := catalog.NullValue(schema.Field(schema.Index(f)).Type)
				a, b := was[i][f], it[f]
				if a.Type() == catalog.Invalid {
					a = null
				}
				if b.Type() == catalog.Invalid {
					b = null
				}
				if !a.Equal(b) {
					t.Fatalf("%s.%s was %s, and reverted it is %s", it["sku"].Str(), f, a.Text(), b.Text())
				}
			}
		}
		plans++
		changes += len(first.Changes)
		for _, l := range first.LeftOut {
			left[l.Reason]++
		}
	})
	if !t.Failed() && plans >= 50 {
		t.Logf("%d plans, %d changes, %d siblings, %v", plans, changes, shared, left)
		if changes < plans/10 {
			t.Errorf("%d plans have %d changes, too few to say anything", plans, changes)
		}
	}
}
