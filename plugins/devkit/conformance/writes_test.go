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

// writeSources let the suite write to an item that has no price.
const writeSources = `
source "bad" "shop" {}
write "shop" {
  item  = "A-2"
  field = "price"
  value = "12.50"
}
`

// TestConnectorsThatWriteBadly says that each connector that writes fails at the right number, and a good one at none. They have few
// items, so that nothing is said of much else.
func TestConnectorsThatWriteBadly(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range bad.WriteWays() {
		usual := []string{"writes-well", "writes-over-others", "writes-whenever-asked"} // the others are each held against the whole suite
		if os.Getenv("RECONCILE_TEST_BAD_CONNECTORS") == "" && !slices.Contains(usual, way.Name) {
			continue
		}
		t.Run(way.Name, func(t *testing.T) {
			t.Parallel()
			config := filepath.Join(t.TempDir(), "reconcile.hcl")
			if err := os.WriteFile(config, []byte(writeSources), 0o600); err != nil {
				t.Fatal(err)
			}
			report, err := conformance.Run(t.Context(), conformance.Target{Command: []string{self, "bad-connector", way.Name}, Config: config, Timeout: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			if way.Demand != "" {
				want = append([]string{way.Demand}, strings.Fields(way.Also)...)
			}
			if failed := report.Failed(); !slices.Equal(failed, want) {
				t.Errorf("failed: %v, want %v", failed, want)
			}
			for _, r := range report.Results {
				if ours := strings.HasPrefix(r.Number, "9.") || strings.HasPrefix(r.Number, "10."); ours && (r.Status == conformance.Failed || way.Demand == "") {
					t.Logf("%s %s: %s", r.Number, r.Status, strings.Join(r.Seen, "\n"))
					if way.Demand == "" && r.Status != conformance.Passed {
						t.Errorf("%s is %s", r.Number, r.Status)
					}
				}
			}
		})
	}
}
