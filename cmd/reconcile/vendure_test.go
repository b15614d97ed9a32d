package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vendureRules compare a Vendure server, read as its recipe says, with the server's own database.
const vendureRules = `
source "amberpos" "database" {
  columns = {
    id         = "id"
    sku        = "sku"
    name       = "name"
    price      = "price"
    qoh        = "qoh"
    pending    = "pending"
    tracked    = "tracked"
    visible    = "visible"
    options    = "options"
    parent_sku = "product"
  }
  currency = "USD"
  database {
    driver = "sqlite"
    dsn    = env("DATABASE")
    query  = <<-SQL
      SELECT v.id, v.sku, t.name, CASE WHEN v.enabled AND product.enabled THEN 'true' ELSE 'false' END AS visible,
        CASE v.trackInventory WHEN 'FALSE' THEN 'false' ELSE 'true' END AS tracked,
        printf('%d.%02d', p.price / 100, p.price % 100) AS price, v.productId AS product,
        (SELECT SUM(stockOnHand) FROM stock_level WHERE productVariantId = v.id) AS qoh,
        (SELECT SUM(stockAllocated) FROM stock_level WHERE productVariantId = v.id) AS pending,
        (SELECT GROUP_CONCAT(g.name || ':' || o.name, '|') FROM product_variant_options_product_option AS has
          JOIN product_option AS option ON option.id = has.productOptionId
          JOIN product_option_translation AS o ON o.baseId = option.id AND o.languageCode = 'en'
          JOIN product_option_group_translation AS g ON g.baseId = option.groupId AND g.languageCode = 'en'
          WHERE has.productVariantId = v.id) AS options
      FROM product_variant AS v
        JOIN product ON product.id = v.productId
        JOIN product_variant_translation AS t ON t.baseId = v.id AND t.languageCode = 'en'
        JOIN product_variant_price AS p ON p.variantId = v.id AND p.currencyCode = 'USD'
      WHERE v.deletedAt IS NULL AND product.deletedAt IS NULL
      ORDER BY v.id
    SQL
  }
}

reconciliation "vendure" {
  pos   = source.amberpos.database
  store = source.rest.vendure
  key   = item.id
}

rule "K" {
  title = "SKU"
  when  = pos.sku != store.sku
}
rule "N" {
  title = "Name"
  when  = pos.name != store.name
}
rule "P" {
  title = "Price"
  when  = pos.price != store.price
}
rule "Q" {
  title = "Stock"
  when  = pos.qoh != store.qoh
}
rule "QP" {
  title = "Allocated"
  when  = pos.pending != store.pending
}
rule "T" {
  title = "Tracked"
  when  = pos.tracked != store.tracked
}
rule "V" {
  title = "Visible"
  when  = pos.visible != store.visible
}
rule "O" {
  title = "Options"
  when  = pos.options != store.options
}
rule "IV" {
  title = "Structure of options"
  when  = pos.variation != store.variation
}
`

// TestVendure reads a real Vendure server as docs/connectors/rest.md says, and holds it against its database, cell by cell.
// .ci/vendure starts the server.
func TestVendure(t *testing.T) {
	database := os.Getenv("RECONCILE_TEST_VENDURE_DATABASE")
	if database == "" {
		t.Skip("there is no Vendure server: .ci/vendure starts one")
	}
	recipe := recipeOf(t, `source "rest" "vendure" {`)
	// The sample has fewer variants than a page: small pages have several requests.
	small := strings.Replace(recipe, "size         = 500", "size         = 20", 1)
	if small == recipe {
		t.Fatal("the recipe has another page size")
	}
	// One change of the database, and it is seen: agreement says something.
	otherwise := strings.Replace(vendureRules, "SELECT v.id, v.sku,", "SELECT v.id, CASE v.id WHEN 50 THEN 'other' ELSE v.sku END AS sku,", 1)
	for name, c := range map[string]struct {
		config string
		not    map[string]int // cells that are not synchronized, by rule
	}{
		"one page":        {recipe + vendureRules, nil},
		"several pages":   {small + vendureRules, nil},
		"another SKU":     {recipe + otherwise, map[string]int{"K": 1}},
		"prices in cents": {strings.Replace(recipe, `scale         = { price = "2" }`, "", 1) + vendureRules, map[string]int{"P": 87}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "reconcile.hcl"), []byte(c.config), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := program(t, dir, "run", "--format", "json", "--all", "--no-history")
			var said strings.Builder
			cmd.Stderr = &said
			cmd.Env = append(cmd.Env, "DATABASE="+database)
			text, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, said.String())
			}
			var result struct {
				Summary struct {
					Items, Matched int
					Rules          map[string]map[string]int
				}
			}
			if err := json.Unmarshal(text, &result); err != nil {
				t.Fatal(err)
			}
			s := result.Summary
			if s.Items != 87 || s.Matched != 87 || len(s.Rules) != 9 {
				t.Fatalf("%+v", s)
			}
			for rule, cells := range s.Rules {
				if cells["S"] != 87-c.not[rule] || cells["N"] != c.not[rule] {
					t.Errorf("%s: %v", rule, cells)
				}
			}
		})
	}
}

// recipeOf returns the source of docs/connectors/rest.md that begins so.
func recipeOf(t *testing.T, begin string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "connectors", "rest.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), begin)
	source, _, ended := strings.Cut(rest, "\n```")
	if !found || !ended {
		t.Fatalf("the page has no %s", begin)
	}
	return begin + source
}
