package source_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/source"
)

// TestIdentity says which source blocks name the same data.
func TestIdentity(t *testing.T) {
	schema := func(change func(s *catalog.Settings)) *catalog.Settings {
		s := &catalog.Settings{Attributes: []catalog.Attribute{
			{Name: "store", Type: catalog.SettingString},
			{Name: "token", Type: catalog.SettingString, Sensitive: true, Live: true},
			{Name: "ids", Type: catalog.SettingNumbers, Default: "[1, 2]"},
			{Name: "file", Type: catalog.SettingString, Path: true},
		}, Blocks: []catalog.Block{{Name: "inner", Settings: catalog.Settings{Attributes: []catalog.Attribute{
			{Name: "shown", Type: catalog.SettingBool, Live: true}, {Name: "read", Type: catalog.SettingNumber},
		}}}}}
		if change != nil {
			change(s)
		}
		return s
	}
	dir := t.TempDir()
	of := func(name, body string, s *catalog.Settings) (identity, lasting, meaning string) {
		t.Helper()
		path := filepath.Join(dir, name, "reconcile.hcl")
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("source \"file\" \"x\" {\n"+body+"\n}\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		config, diags := source.Load(path, source.Options{Bundled: []string{"file"}})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		settings, diags := config.Settings(config.Sources[0], s)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		return string(settings.Identity), string(settings.Lasting), string(settings.Meaning)
	}
	const full = "store = \"a\"\n token = \"t\"\n ids = [1, 2]\n file = \"./f\"\n inner {\n read = 1.0\n shown = true\n }\n read_timeout = \"1s\""
	want, lasts, meant := of("a", full, schema(nil))
	for _, tc := range []struct {
		name, dir, body string
		schema          *catalog.Settings
		same, alike     bool // whether the data are the same, and whether they say the same wherever they come from
		lasting         bool // whether they are the same but for secrets and names of files
	}{
		{"itself", "a", full, schema(nil), true, true, true},
		{"live settings and order", "a", "file = \"f\"\n inner {\n shown = false\n read = 1\n }\n token = \"other\"\n ids = [1, 2]\n store = \"a\"", schema(nil), true, false, true},
		{"the default left out", "a", "file = \"f\"\n inner {\n read = 1\n shown = true\n }\n store = \"a\"", schema(nil), true, true, true},
		{"another default", "a", "file = \"f\"\n inner {\n read = 1\n }\n store = \"a\"",
			schema(func(s *catalog.Settings) { s.Attributes[2].Default = "[3]" }), false, false, false},
		{"another value", "a", "file = \"f\"\n inner {\n read = 1\n }\n store = \"b\"", schema(nil), false, false, false},
		{"another value in a block", "a", "file = \"f\"\n inner {\n read = 2\n }\n store = \"a\"", schema(nil), false, false, false},
		{"no block", "a", "file = \"f\"\n store = \"a\"", schema(nil), false, false, false},
		{"the same path from another folder", "b", "file = \"../a/f\"\n inner {\n read = 1\n shown = true\n }\n store = \"a\"", schema(nil), true, true, true},
		{"another file of the same name", "b", "file = \"f\"\n inner {\n read = 1\n shown = true\n }\n store = \"a\"", schema(nil), false, true, true},
	} {
		got, lasting, meaning := of(tc.dir, tc.body, tc.schema)
		if (got == want) != tc.same {
			t.Errorf("%s: %s and %s: want them the same: %v", tc.name, want, got, tc.same)
		}
		if (lasting == lasts) != tc.lasting || strings.Contains(lasting, "token") || strings.Contains(lasting, "file") {
			t.Errorf("%s: %s and %s: want them the same another day: %v", tc.name, lasts, lasting, tc.lasting)
		}
		if (meaning == meant) != tc.alike || strings.Contains(meaning, "token") {
			t.Errorf("%s: %s and %s: want them alike: %v", tc.name, meant, meaning, tc.alike)
		}
	}
}
