package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestAppliesAgainstPlain holds rules with applies against programs in which both conditions are rules of their own, put
// together as the documentation says.
func TestAppliesAgainstPlain(t *testing.T) {
	conditions := []string{"pos.qoh != store.qoh", "pos.price > store.price", "lower(pos.name) != lower(store.name)", `pos.brand == "a"`}
	abouts := []string{"true", "pos.tracked", "store.tracked != false", "coalesce(pos.tracked, true) && store.visible", "pos.qoh > 0", "store.qoh / pos.qoh > 0",
		"pos.name == store.name", "pos.qoh == null || pos.tracked"}
	var whole, parts strings.Builder
	for c, when := range conditions {
		fmt.Fprintf(&parts, "rule \"W%d\" { when = %s }\n", c, when)
		for a, applies := range abouts {
			fmt.Fprintf(&whole, "rule \"R%d_%d\" {\n  when = %s\n  applies = %s\n  severity = %q\n  explains = [\"X\"]\n}\n", c, a, when, applies, verdict.Severities[(c+a)%3])
		}
	}
	for a, applies := range abouts {
		fmt.Fprintf(&parts, "rule \"A%d\" { when = %s }\n", a, applies)
	}
	whole.WriteString("rule \"X\" { when = pos.name != store.name }\nintentional \"some\" {\n  rules = [\"R0_1\", \"R1_4\", \"X\"]\n  where = pos.qoh >= 0\n  reason = \".\"\n}\n")
	p, plain := compileText(t, whole.String()), compileText(t, parts.String())
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "pairs")
		all := catalog.MustSchema(catalog.KnownFields()...)
		posAll := drawBatch(t, all, n, nil)
		storeAll := drawBatch(t, all, n, posAll)
		e, single := p.NewEvaluator(), plain.NewEvaluator()
		posPlain, storePlain := selected(posAll, plain.Pos), selected(storeAll, plain.Store)
		e.EvaluatePairs(selected(posAll, p.Pos), selected(storeAll, p.Store), func(int) string { return "k" }, func(i int, cells []Cell, _ bool) {
			truths, _ := single.Evaluate(posPlain, i, storePlain, i, "k")
			explained := false
			class := verdict.Agrees
			for r, cell := range cells[:len(cells)-1] {
				when, applies := truths[r/len(abouts)], truths[len(conditions)+r%len(abouts)]
				want := when
				switch applies.State {
				case verdict.Synchronized: // false
					want = Cell{State: verdict.NotApplicable, Intent: -1}
				case verdict.NotApplicable:
					want = applies
				}
				state := cell.State
				if state == verdict.Intentional {
					state = verdict.NotSynchronized
				}
				if state != want.State || cell.Unknown != want.Unknown {
					t.Fatalf("pair %d, %s: %+v, want %+v (when %+v, applies %+v)", i, p.Rules[r].Code, cell, want, when, applies)
				}
				explained = explained || state == verdict.NotSynchronized
				switch severity := p.Rules[r].Severity; {
				case cell.State == verdict.NotSynchronized && severity != verdict.Info:
					class = verdict.Differs
				case cell.Unknown && severity == verdict.Error && class != verdict.Differs:
					class = verdict.Unchecked
				case cell.State == verdict.Intentional && class == verdict.Agrees:
					class = verdict.Excused
				}
			}
			if x := cells[len(cells)-1]; x.Explained && !explained {
				t.Fatalf("pair %d: X is explained, but no rule that is about the item is true", i)
			} else if x.State == verdict.NotSynchronized {
				class = verdict.Differs
			} else if x.State == verdict.Intentional && class == verdict.Agrees {
				class = verdict.Excused
			}
			if got := p.Class(cells); got != class {
				t.Fatalf("pair %d is %s, want %s: %+v", i, got, class, cells)
			}
		})
	})
}

// selected returns the columns of a batch that a schema has.
func selected(b *catalog.Batch, schema *catalog.Schema) *catalog.Batch {
	var columns []catalog.Column
	for _, name := range schema.Names() {
		columns = append(columns, b.Column(b.Schema().Index(name)))
	}
	return catalog.NewBatch(schema, b.Len(), columns)
}

func TestAppliesMistakes(t *testing.T) {
	for _, c := range []struct{ name, attributes, want string }{
		{"no condition", "applies = pos.qoh", `The "applies" of a rule`},
		{"no such field", "applies = pos.qho == 1", `Did you mean "qoh"`},
		{"the absent side", "on = \"pos_only\"\n  applies = store.qoh > 1", "Side is absent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := fmt.Sprintf("rule \"A\" {\n  when = pos.qoh > 1\n  %s\n}\n", c.attributes)
			if got := mistakesIn(t, text); !strings.Contains(got, c.want) {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestFieldsNotOffered has sources without most known fields. What applies and coalesce read of them is null, and is said once;
// any other use is a mistake, and so is a field that nobody knows.
func TestFieldsNotOffered(t *testing.T) {
	schema := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "name", Type: catalog.String}, catalog.Field{Name: "qoh", Type: catalog.Number})
	compile := func(t *testing.T, text string) (*Program, hcl.Diagnostics) {
		config := loadText(t, text)
		return config.Compile(config.Reconciliations[0], schema, schema, time.Time{})
	}
	for _, c := range []struct {
		name, rule string
		want       []string // summaries
		cell       Cell
	}{
		{"applies", "when = pos.qoh == 5\n applies = store.tracked", []string{"Field is not offered"}, Cell{State: '-', Unknown: true, Intent: -1}},
		{"applies, compared with null", "when = pos.qoh == 5\n applies = store.tracked == null", []string{"Field is not offered"}, Cell{State: 'N', Intent: -1}},
		{"coalesce", "when = pos.qoh == coalesce(store.pending, 5)", []string{"Field is not offered"}, Cell{State: 'N', Intent: -1}},
		{"coalesce without a default", "when = pos.qoh == coalesce(store.pending, pos.pending)", []string{"Field is not offered", "Field is not offered"}, Cell{State: '-', Unknown: true, Intent: -1}},
		{"a text", `when = coalesce(store.brand, "x") == "x"`, []string{"Field is not offered"}, Cell{State: 'N', Intent: -1}},
		{"an option", `when = coalesce(store.options["Size"], "x") == "x"`, []string{"Field is not offered"}, Cell{State: 'N', Intent: -1}},
		{"once", "when = coalesce(store.pending, 5) == coalesce(store.pending, pos.qoh)\n applies = store.pending == null", []string{"Field is not offered"}, Cell{State: 'N', Intent: -1}},
		{"elsewhere", "when = pos.qoh == store.pending", []string{"Unknown field"}, Cell{}},
		{"behind coalesce", "when = coalesce(store.pending, 1) == store.pending", []string{"Unknown field"}, Cell{}},
		{"unknown to all", "when = pos.qoh == coalesce(store.color, 5)", []string{"Unknown field"}, Cell{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, diags := compile(t, "rule \"R\" {\n "+c.rule+"\n}\n")
			var summaries []string
			for _, d := range diags {
				summaries = append(summaries, d.Summary)
			}
			slices.Sort(summaries)
			if !slices.Equal(summaries, c.want) {
				t.Fatalf("%v, want %v", diags, c.want)
			}
			if rest := WithoutNotOffered(diags); rest.HasErrors() != diags.HasErrors() || !diags.HasErrors() && len(rest) > 0 {
				t.Errorf("left over: %v", rest)
			}
			if diags.HasErrors() {
				return
			}
			b := catalog.NewBuilder(schema)
			b.SetNumber(schema.Index("qoh"), catalog.Int(5))
			b.End()
			pos := selected(b.Batch(), p.Pos)
			b = catalog.NewBuilder(schema)
			b.End()
			store := selected(b.Batch(), p.Store)
			cells, _ := p.NewEvaluator().Evaluate(pos, 0, store, 0, "k")
			if cells[0] != c.cell {
				t.Errorf("%+v, want %+v", cells[0], c.cell)
			}
		})
	}
}

// TestUnknowns has rules that read nulls say which of the fields that they read were the reason.
func TestUnknowns(t *testing.T) {
	for _, c := range []struct{ rule, want string }{
		{"when = pos.qoh != store.qoh", "[store.qoh]"},
		{"when = pos.price != store.price", "[pos.price store.price]"},
		{"when = pos.qoh == 5 && store.qoh == 5", "[store.qoh]"},
		{"when = pos.qoh == 6 && store.qoh == 5", "[]"},
		{"when = coalesce(pos.price, pos.qoh) == store.qoh", "[store.qoh]"},
		{"when = coalesce(pos.price, store.price) == pos.qoh", "[pos.price store.price]"},
		{"when = pos.qoh == 5 ? store.price > 1 : store.qoh > 1", "[store.price]"},
		{"when = pos.qoh / pos.pending > 1", "[division by zero: pos.pending]"},
		{"when = 1 / 0 > 1", "[division by zero]"},
		{"when = tonumber(pos.name) > 1", "[pos.name is no number]"},
		{"when = pos.qoh == 5\n applies = store.tracked", "[store.tracked]"},
		{"when = store.qoh == 5\n applies = pos.qoh == 6", "[]"},
		{"when = store.qoh == 5\n applies = pos.qoh == 5", "[store.qoh]"},
	} {
		p := compileText(t, "rule \"R\" {\n "+c.rule+"\n}\n")
		pos, store := catalog.NewBuilder(p.Pos), catalog.NewBuilder(p.Store)
		for field, value := range map[string]int64{"qoh": 5, "pending": 0} {
			if i := p.Pos.Index(field); i >= 0 {
				pos.SetNumber(i, catalog.Int(value))
			}
		}
		pos.End()
		store.End()
		e := p.NewEvaluator()
		posBatch, storeBatch := pos.Batch(), store.Batch()
		got := e.Unknowns(0, posBatch, 0, storeBatch, 0)
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: unknown is %v, want %s", c.rule, got, c.want)
		}
		if cells, _ := e.Evaluate(posBatch, 0, storeBatch, 0, "k"); cells[0].Unknown != (len(got) > 0) {
			t.Errorf("%s: %+v, but unknown is %v", c.rule, cells[0], got)
		}
	}
}
