package examples

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/plugins/devkit/conformance"
)

// TestTypeScriptWrites holds connectors in TypeScript that write against the suite: a good one fails at nothing, and each that misbehaves at
// the right number.
func TestTypeScriptWrites(t *testing.T) {
	file := built(t, "test", "test/bench.ts")
	for how, want := range map[string][]string{
		"":                        nil,
		"writes over others":      {"10.3"},
		"fetches another":         {"9.2", "9.3", "10.2"},
		"knows no ids":            {"9.3"},
		"makes items up":          {"9.4"},
		"writes when it prepares": {"10.2"},
		"prepares nothing":        {"10.2"},
		"writes nothing":          {"10.4", "10.5"},
		"does not look":           {"10.4", "10.6"},
		"writes again":            {"10.5"},
		"writes null as zero":     {"10.6"},
		"tells twice":             {"10.4", "10.6"},
	} {
		if how != "" && how != "writes over others" && os.Getenv("RECONCILE_TEST_BAD_CONNECTORS") == "" {
			continue // each is held against the whole suite
		}
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			config := filepath.Join(t.TempDir(), "reconcile.hcl")
			source := "source \"bench\" \"shop\" {\n  how = \"" + how + "\"\n}\nwrite \"shop\" {\n  item  = \"A-2\"\n  field = \"price\"\n  value = \"12.50\"\n}\n"
			if err := os.WriteFile(config, []byte(source), 0o600); err != nil {
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
				ours := strings.HasPrefix(r.Number, "9.") || strings.HasPrefix(r.Number, "10.")
				if r.Status == conformance.Failed || ours && want == nil && r.Status != conformance.Passed {
					t.Logf("%s is %s: %s", r.Number, r.Status, strings.Join(r.Seen, "\n"))
				}
				if ours && want == nil && r.Status != conformance.Passed {
					t.Errorf("%s is %s", r.Number, r.Status)
				}
			}
		})
	}
}
