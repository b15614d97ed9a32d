package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

const remedySides = `
source "file" "a" {}
source "file" "b" {}
reconciliation "r" {
  pos   = source.file.a
  store = source.file.b
%s}
`

// loadRemedies loads a configuration and compiles its reconciliation where both sides have all known fields. It returns what is wrong, as
// "line summary".
func loadRemedies(t *testing.T, key, text string) (*Config, *Program, []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reconcile.hcl")
	if err := os.WriteFile(path, []byte(text+fmt.Sprintf(remedySides, key)), 0o600); err != nil {
		t.Fatal(err)
	}
	c, diags := Load(path, Options{Bundled: []string{"file"}})
	var p *Program
	if !diags.HasErrors() {
		all := catalog.MustSchema(catalog.KnownFields()...)
		var more hcl.Diagnostics
		p, more = c.Compile(c.Reconciliations[0], all, all, time.Now())
		diags = append(diags, more...)
	}
	var wrong []string
	for _, d := range diags {
		wrong = append(wrong, fmt.Sprintf("%d %s", d.Subject.Start.Line, d.Summary))
	}
	return c, p, wrong
}

func TestRemedyMistakes(t *testing.T) {
	rule := func(body string) string { return "rule \"X\" {\n  when = pos.price != store.price\n" + body + "}\n" }
	for _, c := range []struct {
		name, text, key string
		want            []string
	}{
		{"an upload", rule("  remedy \"upload\" {\n    price = pos.price\n    sale_price = coalesce(pos.sale_price, pos.price)\n  }\n"), "", nil},
		{"the others", rule("  remedy \"import_orders\" {}\n") + strings.ReplaceAll(rule("  remedy \"correct\" {}\n"), "X", "Y") + strings.ReplaceAll(rule("  remedy \"none\" {}\n"), "X", "Z"), "", nil},
		{"a slip in the act", rule("  remedy \"uplaod\" {\n    price = pos.price\n  }\n"), "", []string{"3 Unknown remedy"}},
		{"no label", rule("  remedy {\n    price = pos.price\n  }\n"), "", []string{"3 Missing act for remedy"}},
		{"two", rule("  remedy \"correct\" {}\n  remedy \"none\" {}\n"), "", []string{"4 Duplicate remedy"}},
		{"nothing to upload", rule("  remedy \"upload\" {}\n"), "", []string{"3 Nothing to upload"}},
		{"fields of an act without", rule("  remedy \"correct\" {\n    price = 5\n  }\n"), "", []string{"4 Remedy without fields"}},
		{"a field that there is not", rule("  remedy \"upload\" {\n    prise = pos.price\n  }\n"), "", []string{"4 Unknown field"}},
		{"a value that there is not", rule("  remedy \"upload\" {\n    price = pos.prise\n  }\n"), "", []string{"4 Unknown field"}},
		{"another type", rule("  remedy \"upload\" {\n    price = pos.name\n  }\n"), "", []string{"4 Wrong type"}},
		{"null", rule("  remedy \"upload\" {\n    price = null\n  }\n"), "", []string{"4 Unexpected null"}},
		{"a block in it", rule("  remedy \"upload\" {\n    price = pos.price\n    more {}\n  }\n"), "", []string{"5 Unexpected \"more\" block"}},
		{"the key as it is", rule("  remedy \"upload\" {\n    sku = pos.sku\n  }\n"), "", []string{"4 Key cannot be uploaded"}},
		{"a key of another field", rule("  remedy \"upload\" {\n    upc = pos.upc\n    sku = pos.sku\n  }\n"), "  key = lower(item[\"upc\"])\n", []string{"4 Key cannot be uploaded"}},
		{"items of one side", "rule \"X\" {\n  on = \"pos_only\"\n  when = pos.price > 0\n  remedy \"upload\" {\n    price = pos.price\n  }\n}\n", "", []string{"4 Nothing to upload to"}},
		{"a remedy at the top", "remedy \"correct\" {}\n" + rule(""), "", []string{"1 Unsupported block type"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, wrong := loadRemedies(t, c.key, c.text)
			if diff := cmp.Diff(c.want, wrong); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDesired evaluates uploads on pairs: what is unknown stays unknown, and is never 0.
func TestDesired(t *testing.T) {
	_, p, wrong := loadRemedies(t, "", `
rule "Q" {
  when = pos.qoh != store.qoh
  remedy "upload" {
    qoh   = max(pos.qoh - coalesce(store.pending, 0), 0)
    price = pos.price * 2
    name  = "${pos.name}!"
  }
}
`)
	if wrong != nil {
		t.Fatal(wrong)
	}
	side := func(schema *catalog.Schema, values map[string]catalog.Value) *catalog.Batch {
		b := catalog.NewBuilder(schema)
		for name, v := range values {
			if at := schema.Index(name); at >= 0 {
				if err := b.Set(at, v); err != nil {
					t.Fatal(err)
				}
			}
		}
		b.End()
		return b.Batch()
	}
	number := func(n int64) catalog.Value { return catalog.NumberValue(catalog.Int(n)) }
	e := p.NewEvaluator()
	desired := func(pos, store map[string]catalog.Value) (said []string) {
		e.Evaluate(side(p.Pos, pos), 0, side(p.Store, store), 0, "k")
		for i := range p.Rules[0].Remedy.Uploads {
			up := &p.Rules[0].Remedy.Uploads[i]
			if p.Store.Field(up.Column).Name != up.Field {
				t.Errorf("column %d is not that of %s", up.Column, up.Field)
			}
			if v, known := e.Desired(up); known {
				said = append(said, up.Field+" "+v.Text())
			}
		}
		return said
	}
	got := desired(map[string]catalog.Value{"qoh": number(5), "price": number(7), "name": catalog.StringValue("Bell")}, map[string]catalog.Value{"pending": number(2)})
	if diff := cmp.Diff([]string{"qoh 3", "price 14", "name Bell!"}, got); diff != "" {
		t.Error(diff)
	}
	if got := desired(nil, map[string]catalog.Value{"pending": number(2)}); len(got) != 1 || got[0] != "name !" {
		t.Errorf("of unknown values come %q", got)
	}
}

func TestBrakes(t *testing.T) {
	rule := "rule \"X\" {\n  when = pos.price != store.price\n  remedy \"upload\" {\n    price = pos.price\n  }\n}\n"
	c, _, wrong := loadRemedies(t, "", rule+"brakes {\n  max_changes = 0\n  max_share = 0.5\n  max_price_factor = 1.5\n  max_to_zero = 7\n  never = [\"name\", \"brand\", \"name\"]\n  four_eyes = 0\n}\n")
	if want := "max_changes = 0, max_share = 0.5, max_price_factor = 1.5, max_to_zero = 7, never = [brand, name], four_eyes = 0"; wrong != nil || c.Brakes.String() != want {
		t.Errorf("%q, %s, want %s", wrong, c.Brakes, want)
	}
	if c, _, _ = loadRemedies(t, "", rule); c.Brakes.String() != "max_changes = 1000, max_share = 0.2, max_price_factor = 3, max_to_zero = 20, never = []" {
		t.Errorf("without a block: %s", c.Brakes)
	}
	for text, want := range map[string]string{
		"brakes {\n  max_changes = -1\n}\n":           "Invalid number",
		"brakes {\n  max_changes = 1.5\n}\n":          "Invalid number",
		"brakes {\n  four_eyes = -1\n}\n":             "Invalid number",
		"brakes {\n  max_share = 20\n}\n":             "Invalid number",
		"brakes {\n  max_price_factor = 0.5\n}\n":     "Invalid number",
		"brakes {\n  max_to_zero = \"all\"\n}\n":      "Wrong type",
		"brakes {\n  never = [\"nam\"]\n}\n":          "Unknown field",
		"brakes {}\nbrakes {}\n":                      "Duplicate brakes",
		"brakes {\n  max_chances = 5\n}\n":            "Unsupported argument",
		"brakes \"x\" {\n  max_changes = 5\n}\n":      "Extraneous label for brakes",
		"brakes {\n  max_changes = local.none\n}\n":   "Unknown local value",
		"brakes {\n  never = [\"name\", pos.name]\n}": "Unknown name",
	} {
		if _, _, wrong := loadRemedies(t, "", rule+text+"\n"); len(wrong) != 1 || !strings.HasSuffix(wrong[0], want) {
			t.Errorf("%q: %q, want %s", text, wrong, want)
		}
	}
}

// TestRemedyChangesNoCell: a run says the same of items whether rules have remedies or not.
func TestRemedyChangesNoCell(t *testing.T) {
	with := "rule \"X\" {\n  when = pos.price != store.price\n  remedy \"upload\" {\n    cost_price = pos.retail_price\n  }\n}\n"
	without := "rule \"X\" {\n  when = pos.price != store.price\n}\n"
	_, a, _ := loadRemedies(t, "", with)
	_, b, _ := loadRemedies(t, "", without)
	if a.Meaning(0) != b.Meaning(0) {
		t.Error("the rule's meaning is another one")
	}
	for side, schema := range map[verdict.Side][2]*catalog.Schema{verdict.Pos: {a.Pos, b.Pos}, verdict.Store: {a.Store, b.Store}} {
		if len(schema[0].Names()) != len(schema[1].Names())+1 {
			t.Errorf("of %s %q is read, and without the remedy %q", side, schema[0].Names(), schema[1].Names())
		}
	}
}
