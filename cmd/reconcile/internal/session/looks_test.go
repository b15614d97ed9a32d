package session

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiffersIn(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"A-1", "a-1", "case"},
		{"A-1", " A-1", "white space"},
		{"A-1", "A1", "dashes"},
		{"A_1", "A-1", "dashes"},
		{"A–1", "A-1", "dashes"},
		{"AB 1", "AB1", "white space"},
		{"0042", "42", "leading zeros"},
		{"-042", "42", "dashes and leading zeros"},
		{"a\u200b1", "A 1", "case, white space and characters that do not show"},
	} {
		if lookOf(c.a) != lookOf(c.b) {
			t.Errorf("%q and %q do not look alike", c.a, c.b)
		}
		if got := differsIn(c.a, c.b); got != c.want {
			t.Errorf("%q and %q differ in %s, want %s", c.a, c.b, got, c.want)
		}
	}
	if lookOf("A-10") == lookOf("A-1") {
		t.Error("a zero at the end is lost")
	}
}

func TestNearSKUs(t *testing.T) {
	skus := []string{"", "PUMP-H", "PUMP-F", "pump f", "PUMP-F-XL", "BELL", "PUMP-F", "PUMPKIN", "0042", "A", "B", "4-Mar"}
	for sku, want := range map[string][]string{
		"pump_f": {"PUMP-F", "pump f", "PUMP-F-XL", "PUMP-H"},
		"42":     {"0042"},
		"BELLS":  {"BELL"},
		"MAR-4":  {"4-Mar"},
		"C":      nil,
		"":       nil,
		"-":      nil,
	} {
		if diff := cmp.Diff(want, nearSKUs(sku, skus)); diff != "" && len(want)+len(nearSKUs(sku, skus)) > 0 {
			t.Errorf("%q: %s", sku, diff)
		}
	}
}
