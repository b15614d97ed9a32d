package conformance

import (
	"errors"
	"strings"
	"testing"
)

// Test runs the suite as a test, with a subtest for each demand: go test -run 'TestConformance/6.4' -v shows one. The
// demands that were skipped say why with -v.
func Test(t *testing.T, target Target) {
	t.Helper()
	if target.Log == nil {
		target.Log = t.Logf
	}
	report, err := Run(t.Context(), target)
	var config *ConfigError
	if errors.As(err, &config) {
		t.Fatalf("the configuration:\n%s", config)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, note := range report.Notes {
		t.Logf("Note: %s", note)
	}
	for _, r := range report.Results {
		t.Run(r.Number, func(t *testing.T) {
			t.Helper()
			seen := strings.Join(r.Seen, "\n    ")
			switch r.Status {
			case Failed:
				t.Errorf("%s %s: failed\n    %s\nTo mend it: %s", r.Number, r.Title, seen, r.Mend)
			case Skipped:
				t.Skipf("%s %s: %s", r.Number, r.Title, seen)
			default:
				if seen != "" {
					t.Logf("%s %s: %s", r.Number, r.Title, seen)
				}
			}
		})
	}
}
