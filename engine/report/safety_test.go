package report

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

var colourCode = regexp.MustCompile(`\x1b\[[0-9;]+m`)

// hostile returns a result that has s wherever a text of the data or of the configuration is shown.
func hostile(t testing.TB, s string) *Result {
	t.Helper()
	odd := item{sku: s, name: s, brand: s, price: "1", variation: []string{s, s}, options: []catalog.Entry{{Key: s, Value: s}}}
	pos, store := side(t, odd, odd, item{sku: "A-1", name: "Bell"}), side(t, odd, item{sku: "B-1"})
	r := &Result{
		Reconciliation: s,
		Pos:            Source{Connector: s, Name: s, Items: 3},
		Store:          Source{Connector: "web", Name: s, Items: 2},
		Rules: []Rule{
			{Code: s, Title: s, Note: s, Fields: refs("pos.name", "store.name", "pos.options", "store.variation")},
			{Code: "B", Title: "Brand", Note: s, Fields: refs("pos.brand", "store.brand", "pos.qoh")},
		},
		Items: itemsOf([]Item{
			{Status: verdict.Matched, Pos: pos[0], Store: store[0], Outcome: outcome("NI").explaining(0, 1).because(1, &Intent{Name: s, Reason: s, Owner: s})},
			{Status: verdict.PosOnly, Pos: pos[1]},
			{Status: verdict.NoKey, Store: store[1]},
			{Status: verdict.Matched, Pos: pos[2], Store: store[1], Outcome: outcome("-N")},
		}),
	}
	summarize(r)
	return r
}

// FuzzTable checks that whatever the texts are, no control character of theirs is written, no line is wider than the
// terminal, and the table's borders stand in line.
func FuzzTable(f *testing.F) {
	for _, s := range []string{
		"", "plain", "two words", strings.Repeat("long ", 40), strings.Repeat("x", 300),
		"\x1b[31mred\x1b[0m", "\x1b]0;title\a", "\u009b31m", "a\r\nb\tc\x00\x7f", "\u202eright to left\u2066", "\u2028\u2029\ufeff\u00ad",
		"漢字かな交じり文", "👩‍🚀👨‍👩‍👧🇨🇦👍🏽❤️1️⃣", "e\u0301\u0302\u0303", "\u0301leading mark", "می\u200cخواهم", "क्षत्रिय",
		"\xff\xfe bytes", "|:\\", "…", "\u3000wide\u00a0space\u3000", "   ",
	} {
		for _, w := range []int{0, 30, 80} {
			f.Add(s, w, w != 30, w == 80)
		}
	}
	f.Fuzz(func(t *testing.T, s string, w int, details, color bool) {
		if w < 0 || w > 1000 || len(s) > 2000 {
			t.Skip("no terminal and no text of a shop")
		}
		r := hostile(t, s)
		text := table(t, r, Options{Width: w, Details: details, Color: color, Rules: []string{s}, All: true}) +
			table(t, r, Options{Width: w, Details: details, Color: color})
		if color {
			text = colourCode.ReplaceAllString(text, "")
		}
		if !utf8.ValidString(text) {
			t.Errorf("not UTF-8: %q", text)
		}
		border := 0
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			for _, r := range line {
				if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
					t.Fatalf("%U in %q", r, line)
				}
			}
			if w > 0 && width(line) > max(w, minWidth) {
				t.Errorf("%d cells in a terminal of %d: %q", width(line), w, line)
			}
			if strings.HasPrefix(line, "╭") {
				border = width(line)
			}
			if strings.HasPrefix(line, "│") && (width(line) != border || !strings.HasSuffix(line, "│")) {
				t.Errorf("%d cells in a table of %d: %q", width(line), border, line)
			}
		}
	})
}

// TestWidths holds the two ways in which terminals measure text, rune by rune and cluster by cluster, against each
// other: clean must leave only what both find equally wide.
func TestWidths(t *testing.T) {
	for _, c := range []struct{ why, s, want string }{
		{"a family is one or three emoji wide", "👨‍👩‍👧", "👨👩👧"},
		{"a flag is two letters or one picture", "🇨🇦", "CA"},
		{"a skin tone may be a patch of its own", "👍🏽", "👍"},
		{"an emoji variant of a narrow character", "❤️", "❤"},
		{"a key is a digit in a box", "1️⃣", "1⃣"},
		{"a regional flag has invisible letters", "🏴\U000e0067\U000e0062\U000e007f", "🏴"},
		{"marks take no cell", "e\u0301", "e\u0301"},
		{"wide characters take two", "漢字", "漢字"},
		{"joiners inside words stay", "می\u200cخواهم", "می\u200cخواهم"},
		{"a zero-width space would hide a difference", "a\u200bb", "a\ufffdb"},
		{"escape codes are shown, not done", "\x1b[2J\n", "␛[2J␊"},
		{"eight-bit escape codes too", "\u009b2J", "\ufffd2J"},
		{"bytes that are no text", "\xffa", "\ufffda"},
	} {
		t.Run(c.why, func(t *testing.T) {
			got := clean(c.s)
			if got != c.want {
				t.Errorf("clean(%q) = %q, want %q", c.s, got, c.want)
			}
			if runes, clusters := width(got), displaywidth.String(got); runes != clusters {
				t.Errorf("%q is %d cells rune by rune, %d cluster by cluster", got, runes, clusters)
			}
		})
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		why   string
		s     string
		limit int
		want  string
	}{
		{"what fits stays", "Bell", 4, "Bell"},
		{"the ellipsis takes a cell of the limit", "Bell", 3, "Be…"},
		{"half a wide character is left out", "漢字", 3, "漢…"},
		{"a letter keeps its marks", "ae\u0301b", 3, "ae\u0301b"},
		{"and loses them with itself", "ae\u0301bc", 2, "a…"},
		{"one cell", "Bell", 1, "…"},
		{"no room", "Bell", 0, ""},
	} {
		t.Run(c.why, func(t *testing.T) {
			if got := cut(c.s, c.limit); got != c.want {
				t.Errorf("cut(%q, %d) = %q, want %q", c.s, c.limit, got, c.want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		why         string
		s           string
		limit, hang int
		want        string // lines joined with "/"
	}{
		{"between words", "one two three", 7, 0, "one two/three"},
		{"exactly full", "one two", 7, 0, "one two"},
		{"a word longer than a line is broken", "abcdefgh ij", 3, 0, "abc/def/gh/ij"},
		{"later lines may be shorter", "one two three", 8, 3, "one two/three"},
		{"spaces within a value are part of it", "a  b", 9, 0, "a  b"},
		{"glued words stay together", "1 two " + glue("three four"), 11, 0, "1 two/three four"},
		{"no words between wide characters", "漢字漢字", 5, 0, "漢字/漢字"},
		{"nothing is one line", "", 5, 0, ""},
	} {
		t.Run(c.why, func(t *testing.T) {
			if got := strings.Join(wrap(c.s, c.limit, c.hang), "/"); got != c.want {
				t.Errorf("wrap(%q, %d, %d) = %q, want %q", c.s, c.limit, c.hang, got, c.want)
			}
		})
	}
}

// TestLocale checks that the table looks the same whatever the user's language is: the renderer would double the width
// of its own borders where the locale is Japanese.
func TestLocale(t *testing.T) {
	r := sample(t)
	want := table(t, r, Options{Width: 80})
	was := twwidth.IsEastAsian()
	defer twwidth.SetEastAsian(was)
	twwidth.SetEastAsian(true)
	if got := table(t, r, Options{Width: 80}); got != want {
		t.Errorf("the table depends on the locale:\n%s", got)
	}
}
