package mend

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestLaid: no line is wider than it may be where there is room for the least of each column, and a text that is cut says so.
func TestLaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"", "a", "price", "東京 Track Frame", "a\tb\x1b[1m", "\"Concert Ukulele, Mahogany\"", strings.Repeat("x", 90)})
		rows := [][]string{{"SKU", "FIELD", "CHANGE", "NAME"}}
		for range rapid.IntRange(1, 4).Draw(t, "rows") {
			rows = append(rows, []string{word.Draw(t, "sku"), word.Draw(t, "field"), word.Draw(t, "change"), word.Draw(t, "name")})
		}
		width := rapid.IntRange(40, 200).Draw(t, "width")
		for _, line := range laid(rows, width) {
			if cellsOf(line) > width || strings.ContainsAny(line, "\x1b\t") {
				t.Fatalf("%q is %d cells, of %d", line, cellsOf(line), width)
			}
		}
	})
	if got := strings.Join(laid([][]string{{"SKU", "FIELD", "NAME"}, {"A-1", "", "Bell"}}, 40), "\n"); got != "SKU  NAME\nA-1  Bell" {
		t.Errorf("a column with nothing in it is there: %q", got)
	}
	if got := shortened("東京 Track", 4); got != "東…" {
		t.Errorf("%q", got)
	}
}

// TestReasons: what a table has no room for stands below it in full, once.
func TestReasons(t *testing.T) {
	var out strings.Builder
	s := &sheet{w: &out, width: 60}
	long := "it is in changes.csv: have that imported, export anew to web.csv, and apply the plan again"
	lines := s.table([]string{"SKU", "OUTCOME", "WHY"}, [][][]string{{{"A-1", "pending", long}}, {{"A-2", "pending", long}}, {{"A-3", "failed", "the store is full"}}})
	out.Reset()
	s.reasons([]string{long, long, "the store is full"}, lines)
	if got := strings.Join(strings.Fields(out.String()), " "); got != long {
		t.Errorf("%q", got)
	}
}
