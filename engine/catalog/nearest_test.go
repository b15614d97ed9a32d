package catalog

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	for _, c := range []struct{ name, candidates, want string }{
		{"prize", "name price qoh", "price"},
		{"nmae", "sku name", "name"}, // two neighbours swapped are one slip
		{"Price ", "qoh price", "price"},
		{"price", "retail_price", "retail_price"},
		{"opt", "options", "options"},
		{"Q", "N P", "N"},
		{"qoh", "name brand", ""},
		{"prices", "price prizes", "price"}, // of two that are as near, the first
		{"x", "", ""},
	} {
		if got := Nearest(c.name, append(strings.Fields(c.candidates), "")); got != c.want {
			t.Errorf("%q of %s: %q, want %q", c.name, c.candidates, got, c.want)
		}
	}
	if got := DidYouMean("prize", []string{"price"}) + DidYouMean("zzz", []string{"price"}); got != ` Did you mean "price"?` {
		t.Errorf("%q", got)
	}
}
