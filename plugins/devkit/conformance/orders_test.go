package conformance_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/plugins/devkit/conformance"
	"github.com/reconcilehq/reconcile/plugins/devkit/conformance/bad"
)

// TestConnectorsThatTellOrdersBadly says that each connector that tells web orders fails at the right number, and a good one at none.
func TestConnectorsThatTellOrdersBadly(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range bad.OrderWays() {
		usual := []string{"orders-well", "orders-and-forgets"} // the others are each held against the whole suite
		if os.Getenv("RECONCILE_TEST_BAD_CONNECTORS") == "" && !slices.Contains(usual, way.Name) {
			continue
		}
		t.Run(way.Name, func(t *testing.T) {
			t.Parallel()
			config := filepath.Join(t.TempDir(), "reconcile.hcl")
			if err := os.WriteFile(config, []byte("source \"bad\" \"shop\" {}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			report, err := conformance.Run(t.Context(), conformance.Target{Command: []string{self, "bad-connector", way.Name}, Config: config, Timeout: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			if way.Demand != "" {
				want = []string{way.Demand}
			}
			if failed := report.Failed(); !slices.Equal(failed, want) {
				t.Errorf("failed: %v, want %v", failed, want)
			}
			for _, r := range report.Results {
				if strings.HasPrefix(r.Number, "11.") && way.Demand == "" && r.Status != conformance.Passed {
					t.Errorf("%s is %s: %s", r.Number, r.Status, strings.Join(r.Seen, "\n"))
				}
			}
		})
	}
}
