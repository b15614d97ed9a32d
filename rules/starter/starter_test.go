package starter

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// codes returns the rules of a configuration, which has to be valid HCL.
func codes(t *testing.T, text string) (codes []string) {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), "reconcile.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%v in:\n%s", diags, text)
	}
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		if b.Type == "rule" {
			codes = append(codes, b.Labels[0])
		}
	}
	return codes
}

func TestConfiguration(t *testing.T) {
	through := int64(1204)
	for _, c := range []struct {
		name   string
		header string
		shop   Shop
		want   []string // parts of the text
		absent []string
		rules  string
		left   string
	}{
		{name: "AmberPOS's own names", header: "SKU,Description,Brand,Regular Sell Price,QOH,Parent Sku,Options",
			shop:   Shop{File: "inventory.csv", ImportedThrough: &through},
			want:   []string{`file = "inventory.csv"`, "found by their own names: SKU, Description,", `store_hash   = env("BIGCOMMERCE_STORE_HASH")`, "\n  imported_through = 1204 #"},
			absent: []string{"\n  rules = [", "columns =", "option_columns", "/* P ", "sandbox", "api_url", "# store ="},
			rules:  "N NS IV B Q QP QN P"},
		{name: "a sale price", header: "SKU,Description,Regular Sell Price,Special Price", shop: Shop{File: "x.csv"},
			want: []string{"\n/* PS, the sale prices, is off: ", "\n/* QN needs qoh, which no column gives: export it as well, or say in columns which one it is; then remove this line.\nrule \"QN\" {\n"}, rules: "N NS P", left: "IV B Q QP QN"},
		{name: "others'", header: "Item Number,Title,Price",
			shop:  Shop{File: "a b/${x}.csv"},
			want:  []string{`file = "a b/$${x}.csv"`, "  columns = {\n    sku  = \"Item Number\"\n    name = \"Title\"\n  }\n", "found by their own names: Price.", "\n  # imported_through = 1000 # <--"},
			rules: "N NS P", left: "IV B Q QP QN"},
		{name: "columns that try to leave their comments", header: "SKU,Description,\"a\n}\"\"\"",
			shop: Shop{File: "x.csv"}, want: []string{`Columns that nothing uses: "a }""".`}, rules: "N NS", left: "IV B Q QP QN P"},
		{name: "a sample store", header: "SKU,QOH", shop: Shop{File: "x.csv", Sandbox: true, ImportedThrough: &through},
			want: []string{"\n  sandbox = true # <--", "\n  # store_hash "}, rules: "Q QP QN", left: "N NS IV B P"},
		{name: "another address", header: "SKU,QOH", shop: Shop{File: "x.csv", APIURL: "http://127.0.0.1:1"},
			want: []string{`api_url      = "http://127.0.0.1:1"`}, rules: "Q QN", left: "N NS IV B QP P"},
		{name: "rows for each store", header: "SKU,QOH,Store", shop: Shop{File: "x.csv"}, want: []string{`# store = "Main" # <--`}, absent: []string{"store_column"}, rules: "Q QN", left: "N NS IV B QP P"},
		{name: "under another name", header: "SKU,QOH,Store Name", shop: Shop{File: "x.csv"}, want: []string{`# store_column = "Store Name"`}, rules: "Q QN", left: "N NS IV B QP P"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.shop.Mapping = NewMapping(strings.Split(c.header, ","), amber)
			got, err := c.shop.Configuration()
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(string(got.Text), want) {
					t.Errorf("there is no %q in:\n%s", want, got.Text)
				}
			}
			for _, absent := range c.absent {
				if strings.Contains(string(got.Text), absent) {
					t.Errorf("there is %q in:\n%s", absent, got.Text)
				}
			}
			var left []string
			for _, l := range got.LeftOut {
				left = append(left, l.Code)
				if !strings.HasPrefix(l.Why, l.Code+" needs ") {
					t.Errorf("%s: %q", l.Code, l.Why)
				}
			}
			if diff := cmp.Diff([]string{c.rules, c.left}, []string{strings.Join(got.Rules, " "), strings.Join(left, " ")}); diff != "" {
				t.Errorf("rules and those left out (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(strings.Fields(c.rules), codes(t, string(got.Text))); diff != "" {
				t.Errorf("rules that are on (-want +got):\n%s", diff)
			}
			for _, l := range append(got.LeftOut, LeftOut{Code: "PS"}) { // removing one line turns one rule on
				before, after, _ := strings.Cut(string(got.Text), "/* "+l.Code)
				_, after, _ = strings.Cut(after, "\n")
				if on := codes(t, before+after); len(on) != len(got.Rules)+1 || !slices.Contains(on, l.Code) {
					t.Errorf("without the line that %s is off by, the rules are %q", l.Code, on)
				}
			}
			for n, line := range strings.Split(string(got.Text), "\n") {
				if strings.HasPrefix(strings.TrimSpace(line), "#") && len(line) > lineWidth || strings.TrimRight(line, " \t") != line {
					t.Errorf("line %d is too long, or ends in white space: %q", n+1, line)
				}
			}
		})
	}
	t.Run("a store that has nothing of it", func(t *testing.T) {
		shop := Shop{File: "pos.csv", Mapping: NewMapping([]string{"SKU", "Description", "QOH"}, amber), Store: &Store{Offers: func(field string) bool { return field == "sku" }, Hint: "; say where"}}
		if _, err := shop.Configuration(); err == nil || err.Error() != "no rule can be checked: the export has name, qoh, and the store's source has none of these; say where" {
			t.Error(err)
		}
	})
	t.Run("nothing to compare", func(t *testing.T) {
		shop := Shop{File: "pos.csv", Mapping: NewMapping([]string{"SKU", "Notes"}, amber)}
		if _, err := shop.Configuration(); err == nil || !strings.Contains(err.Error(), `pos.csv: no rule can be checked: the file has none of the columns that they compare; its columns are: "SKU", "Notes"`) {
			t.Error(err)
		}
	})
}
