package rules

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestAcceptedRoundTrip says that accepted values are read as they were written, whatever they hold.
func TestAcceptedRoundTrip(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ \\\\|:a\n]{0,12}`))
	rapid.Check(t, func(t *rapid.T) {
		var want []Accepted
		for range rapid.IntRange(1, 4).Draw(t, "values") {
			want = append(want, Accepted{Side: rapid.SampledFrom(verdict.Sides[:]).Draw(t, "side"),
				Field: rapid.StringMatching(`[a-z_]{1,8}`).Draw(t, "field"),
				// CSV makes \r\n one line end; no value of a source is read with more care than that.
				Text: strings.ReplaceAll(text.Draw(t, "text"), "\r", "")})
		}
		var out bytes.Buffer
		if err := WriteBaseline(&out, []Acceptance{{SKU: "A-1", Rule: "P", Values: want}}, true); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&out).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseAccepted(rows[1][3])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-written +read):\n%s", diff)
		}
	})
}
