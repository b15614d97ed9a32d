package hidden_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/rules/hidden"
)

var testTime = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)

// FuzzFind holds what is found against what callers rely on: places in their order, each within a line, and a covered text
// of which nothing else has moved.
func FuzzFind(f *testing.F) {
	for _, place := range places {
		f.Add([]byte(place))
	}
	f.Add([]byte("rule \"N\" {\n  when = (pos.a\n  note = <<E\nx\nE\n}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		found := hidden.Find(text)
		last := 0
		for _, p := range found {
			if p.From < last || p.To <= p.From || p.To > len(text) || bytes.ContainsAny(text[p.From:p.To], "\n") {
				t.Fatalf("%q: %v", text, found)
			}
			last = p.To
		}
		covered := hidden.Cover(text, found)
		if len(covered) != len(text) || bytes.Count(covered, []byte("\n")) != bytes.Count(text, []byte("\n")) {
			t.Fatalf("%q became %q", text, covered)
		}
	})
}
