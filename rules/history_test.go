package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const twoFiles = `
source "file" "a" { path = "a.csv" }
source "file" "b" { path = "b.csv" }
rule "N" { when = pos.name != store.name }
`

// TestHistoryAndTitle says which runs are kept, and what a reconciliation is called, or what is wrong with what a configuration says of it.
func TestHistoryAndTitle(t *testing.T) {
	for _, test := range []struct {
		name, attribute, blocks string
		title                   string
		want                    History
		mistake                 string
	}{
		{name: "nothing", title: "shop", want: DefaultHistory},
		{name: "all", attribute: `title = "The shop"`, blocks: "history {\n runs = 20\n days = 30\n}", title: "The shop", want: History{20, 30 * 24 * time.Hour}},
		{name: "days alone", blocks: "history {\n days = 1\n}", title: "shop", want: History{100, 24 * time.Hour}},
		{name: "none", blocks: "history {\n runs = 0\n}", mistake: `"runs" is a whole number from 1 to 1000000`},
		{name: "half", blocks: "history {\n days = 1.5\n}", mistake: `"days" is a whole number from 1 to 36500`},
		{name: "text", blocks: "history {\n days = \"a\"\n}", mistake: `"days"`},
		{name: "twice", blocks: "history {\n}\nhistory {\n}", mistake: "There is a history block at"},
		{name: "named", blocks: "history \"x\" {\n}", mistake: "labels"},
		{name: "another attribute", blocks: "history {\n keep = 1\n}", mistake: "keep"},
		{name: "an empty title", attribute: `title = " "`, mistake: `"title" is what people call`},
		{name: "a title of two lines", attribute: `title = "a\nb"`, mistake: `"title" is what people call`},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "reconcile.hcl")
			text := twoFiles + "reconciliation \"shop\" {\n pos = source.file.a\n store = source.file.b\n " + test.attribute + "\n}\n" + test.blocks + "\n"
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			config, diags := Load(path, Options{Bundled: []string{"file"}})
			if test.mistake != "" {
				if !diags.HasErrors() || !strings.Contains(diags.Error(), test.mistake) {
					t.Errorf("%v does not say %s", diags, test.mistake)
				}
				return
			}
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			if got := config.Reconciliations[0].Title; got != test.title || config.History != test.want {
				t.Errorf("title %q, history %v", got, config.History)
			}
		})
	}
}
