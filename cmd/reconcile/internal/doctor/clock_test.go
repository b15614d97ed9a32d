package doctor

import (
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// TestClock holds this machine's clock against a platform's.
func TestClock(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name, fact string
		level      Level
		text       string
	}{
		{"the same", "2026-11-23T09:59:30Z", OK, "shop.web has the same time as this machine"},
		{"ahead", "2026-11-23T09:50:00Z", Warning, "shop.web says that this machine's clock is 10m0s ahead"},
		{"behind, in another zone", "2026-11-24T12:00:00+01:00", Warning, "shop.web says that this machine's clock is 25h0m0s behind"},
		{"nonsense", "noon", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := &Examination{}
			who := subject{examination: e, name: "shop.web", number: 1}
			who.lookAtClock([]catalog.Fact{{Name: "store", Value: "Bells"}, {Name: catalog.FactClock, Value: tc.fact}}, now)
			if tc.text == "" {
				if len(e.Findings) > 0 {
					t.Errorf("got %+v", e.Findings)
				}
				return
			}
			if len(e.Findings) != 1 || e.Findings[0].Level != tc.level || e.Findings[0].Text != tc.text {
				t.Errorf("got %+v", e.Findings)
			}
		})
	}
}
