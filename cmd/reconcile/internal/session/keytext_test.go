package session

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func TestOneLine(t *testing.T) {
	for _, c := range []struct{ why, is, want string }{
		{"nothing to do", `upper(item.sku)`, `upper(item.sku)`},
		{"white space in a text stays", `replace(item.sku, "  ",   " ")`, `replace(item.sku, "  ", " ")`},
		{"lines", "coalesce(\n  item.sku,\n  item.name,\n)", `coalesce( item.sku, item.name, )`},
		{"Windows line ends", "coalesce(\r\n  item.sku,\r\n  item.name\r\n)", `coalesce( item.sku, item.name )`},
		{"comments", "coalesce(\n  item.sku, # the usual one\n  item.name // or\n  /* not\n the number */\n)", `coalesce( item.sku, item.name )`},
		{"a comment's sign in a text", `replace(item.sku, "# ", "//")`, `replace(item.sku, "# ", "//")`},
		{"parts of a text", `"${item.sku}  #${ item.name }"`, `"${item.sku}  #${ item.name }"`},
		{"a here-document", "trimspace(<<E\n${item.sku}\nE\n)", ""},
	} {
		t.Run(c.why, func(t *testing.T) {
			got := oneLine([]byte(c.is))
			if got != c.want {
				t.Fatalf("%q, want %q", got, c.want)
			}
			for _, text := range []string{c.is, got} {
				if _, diags := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos); text != "" && diags.HasErrors() {
					t.Errorf("%q: %v", text, diags)
				}
			}
		})
	}
}
