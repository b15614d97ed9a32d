package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// TestMeaning checks what changes the meaning of a rule, and that of the key, and what does not.
func TestMeaning(t *testing.T) {
	const text = `
source "file" "a" { path = "a.csv" }
source "file" "b" { path = "b.csv" }
reconciliation "x" {
  pos   = source.file.a
  store = source.file.b
  key   = upper(item.sku)
}
locals {
  most = 10
}
rule "P" {
  title   = "Price"
  applies = coalesce(pos.tracked, true)
  when    = pos.price != store.price && pos.price < local.most
}
rule "PX" {
  explains = ["P"]
  when     = store.options["Size"] == "XL"
}
rule "N" { when = pos.name != store.name }
`
	fields := func(first string) *catalog.Schema {
		number, text := catalog.Field{Name: "price", Type: catalog.Number}, catalog.Field{Name: "name", Type: catalog.String}
		if first == "name" {
			return catalog.MustSchema(text, catalog.Field{Name: "options", Type: catalog.Map}, catalog.Field{Name: "sku", Type: catalog.String}, number)
		}
		return catalog.MustSchema(number, text, catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "options", Type: catalog.Map})
	}
	meanings := func(text, first string) [4]string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "reconcile.hcl")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		config, diags := Load(path, Options{Bundled: []string{"file"}})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		p, diags := config.Compile(config.Reconciliations[0], fields(first), fields(first), time.Now())
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		return [4]string{p.KeyMeaning(), p.Meaning(0), p.Meaning(1), p.Meaning(2)}
	}
	was := meanings(text, "price")
	const key, price, excuse, name = 1, 2, 4, 8
	for _, c := range []struct {
		why, old, new string
		changed       int
	}{
		{"nothing", "", "", 0},
		{"white space and a comment", "when    = pos.price", "when = /* both */ pos.price", 0},
		{"brackets", "pos.price < local.most", "(pos.price < (local.most))", 0},
		{"a title", `"Price"`, `"The price"`, 0},
		{"the name of a local", "most", "maximum", 0},
		{"a number in another form", "most = 10", "most = 10.0", 0},
		{"a local's value", "most = 10", "most = 11", price},
		{"an operator", "pos.price <", "pos.price <=", price},
		{"a side", "pos.price < ", "store.price < ", price},
		{"what it is about", "tracked, true", "tracked, false", price},
		{"the severity", `title   = "Price"`, `severity = "warning"`, price},
		{"a condition that explains", `"XL"`, `"L"`, price | excuse},
		{"an option", `"Size"`, `"Color"`, price | excuse},
		{"an explanation that is no more", `explains = ["P"]`, "", price},
		{"another that explains", `rule "N" { when`, "rule \"N\" {\n  explains = [\"P\"]\n  when", price},
		{"one that explains the explanation", `rule "N" { when = pos.name != store.name }`, "rule \"N\" {\n  explains = [\"PX\"]\n  when = pos.name != store.name\n}", price | excuse},
		{"another rule", "pos.name != store.name", "pos.name == store.name", name},
		{"the key", "upper(item.sku)", "lower(item.sku)", key},
		{"no key", "key   = upper(item.sku)", "", key},
	} {
		t.Run(c.why, func(t *testing.T) {
			changed := text
			if c.old != "" {
				if changed = strings.ReplaceAll(text, c.old, c.new); changed == text {
					t.Fatal("nothing was changed")
				}
				if strings.HasPrefix(c.new, "rule") && !strings.HasSuffix(c.new, "}") {
					changed = strings.Replace(changed, "when = pos.name != store.name }", "when = pos.name != store.name\n}", 1)
				}
			}
			for _, first := range []string{"price", "name"} { // in whatever order the fields come
				got := 0
				for i, is := range meanings(changed, first) {
					if is != was[i] {
						got |= 1 << i
					}
				}
				if got != c.changed {
					t.Errorf("%04b have changed, want %04b", got, c.changed)
				}
			}
		})
	}
}
