package expr

import (
	"errors"
	"strings"
	"testing"
)

// shopScope is that of a source block of a configuration for shops, of which toronto is chosen.
func shopScope() *Scope {
	return &Scope{
		Each: &Each{Columns: []string{"shop", "hash", "vat", "token"}, Shop: "toronto", Place: "shops.csv:7", Choose: "Name a shop with --shop: toronto.",
			Values: map[string]string{"shop": "toronto", "hash": "abc", "vat": "", "token": "s3cret"},
			Secret: func(column string) bool { return column == "token" }},
		Secret: func(name string) (string, error) {
			if name == "shops/toronto" {
				return "s3cret", nil
			}
			return "", errors.New("there is no secret " + name)
		},
	}
}

func TestEach(t *testing.T) {
	inRule := shopScope()
	inRule.Secret = nil
	unchosen := shopScope()
	unchosen.Each.Shop, unchosen.Each.Values = "", nil
	for src, want := range map[string]struct {
		scope *Scope
		says  string
	}{
		`each.hash`:                           {shopScope(), "abc"},
		`each["hash"]`:                        {shopScope(), "abc"},
		`"exports/${each.shop}.csv"`:          {shopScope(), "exports/toronto.csv"},
		`coalesce(each.vat, "20")`:            {shopScope(), "20"},
		`secret("shops/${each.shop}")`:        {shopScope(), "s3cret"},
		`"Bearer ${secret("shops/toronto")}"`: {shopScope(), "Bearer s3cret"},
		`each.token`:                          {shopScope(), "s3cret"},
		`each.vat`:                            {shopScope(), `1:1-1:9 No value: The shop toronto has nothing in the column "vat": see shops.csv:7. What may be missing is written as coalesce(each.vat, "...").`},
		`each.hsah`:                           {shopScope(), `1:1-1:10 Unknown column: The list of shops has no column "hsah". Did you mean "hash"? There are: shop, hash, vat, token.`},
		`each`:                                {shopScope(), `1:1-1:5 Name is incomplete: "each" stands for the line of a shop; name a column of it, for example each.shop.`},
		`each.hash == "x"`:                    {unchosen, `1:1-1:10 No shop is chosen: each.hash is another value for each shop. Name a shop with --shop: toronto.`},
		`each.token == ""`:                    {inRule, `1:1-1:11 Secret in what is shown: The column "token" is called like a secret, so it can only be used in a source block.`},
		`upper(secret("shops/toronto"))`:      {inRule, `1:7-1:30 Secrets cannot be read here: Call secret in a source block.`},
		`secret("shops/nowhere")`:             {shopScope(), `1:1-1:24 Secret cannot be read: There is no secret shops/nowhere.`},
		`1 + secret("shops/toronto")`:         {shopScope(), `1:5-1:28 Wrong type: An operand of + must be a number; this is a string. Use tonumber to read a number from a text.`},
		`each.shop + 1`:                       {&Scope{}, `1:1-1:5 Unknown name: There is nothing named "each" here. What can be used: local.NAME.`},
	} {
		e, diags := Compile(parse(t, src), want.scope)
		v, _ := e.Constant()
		got := v.Text()
		if diags.HasErrors() {
			got = strings.Join(written(diags), "\n")
		}
		if got != want.says {
			t.Errorf("%s:\ngot  %s\nwant %s", src, got, want.says)
		}
		if secret := strings.Contains(got, "s3cret"); e.Secret() != secret {
			t.Errorf("%s is marked as secret: %t", src, e.Secret())
		}
	}
}

// TestEachMeans says that a rule means something else for shops of which the list says something else.
func TestEachMeans(t *testing.T) {
	of := func(vat string) string {
		scope := ruleScope()
		scope.Each = shopScope().Each
		scope.Each.Values["vat"] = vat
		e, diags := Compile(parse(t, `pos.price != store.price * tonumber(each.vat)`), scope)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		return e.Meaning()
	}
	if first := of("1.2"); first != of("1.2") || first == of("1.1") {
		t.Errorf("%s and %s", of("1.2"), of("1.1"))
	}
}
