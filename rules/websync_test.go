package rules_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/websync"
)

// tillWords are those of a point of sale that is not ours.
func tillWords() websync.Words {
	nightly := websync.Setting{Word: "nightly", Note: "The till sends %s at night."}
	return websync.Words{Block: "publishing", Fields: []websync.Field{
		{Name: "titles", Allowed: []websync.Setting{{Word: "never", StoreOwns: true}, nightly}},
		{Name: "amounts", Allowed: []websync.Setting{nightly, {Word: "at_once"}}},
	}}
}

const websyncRules = `
source "file" "a" {}
source "file" "b" {}
reconciliation "r" {
  pos   = source.file.a
  store = source.file.b
}
rule "T" {
  note  = "See to it."
  field = "titles"
  when  = pos.name != store.name
}
rule "A" {
  field = "amounts"
  when  = pos.price != store.price
}
`

func loadWords(t *testing.T, text string, words ...websync.Words) (*rules.Config, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reconcile.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, diags := rules.Load(path, rules.Options{Bundled: []string{"file"}, Websync: words})
	return config, saidBy(diags)
}

func saidBy(diags hcl.Diagnostics) string {
	var said []string
	for _, d := range diags {
		said = append(said, d.Summary+": "+d.Detail)
	}
	return strings.Join(said, "\n")
}

// TestOtherWords has a point of sale with words of its own: they do what AmberPOS's do.
func TestOtherWords(t *testing.T) {
	config, said := loadWords(t, websyncRules+"publishing {\n  titles = \"never\"\n  amounts = \"nightly\"\n}\n", websync.AmberPOS(), tillWords())
	if said != "" {
		t.Fatal(said)
	}
	schema := catalog.MustSchema(catalog.KnownFields()...)
	program, diags := config.Compile(config.Reconciliations[0], schema, schema, time.Now())
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var got []string
	for _, in := range program.Intentional {
		got = append(got, in.Name+", "+strings.Join(in.Rules, " ")+": "+in.Reason)
	}
	for _, r := range config.Rules {
		got = append(got, r.Code+" "+r.Field+" "+r.Note)
	}
	want := []string{"publishing, T: publishing is never for titles", "T titles See to it.", "A amounts The till sends amounts at night."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWordsAreChecked(t *testing.T) {
	for _, c := range []struct{ why, text, want string }{
		{"a setting of another field", websyncRules + "publishing { titles = \"at_once\" }\n",
			`Value not allowed: Publishing of titles cannot be "at_once". It is one of: "never", "nightly".`},
		{"a word without quotes", websyncRules + "publishing { titles = nigthly }\n", `Value not allowed: Publishing of titles is a text, in quotes, and one of: "never", "nightly". Did you mean "nightly"?`},
		{"a bool", websyncRules + "publishing { titles = true }\n", `Value not allowed: Publishing of titles is a text, in quotes, and one of: "never", "nightly".`},
		{"a list", websyncRules + "publishing { titles = [\"never\"] }\n", `Wrong type: "titles" must be a string; this is a list(string). Use an index such as [0] for one item, or join for all of them. Publishing of titles is one of: "never", "nightly".`},
		{"no field at all", websyncRules + "publishing { stock = \"never\" }\n", `Unsupported argument: An argument named "stock" is not expected here. There are: titles, amounts.`},
		{"a field of the other words", strings.Replace(websyncRules, "\"amounts\"", "\"prices\"", 1) + "publishing {}\n",
			`Unknown publishing field: Publishing has no field "prices". Its fields are: titles, amounts.`},
		{"fields of both, where no block says which", strings.Replace(websyncRules, "\"amounts\"", "\"prices\"", 1), ""},
		{"two points of sale", websyncRules + "publishing {}\nwebsync {}\n", `Duplicate publishing: There is a websync block at `},
		{"a block that nobody has words for", websyncRules + "sending {}\n", `Unsupported block type: Blocks of type "sending" are not expected here.`},
	} {
		_, said := loadWords(t, c.text, websync.AmberPOS(), tillWords())
		if c.want == "" && said != "" || !strings.HasPrefix(said, c.want) {
			t.Errorf("%s: %s", c.why, said)
		}
	}
	// Who says nothing has AmberPOS's words, and no others.
	_, said := loadWords(t, strings.ReplaceAll(strings.ReplaceAll(websyncRules, "titles", "names"), "amounts", "prices")+"websync { names = \"off\" }\n")
	if said != "" {
		t.Error(said)
	}
	if _, said = loadWords(t, "publishing {}\n"); !strings.Contains(said, "Unsupported block type") {
		t.Error(said)
	}
}
