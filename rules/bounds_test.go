package rules_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules"
)

// whenIs is a configuration with a rule of that condition, and more blocks.
func whenIs(condition, more string) string {
	return "source \"file\" \"a\" {}\nsource \"file\" \"b\" {}\nreconciliation \"r\" {\n  pos = source.file.a\n  store = source.file.b\n}\n" + more + "\nrule \"A\" {\n  when = " + condition + "\n}\n"
}

// compiled loads and compiles a configuration.
func compiled(path string, stop <-chan struct{}) hcl.Diagnostics {
	config, diags := rules.Load(path, rules.Options{Bundled: []string{"file"}, Stop: stop})
	if diags.HasErrors() {
		return diags
	}
	full := catalog.MustSchema(catalog.KnownFields()...)
	for _, r := range config.Reconciliations {
		_, more := config.Compile(r, full, full, time.Now())
		diags = append(diags, more...)
	}
	return diags
}

// TestConfigurationIsBounded has configurations that would take all memory or all time end in a diagnostic at the place.
func TestConfigurationIsBounded(t *testing.T) {
	doubling := "locals {\n  a0 = \"0123456789\"\n"
	for i := range 40 {
		n, next := string(rune('0'+i/10))+string(rune('0'+i%10)), i+1
		m := string(rune('0'+next/10)) + string(rune('0'+next%10))
		if i == 0 {
			doubling = "locals {\n  a00 = \"0123456789\"\n"
		}
		doubling += "  a" + m + " = \"${local.a" + n + "}${local.a" + n + "}\"\n"
	}
	doubling += "}\n"
	long := func(n int) string { return "\"" + strings.Repeat("x", n) + "\"" }
	for _, c := range []struct{ why, text, says string }{
		{"a hundred thousand &&", whenIs("pos.visible"+strings.Repeat(" && pos.visible", 100_000), ""), "max_operators"},
		{"200 KB of parentheses", whenIs(strings.Repeat("(", 100_000)+"true"+strings.Repeat(")", 100_000), ""), "max_depth"},
		{"parentheses that are not closed", whenIs(strings.Repeat("(", 200_000), ""), "max_depth"},
		{"templates in templates", whenIs(strings.Repeat("\"${", 50_000)+"true"+strings.Repeat("}\"", 50_000), ""), "max_depth"},
		{"blocks in blocks", whenIs("true", strings.Repeat("a {\n", 50_000)+strings.Repeat("}\n", 50_000)), "max_depth"},
		{"many !", whenIs(strings.Repeat("!", 100_000)+"true", ""), "max_operators"},
		{"many choices", whenIs(strings.Repeat("pos.visible ? true : ", 50_000)+"true", ""), "max_operators"},
		{"many indexes", whenIs("pos.variation"+strings.Repeat("[0]", 50_000)+" == \"\"", ""), "max_operators"},
		{"locals that double", whenIs("pos.name == local.a40", doubling), "max_value"},
		{"replace that grows", whenIs("pos.name == replace("+long(100_000)+", \"\", "+long(100_000)+")", ""), "max_value"},
		{"replace that grows, in steps", whenIs("true", "locals {\n  a = replace("+long(4000)+", \"x\", "+long(4000)+")\n  b = replace(local.a, \"x\", local.a)\n}"), "max_value"},
		{"join that grows", whenIs("pos.name == join("+long(1_000_000)+", split(\"\", "+long(100_000)+"))", ""), "max_value"},
		{"regexreplace that grows", whenIs("pos.name == regexreplace(\"x\", "+long(100_000)+", "+long(100_000)+")", ""), "max_value"},
		{"a large file", strings.Repeat("# a comment\n", 2_000_000), "max_config"},
	} {
		t.Run(c.why, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "reconcile.hcl")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			diags := compiled(path, nil)
			runtime.ReadMemStats(&after)
			if !diags.HasErrors() || !strings.Contains(diags[0].Detail, c.says) {
				t.Errorf("it says %v, not %s", diags, c.says)
			}
			if c.says != "max_config" && diags.HasErrors() && diags[0].Subject == nil {
				t.Error("it does not say where")
			}
			if spent := (after.TotalAlloc - before.TotalAlloc) >> 20; spent > 400 {
				t.Errorf("it takes %d MiB", spent)
			}
		})
	}
}

// TestBoundsAreGenerous checks that a configuration near the bounds is read.
func TestBoundsAreGenerous(t *testing.T) {
	for why, condition := range map[string]string{
		"&&":          "pos.visible" + strings.Repeat(" && pos.visible", 2_400),
		"==":          "pos.name == \"0\"" + strings.Repeat(" || pos.name == \"x\"", 1_600),
		"choices":     strings.Repeat("pos.visible ? true : ", 2_400) + "true",
		"parentheses": strings.Repeat("(", 190) + "pos.visible" + strings.Repeat(")", 190),
		"!":           strings.Repeat("!", 4_000) + "pos.visible",
	} {
		t.Run(why, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "reconcile.hcl")
			if err := os.WriteFile(path, []byte(whenIs(condition, "")), 0o600); err != nil {
				t.Fatal(err)
			}
			started := time.Now()
			if diags := compiled(path, nil); diags.HasErrors() {
				t.Error(diags)
			}
			t.Log(time.Since(started))
		})
	}
}
