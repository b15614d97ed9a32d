package rules_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/rules"
)

// TestSkusFile reads lists of SKUs as spreadsheet programs of many countries write them, or says what they are instead.
func TestSkusFile(t *testing.T) {
	const config = `
source "file" "shop" { path = "shop.csv" }
source "file" "web" { path = "web.csv" }
reconciliation "web" {
  pos   = source.file.shop
  store = source.file.web
}
rule "P" {
  title = "Price"
  when  = pos.price != store.price
}
intentional "list" {
  rules     = ["P"]
  reason    = "See the list."
  skus_file = "skus.csv"
}
`
	for _, c := range []struct {
		name, text string
		want       []string // SKU, reason and line
		err        string
	}{
		{name: "commas", text: "sku,reason\nA-1,\"a; b\"\nA-2,\n", want: []string{"A-1 a; b 2", "A-2 See the list. 3"}},
		{name: "semicolons", text: "reason;sku\n\"a, b\";A-1\n", want: []string{"A-1 a, b 2"}},
		{name: "tabs", text: "\ufeffSKU\tReason\r\nA-1\ta\r\n", want: []string{"A-1 a 2"}},
		{name: "sep=", text: "sep=;\nsku;reason\nA-1;a\n", want: []string{"A-1 a 3"}},
		{name: "sep= and a header that has another", text: "sep=;\nsku,reason\nA-1,a\n", err: "skus.csv:2: there is no column sku"},
		{name: "names with no-break spaces", text: "\u00a0sku\u00a0,reason\nA-1,a\n", want: []string{"A-1 a 2"}},
		{name: "the end of text of DOS", text: "sku,reason\r\nA-1,a\r\n\x1a", want: []string{"A-1 a 2"}},
		{name: "of one column", text: "sku\nA-1\n\x1a", want: []string{"A-1 See the list. 2"}},
		{name: "another number of fields", text: "sep=;\nsku;reason\nA-1\n", err: "skus.csv:3: wrong number of fields"},
		{name: "a quote that is not closed", text: "sku,reason\nA-1,\"a\nA-2,b\n", err: `skus.csv:2: extraneous or missing " in quoted-field`},
		{name: "a quote that begins the line", text: "sku\nA\"1\n", err: `skus.csv:2: bare " in non-quoted-field`},
		{name: "old Macs' line ends", text: "sku,reason\rA-1,a\r", err: "skus.csv:1: a carriage return stands in a field"},
		{name: "in one line", text: "sku\nA-1\rA-2\n", err: "skus.csv:2: a carriage return stands in a field"},
		{name: "UTF-16", text: "\xff\xfes\x00k\x00u\x00\n\x00", err: "skus.csv:1: the file is UTF-16: save it as CSV in UTF-8"},
		{name: "Windows-1252", text: "sku,reason\nA-1,\xe9\n", err: "skus.csv:2: it is not valid UTF-8"},
		{name: "NUL", text: "sku\nA\x00\n", err: "skus.csv:2: it has a NUL character"},
		{name: "a workbook", text: "PK\x03\x04", err: "the file is a workbook: save it as CSV"},
		{name: "a column twice", text: "sku,SKU\nA-1,A-2\n", err: "skus.csv:1: there are two columns sku"},
		{name: "a column that is nearly one", text: "sku,expire\nA-1,2020-01-01\n", err: `skus.csv:1: there is no column "expire": did you mean "expires"?`},
		{name: "another one", text: "Rule,sku\nN,A-1\n", err: `skus.csv:1: there is no column "Rule": did you mean "rules"?`},
		{name: "a column of the shop's own", text: "sku,supplier,\nA-1,x,\n", want: []string{"A-1 See the list. 2"}},
		{name: "text in another form", text: "sku,reason\nCafe\u0301,e\u0301\n", want: []string{"Caf\u00e9 \u00e9 2"}},
		{name: "what to do about a short line", text: "sku,reason\nA-1\n", err: "skus.csv:2: wrong number of fields: a line has as many fields as the header"},
		{name: "accepted values that are cut off", text: "sku,rules,accepted\nA-1,P,", err: "skus.csv ends in the middle of a line: it seems to be cut off"},
		{name: "within a value", text: "sku,rules,accepted\nA-1,P,pos.price:1", err: "skus.csv ends in the middle of a line"},
		{name: "accepted values that are whole", text: "sku,rules,accepted\nA-1,P,\n", want: []string{"A-1 See the list. 2"}},
		{name: "a list without accepted values, without a line end", text: "sku,rules\nA-1,P", want: []string{"A-1 See the list. 2"}},
		{name: "no column", text: "article;reason\nA-1;a\n", err: "skus.csv:1: there is no column sku"},
		{name: "nothing", text: "", err: "skus.csv:1: there is no header"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"reconcile.hcl": config, "skus.csv": c.text} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			loaded, diags := rules.Load(filepath.Join(dir, "reconcile.hcl"), rules.Options{Bundled: []string{"file"}})
			if said := saidBy(diags); c.err != "" || said != "" {
				if c.err == "" || !strings.Contains(said, c.err) {
					t.Fatalf("said: %s\nwant: %s", said, c.err)
				}
				return
			}
			var got []string
			for _, in := range loaded.Intentional {
				got = append(got, strings.Join(in.SKUs, "|")+" "+in.Reason+" "+strconv.Itoa(in.Line))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
