package signs

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestBlanks(t *testing.T) {
	for _, c := range []struct{ why, s, want string }{
		{"nothing to see", "Bell 12 A", "Bell 12 A"},
		{"at the end", "A-1 ", "A-1·"},
		{"at the start", "  A-1", "··A-1"},
		{"two in a row", "a  b c", "a··b c"},
		{"nothing but blanks", "  ", "··"},
		{"a tab and a line break", "A\t1\n", "A␉1␊"},
		{"a no-break space", "A\u00a01\u00a0", "A␣1␣"},
		{"a zero-width space", "A\u200b1", "A\ufffd1"},
		{"a joiner", "A\u200d1", "A\ufffd1"},
		{"nothing", "", ""},
	} {
		t.Run(c.why, func(t *testing.T) {
			if got := Blanks(c.s); got != c.want {
				t.Errorf("Blanks(%q) = %q, want %q", c.s, got, c.want)
			}
		})
	}
}

// TestDiffer says that two values that are not equal never look alike where white space or what does not show is the difference,
// and that other values get no signs.
func TestDiffer(t *testing.T) {
	if a, b := Differ("Bell  12", "Bull"); a != "Bell  12" || b != "Bull" {
		t.Errorf("%q and %q", a, b)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ ab\t\n\x{a0}\x{2009}\x{200b}\x{200d}\x{feff}]{0,6}`)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		x, y := Differ(a, b)
		if a == b && x != y {
			t.Fatalf("%q is shown as %q and %q", a, x, y)
		}
		if plainLook := strings.Join(strings.Fields(x), " ") == strings.Join(strings.Fields(y), " "); a != b && plainLook && utf8.RuneCountInString(a) != utf8.RuneCountInString(b) {
			t.Fatalf("%q and %q are both shown as %q", a, b, x)
		}
	})
}

// hostile are texts in which something acts or hides.
var hostile = []string{"\x1b[2J", "\x1b]0;t\a", "\u009b31m", "a\rb", "\x00\x7f", "\u202eabc\u2069", "\u2028\u2029", "a\u200bb\ufeff\u00ad", "\xff\xfe", "日本", "plain"}

func TestDoor(t *testing.T) {
	for _, text := range hostile {
		for _, d := range []*Door{{}, {Paint: true}, {Escapes: true}} {
			var whole, bytewise bytes.Buffer
			d.To = &whole
			write(t, d, text)
			one := &Door{To: &bytewise, Escapes: d.Escapes}
			for i := range len(text) {
				write(t, one, text[i:i+1])
			}
			for _, r := range whole.String() {
				if r != '\n' && r != utf8.RuneError && Sign(r) != r {
					t.Errorf("%q lets %U of %q through", whole.String(), r, text)
				}
			}
			if !d.Paint && whole.String() != bytewise.String() {
				t.Errorf("%q at once, %q byte by byte", whole.String(), bytewise.String())
			}
		}
	}
	var painted, not bytes.Buffer
	write(t, &Door{To: &painted, Paint: true}, "\x1b[1;31mred\x1b[0m")
	write(t, &Door{To: &not}, "\x1b[1;31mred\x1b[0m")
	if painted.String() != "\x1b[1;31mred\x1b[0m" || not.String() != "␛[1;31mred␛[0m" {
		t.Errorf("painted %q, not painted %q", painted.String(), not.String())
	}
}

// TestDoorOfMany has several write at once, as a connector's log and the program do: each line comes through whole.
func TestDoorOfMany(t *testing.T) {
	var seen bytes.Buffer
	d := &Door{To: &seen}
	const writers, lines = 8, 200
	var all sync.WaitGroup
	for i := range writers {
		line := strings.Repeat(string(rune('a'+i)), 50) + "\n"
		all.Go(func() {
			for range lines {
				_, _ = d.Write([]byte(line))
			}
		})
	}
	all.Wait()
	n := 0
	for line := range strings.Lines(seen.String()) {
		if n++; len(line) != 51 || strings.Trim(line, line[:1]) != "\n" {
			t.Fatalf("line %d is %q", n, line)
		}
	}
	if n != writers*lines {
		t.Errorf("%d lines, want %d", n, writers*lines)
	}
}

func write(t *testing.T, d *Door, s string) {
	t.Helper()
	if n, err := d.Write([]byte(s)); n != len(s) || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
}

func TestSameLength(t *testing.T) {
	for _, text := range append(hostile, "a\r\nb\tc") {
		got := SameLength([]byte(text))
		if len(got) != len(text) {
			t.Errorf("%q has %d bytes, %q %d", text, len(text), got, len(got))
		}
		for _, r := range strings.ReplaceAll(string(got), "\r\n", "") {
			if r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
				t.Errorf("%U is left of %q", r, text)
			}
		}
	}
}
