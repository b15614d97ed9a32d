package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/weborder"
	"github.com/reconcilehq/reconcile/plugins/devkit/conformance"
)

// TestTypeScriptOrders holds connectors in TypeScript that tell web orders against the suite: a good one fails at nothing, and each that
// misbehaves at the right number.
func TestTypeScriptOrders(t *testing.T) {
	file := built(t, "test", "test/ordering.ts")
	for how, want := range map[string][]string{
		"":                nil,
		"has no pending":  {"11.1"},
		"counts twice":    {"11.2"},
		"forgets one":     {"11.3"},
		"tells another":   {"11.3"},
		"tells one twice": {"11.3"},
		"takes back more": {"11.3"},
		"knows no date":   {"11.3"},
	} {
		if how != "" && how != "forgets one" && os.Getenv("RECONCILE_TEST_BAD_CONNECTORS") == "" {
			continue // each is held against the whole suite
		}
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			config := filepath.Join(t.TempDir(), "reconcile.hcl")
			if err := os.WriteFile(config, []byte("source \"ordering\" \"shop\" {\n  how = \""+how+"\"\n}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			report, err := conformance.Run(t.Context(), conformance.Target{Command: []string{"node", file}, Config: config, Timeout: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			if failed := report.Failed(); !slices.Equal(failed, want) {
				t.Errorf("failed: %v, want %v", failed, want)
			}
			for _, r := range report.Results {
				if r.Status == conformance.Failed || strings.HasPrefix(r.Number, "11.") && want == nil && r.Status != conformance.Passed {
					t.Logf("%s is %s: %s", r.Number, r.Status, strings.Join(r.Seen, "\n"))
				}
				if strings.HasPrefix(r.Number, "11.") && want == nil && r.Status != conformance.Passed {
					t.Errorf("%s is %s", r.Number, r.Status)
				}
			}
		})
	}
}

// TestTypeScriptOrdersTold asks a connector in TypeScript for web orders as the host does: with what was asked for of people, and without what
// was imported.
func TestTypeScriptOrdersTold(t *testing.T) {
	file := built(t, "test", "test/ordering.ts")
	ids := filepath.Join(t.TempDir(), "imported.csv")
	if err := os.WriteFile(ids, []byte("# mine\nnote,id\nby hand,1002\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, problems := start(t, file, fmt.Sprintf(`{"imported_ids_file": %q}`, ids))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, wish := range []weborder.Wish{{}, {Customer: true, Address: true, CustomerNote: true}} {
		var told []string
		if _, err := p.Orders(t.Context(), wish, &news{}, func(o weborder.Order) error {
			text := fmt.Sprintf("%s of %s, %q %q, %s in all, %q:", o.ID, o.PlacedAt.UTC().Format(time.DateTime), o.Customer.Email, o.CustomerNote, o.TotalIncTax, o.Note)
			for _, l := range o.Lines {
				text += fmt.Sprintf(" %s %s at %s to %q", l.Quantity, l.SKU, l.PriceExTax, l.Address.City)
			}
			told = append(told, text)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		email, note, city := "", "", ""
		if wish.Customer {
			email, note, city = "anna@example.com", "Ring twice", "Laval"
		}
		want := []string{fmt.Sprintf("1001 of 2026-11-28 09:15:00, %q %q, 22.6 in all, \"Gift wrap\": 2 A-1 at 10 to %q", email, note, city),
			"W-1003 of 2026-11-29 11:30:00, \"\" \"\", <nil> in all, \"\": 4 A-2 at <nil> to \"\""}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", wish, diff)
		}
	}
}
