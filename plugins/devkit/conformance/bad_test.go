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

// TestMain lets the test binary be the bad connectors.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "bad-connector" {
		bad.Serve(os.Args[2])
		return
	}
	os.Exit(m.Run())
}

// TestBadConnectors says that each bad connector fails at the right number, and a good one at none.
func TestBadConnectors(t *testing.T) {
	config := filepath.Join(t.TempDir(), "reconcile.hcl")
	if err := os.WriteFile(config, []byte(`
source "bad" "full" {
  items = 3000
  bytes = 500
}
source "bad" "empty" {
  items = 0
}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range bad.Ways() {
		if !bad.Wanted(way) {
			continue
		}
		t.Run(way.Name, func(t *testing.T) {
			t.Parallel()
			target := conformance.Target{Command: []string{self, "bad-connector", way.Name}, Config: config, Timeout: 30 * time.Second, MaxItems: 50_000}
			if slices.Contains([]string{"freezes", "silent", "hangs-at-start", "hangs-in-describe"}, way.Name) {
				target.Timeout = 3 * time.Second
			}
			report, err := conformance.Run(t.Context(), target)
			if err != nil {
				t.Fatal(err)
			}
			failed := report.Failed()
			var want []string
			if way.Demand != "" {
				want = append([]string{way.Demand}, strings.Fields(way.Also)...)
			}
			if !slices.Equal(failed, want) {
				t.Errorf("failed: %v, want %v", failed, want)
			}
			for _, r := range report.Results {
				if r.Status == conformance.Failed || way.Demand == "" && r.Status == conformance.Skipped {
					t.Logf("%s %s %s: %s", r.Number, r.Status, r.Title, strings.Join(r.Seen, "\n"))
				}
			}
		})
	}
}
