package bigcommerce

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// TestTellsWhatItWaitsFor says that a read tells of each wait what it is for and until when, and counts a step with each
// request, so that the host can tell a read that gets on from one that hangs.
func TestTellsWhatItWaitsFor(t *testing.T) {
	for _, c := range []struct {
		name    string
		options []emulator.Option
		want    string
	}{
		{"the quota", []emulator.Option{emulator.WithQuota(5, 10*time.Second)}, "BigCommerce's quota"},
		{"trouble", []emulator.Option{emulator.WithFaults(func(n int, _ *http.Request) emulator.Fault {
			if n == 2 {
				return emulator.TooManyRequests(7000)
			}
			return nil
		})}, "try 2 of 6 of "},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t, threePages(), c.options...)
			source := paged(s.source(t, settings{"imported_through": 1000}))
			var waited, stood int
			var before int64
			req := sdk.NewReadRequest(faultFields, func(string) {}).
				OnWaiting(func(until time.Time, why string) {
					if strings.HasPrefix(why, c.want) {
						waited++
					}
					if wait := until.Sub(s.clock.Now()); wait <= 0 || wait > 11*time.Second {
						t.Errorf("it waits %s for %s", wait, why)
					}
				}).
				OnProgress(func(_, _, steps int64, _ string) {
					if steps == before {
						stood++
					}
					before = steps
				})
			n, err := sdk.ReadAll(t.Context(), source, req, func(*catalog.Batch) error { return nil })
			if err != nil || n != 7 {
				t.Fatalf("%d items, %v", n, err)
			}
			if waited == 0 {
				t.Errorf("it was not told of %s", c.want)
			}
			if pages := 3; before < int64(s.Requests()) || stood > pages {
				t.Errorf("%d steps for %d requests; the number stood %d times", before, s.Requests(), stood)
			}
		})
	}
}
