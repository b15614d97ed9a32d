package table

import (
	"os"
	"path/filepath"
	"testing"
)

func TestHasDecimalCommas(t *testing.T) {
	for _, c := range []struct {
		why, text string
		want      bool
	}{
		{"groups and decimals", "sku;price\na;1.299,00\n", true},
		{"a currency beside it", "sku;price\na;12,50 €\nb;€ 7,5\n", true},
		{"only whole numbers", "sku;price\na;12\n", false},
		{"what could be a group of digits", "sku;price\na;1,299\nb;1.299\n", false},
		{"points", "sku;price\na;1,299.00\nb;12.50\n", false},
		{"some of both: nobody knows", "sku;price\na;12,50\nb;12.50\n", false},
		{"a title above", "Preisliste\nsku;price\na;12,50\n", true},
		{"another column", "sku;price;note\na;12;1,5\n", false},
		{"a row that cannot be read", "sku;price\na;12,50\nb\n", true},
	} {
		t.Run(c.why, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.csv")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := NewFile(path, FileSettings{}).HasDecimalCommas(t.Context(), []string{"price"})
			if err != nil || got != c.want {
				t.Errorf("%t, %v; want %t", got, err, c.want)
			}
		})
	}
}
