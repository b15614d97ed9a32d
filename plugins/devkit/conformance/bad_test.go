package conformance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/plugins/devkit/conformance"
	"github.com/reconcilehq/reconcile/plugins/devkit/conformance/bad"
)

// TestMain lets the test binary be the connectors, and the command that changes a platform.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) == 3 && os.Args[1] == "bad-connector":
		bad.Serve(os.Args[2])
		return
	case len(os.Args) == 3 && os.Args[1] == "shelf-connector":
		serveShelf(os.Args[2])
		return
	case len(os.Args) == 2 && os.Args[1] == "sell-from-shelf":
		if err := os.WriteFile("shelf.json", []byte(`[{"sku": "A-1", "name": "Bell, large"}, {"sku": "A-2", "name": "Lamp"}]`), 0o600); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// TestEmptyFields has a field that is null in every item of every source fail, unless the configuration expects that.
func TestEmptyFields(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for sources, want := range map[string]string{
		`source "bad" "one" { items = 1 }`:  "failed null or empty in every item: price",
		`source "bad" "none" { items = 0 }`: "skipped there were no items",
		`source "bad" "one" { items = 1 }
		 expect "one" { empty = ["price"] }`: "passed ",
		`source "bad" "two" { items = 2 }
		 expect "two" { empty = ["prise"] }`: `failed "prise" is expected to be empty, and is no field. Did you mean "price"?`,
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
			noted := strings.HasPrefix(strings.Join(report.Notes, "\n"), "nobody says what the amounts in price are in, so that a comparison takes equal numbers")
			if amounts := strings.Contains(sources, "items = 2"); noted != amounts || len(report.Notes) > 1 {
				t.Errorf("it notes %q", report.Notes)
			}
			if failed := report.Failed(); len(failed) > 0 && !slices.Equal(failed, []string{"6.25"}) {
				t.Errorf("failed: %v", failed)
			}
		})
	}
}

// badSources are sources of bad connectors, and badExpectations what is to be found in them.
const (
	badSources = `
source "bad" "full" {
  items = 3000
  bytes = 500
  token = "open-s3same"
  opens = "open-s3same"
}
source "bad" "empty" {
  items = 0
}
`
	badExpectations = `
source "bad" "wrong-token" {
  items = 5
  token = "open-barley"
  opens = "open-s3same"
}
source "bad" "shut" {
  shut = true
}
expect "full" {
  count = 3000
  items = "full.jsonl"
}
expect "empty" {
  count = 0
}
expect "wrong-token" {
  must_fail = "does not know the token"
}
expect "shut" {
  must_fail = "shut"
}
`
)

// badFolder writes a configuration for bad connectors, and the items of its first source.
func badFolder(t *testing.T, text string) (config string) {
	t.Helper()
	var items strings.Builder
	for i := range 3000 {
		price := fmt.Sprintf("%d.%02d", i/100, i%100)
		if i%7 == 0 {
			price = "null"
		}
		fmt.Fprintf(&items, `{"sku": "A-%d", "price": %s}`+"\n", i, price)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"reconcile.hcl": text, "full.jsonl": items.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "reconcile.hcl")
}

// TestBadConnectors says that each bad connector fails at the right number, and a good one at none.
func TestBadConnectors(t *testing.T) {
	plain, expecting := badFolder(t, badSources), badFolder(t, badSources+badExpectations)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for i, way := range append(bad.Ways()[:1:1], bad.Ways()...) {
		if !bad.Wanted(way) || i == 1 && os.Getenv("RECONCILE_TEST_BAD_CONNECTORS") == "" {
			continue
		}
		config := plain
		if i == 0 || slices.Contains([]string{"6.28", "6.29", "6.30"}, way.Demand) { // the one that does nothing wrong meets both
			config = expecting
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
				if expected := strings.HasPrefix(strings.Join(r.Seen, ""), "no expect block"); i == 0 && expected && r.Number != "6.31" {
					t.Errorf("%s is skipped: %s", r.Number, r.Seen)
				}
				if r.Status == conformance.Failed || way.Demand == "" && r.Status == conformance.Skipped {
					t.Logf("%s %s %s: %s", r.Number, r.Status, r.Title, strings.Join(r.Seen, "\n"))
				}
			}
		})
	}
}
