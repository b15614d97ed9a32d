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

// TestEmptyFields has the suite name a field that is null in every item of every source, without failing for it.
func TestEmptyFields(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for sources, want := range map[string]string{
		`source "bad" "one" { items = 1 }`: "skipped null or empty in every item: price",
		`source "bad" "one" { items = 1 }
		 source "bad" "two" { items = 2 }`: "passed ",
		`source "bad" "none" { items = 0 }`: "skipped there were no items",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			config := filepath.Join(t.TempDir(), "reconcile.hcl")
			if err := os.WriteFile(config, []byte(sources), 0o600); err != nil {
				t.Fatal(err)
			}
			report, err := conformance.Run(t.Context(), conformance.Target{Command: []string{self, "bad-connector", "well"}, Config: config, Timeout: 30 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				if got := string(r.Status) + " " + strings.Join(r.Seen, " "); r.Number == "6.25" && !strings.HasPrefix(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
			}
			if failed := report.Failed(); len(failed) > 0 {
				t.Errorf("failed: %v", failed)
			}
		})
	}
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
			switch way.Name {
			case "freezes", "silent", "hangs-at-start", "hangs-in-describe":
				target.Timeout = 3 * time.Second
			case "stands-still", "waits-for-nothing": // a machine that is too busy to let them speak is to be silent for less
				target.Timeout = 10 * time.Second
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
