package catalog

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestLook(t *testing.T) {
	for _, c := range []struct{ sku, want string }{
		{"SKU-0012", "sku0012"}, {"0012-A", "12a"}, {" 'a_B\u00a0\u2011c", "abc"}, {"Größe 1", "größe1"}, {"GRÖSSE", "grösse"}, {"\u017fet", "set"}, {"\u0130", "i"},
		{"", ""}, {"-", ""}, {"000", ""}, {"½", "½"}, {strings.Repeat("0", 80) + "x", "x"},
	} {
		if got := Look(c.sku); got != c.want {
			t.Errorf("Look(%q) is %q, not %q", c.sku, got, c.want)
		}
	}
}

// TestLookIsOfEveryCase: texts of which an upper or lower case is the same have one look, whatever their characters are.
func TestLookIsOfEveryCase(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		look := Look(string(r))
		if upper, lower := Look(strings.ToUpper(string(r))), Look(strings.ToLower(string(r))); upper != look || lower != look {
			t.Errorf("%q has the look %q, but %q in upper and %q in lower case", r, look, upper, lower)
		}
	}
}

// TestSieve holds the short way of a Sieve against Look.
func TestSieve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.RuneFrom([]rune("aAb-0 1ÄäK\u212a")), 0, 80, -1)
		looks := rapid.SliceOfN(rapid.Map(letters, Look), 1, 4).Draw(t, "looks")
		sku := letters.Draw(t, "sku")
		if rapid.Bool().Draw(t, "one of them") {
			sku = rapid.SampledFrom([]string{"", "-", "0"}).Draw(t, "before") + strings.ToUpper(looks[0])
		}
		want := false
		for _, look := range looks {
			want = want || look == Look(sku)
		}
		if got := NewSieve(looks).Has(sku); got != want {
			t.Errorf("%q, look %q, of %q: %v", sku, Look(sku), looks, got)
		}
	})
}

func TestSieveRowsAndTake(t *testing.T) {
	schema := MustSchema(Field{Name: "sku", Type: String}, Field{Name: "price", Type: Number}, Field{Name: "parent_sku", Type: String}, Field{Name: "options", Type: Map}, Field{Name: "tracked", Type: Bool})
	b := NewBuilder(schema)
	for _, row := range [][2]string{{"A-1", ""}, {"B", ""}, {"C", "a1"}, {"a 1", "B"}} {
		b.SetString(0, row[0])
		if row[0] != "C" {
			b.SetNumber(1, Int(7))
			b.SetBool(4, true)
		}
		b.SetString(2, row[1])
		b.SetMap(3, []Entry{{Key: "Size", Value: row[0]}})
		b.End()
	}
	batch := b.Batch()
	rows := NewSieve([]string{"a1"}).Rows(nil, batch)
	if diff := cmp.Diff([]int{0, 2, 3}, rows); diff != "" {
		t.Fatal(diff)
	}
	few := batch.Take(rows)
	if few.Len() != 3 {
		t.Fatalf("%d items", few.Len())
	}
	for i, row := range rows {
		for _, f := range schema.Fields() {
			if got, want := few.Value(f.Name, i), batch.Value(f.Name, row); got.Text() != want.Text() || got.IsNull() != want.IsNull() {
				t.Errorf("item %d, %s: %v, not %v", i, f.Name, got, want)
			}
		}
	}
}
