package delimited

import (
	"testing"

	"pgregory.net/rapid"
)

// TestMarks holds the ways to find what matters in a text against looking at each byte.
func TestMarks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte(",;\t\"\n\r a"))), 0, 900).Draw(t, "text")
		delimiter := rapid.OneOf(rapid.SampledFrom([]byte(",;\t|")), rapid.Byte()).Draw(t, "delimiter")
		quote := rapid.SampledFrom([]byte("\"'\n")).Draw(t, "quote")
		buf := append(text, make([]byte, Tail)...)
		words := (len(text) + 63) / 64
		want := make([]marks64, words)
		for i, c := range buf[:64*words] {
			if c == quote || c == '\n' {
				want[i/64].ends |= 1 << (i % 64)
			}
			if c == delimiter || c == quote || c == '\n' {
				want[i/64].all |= 1 << (i % 64)
			}
		}
		got, plain := make([]marks64, words), make([]marks64, words)
		stray := false
		for i, c := range buf[:64*words] {
			stray = stray || c == '\r' && buf[i+1] != '\n'
		}
		if all, each := markAll(got, buf, delimiter, quote), markWords(plain, buf, delimiter, quote); all != stray || each != stray {
			t.Fatalf("%q has a carriage return alone: %t, but got %t and %t", buf, stray, all, each)
		}
		m := marker{delimiter: delimiter, quote: quote}
		m.begin(buf, len(text))
		for i := range want {
			if one := m.next(64 * i); got[i] != want[i] || plain[i] != want[i] || one != want[i] {
				t.Fatalf("of %q %b matter, but got %b, %b and %b", buf[64*i:64*i+64], want[i], got[i], plain[i], one)
			}
		}
	})
}
