package history

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzFolded holds texts without regard to case against what the standard library makes of them, and the search in texts that lie one after
// the other against a look at each.
func FuzzFolded(f *testing.F) {
	for _, seed := range [][3]string{{"Klingel", "GLOCKE 7", "gel"}, {"Straße", "STRASSE", "ß"}, {"İstanbul", "istanbul", "i"}, {"K\xff\xc3", "kK", "k"}, {"", "[@`{", "@"}, {"ſ", "Σς", "σ"}, {"0123456Z", "eightAZ[", "56ze"}} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, a, b, wanted string) {
		c := &column{text: []byte(a + b + a), ends: []int{len(a), len(a + b), len(a + b + a)}}
		folded := string(appendFolded(nil, []byte(wanted)))
		if want := strings.ToLower(strings.ToUpper(wanted)); folded != want {
			t.Fatalf("%q is %q, want %q", wanted, folded, want)
		}
		if lower, ascii := appendLower([]byte("A"), []byte(a)); ascii != (strings.IndexFunc(a, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 && utf8.ValidString(a)) || ascii && string(lower) != "A"+strings.ToLower(a) {
			t.Fatalf("%q is %q, %v", a, lower, ascii)
		}
		if folded == "" {
			return
		}
		var hits [blockItems]bool
		c.search([]byte(folded), &hits, nil)
		for i, text := range []string{a, b, a} {
			if want := strings.Contains(strings.ToLower(strings.ToUpper(text)), folded); hits[i] != want {
				t.Errorf("%q in %q is %v, want %v", wanted, text, hits[i], want)
			}
		}
	})
}
