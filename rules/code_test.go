package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withCode loads a configuration with a rule of that code, and an intentional block that names it as reference does.
func withCode(t *testing.T, code, reference string) (*Config, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "reconcile.hcl")
	text := fmt.Sprintf("rule %q {\n  when = true\n}\n\nintentional \"x\" {\n  rules  = [%q]\n  where  = true\n  reason = \"x\"\n}\n", code, reference)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, diags := Load(file, Options{})
	var said []string
	for _, d := range diags {
		said = append(said, d.Summary+": "+d.Detail)
	}
	return config, strings.Join(said, "\n")
}

// TestReservedCodes refuses rules whose column in a report would be taken for another one.
func TestReservedCodes(t *testing.T) {
	for _, code := range []string{"sku", "SKU", "name", "Status", "result", "unknown", "details", "Differences", "pos.qoh", "Store.x", "POS."} {
		if _, said := withCode(t, code, code); !strings.HasPrefix(said, "Reserved code") || strings.Contains(said, "\n") {
			t.Errorf("%s: it says %q, want one mistake", code, said)
		}
	}
	for _, code := range []string{"skus", "pos", "pos_only", "N", "names"} {
		if _, said := withCode(t, code, code); strings.Contains(said, "Reserved") {
			t.Errorf("%s: %s", code, said)
		}
	}
}

// TestNormalCodes has a code and what refers to it be the same however their accents were written.
func TestNormalCodes(t *testing.T) {
	for _, apart := range []string{"Men\u0303ge", "Me\u0301nge"} {
		config, said := withCode(t, apart, apart)
		if strings.Contains(said, "Unknown rule") || len(config.Rules) != 1 || config.Rules[0].Code == apart {
			t.Errorf("%+q: %+v, %s", apart, config.Rules, said)
		}
	}
}
