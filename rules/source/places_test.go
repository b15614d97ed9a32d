package source_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/source"
)

// loadOne loads a configuration with one source, whose connector has these settings.
func loadOne(t *testing.T, body string, schema *catalog.Settings) *source.Settings {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reconcile.hcl")
	if err := os.WriteFile(path, []byte("source \"shop\" \"web\" {\n"+body+"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config, diags := source.Load(path, source.Options{Bundled: []string{"shop"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	settings, diags := config.Settings(config.Sources[0], schema)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return settings
}

// TestPlaceInMap says that an objection to one member of a map is shown at that member.
func TestPlaceInMap(t *testing.T) {
	fields := catalog.Attribute{Name: "fields", Type: catalog.SettingStringsMap}
	schema := &catalog.Settings{Attributes: []catalog.Attribute{fields}, Blocks: []catalog.Block{{Name: "page", Settings: catalog.Settings{Attributes: []catalog.Attribute{fields}}}}}
	for _, c := range []struct {
		path []string
		line int
	}{
		{[]string{"fields", "sku"}, 3},
		{[]string{"fields", "name"}, 4},
		{[]string{"fields", "price"}, 2}, // not there: the whole setting's
		{[]string{"fields"}, 2},
		{[]string{"page", "fields", "sku"}, 7},
		{[]string{"page", "fields", "sku", "deeper"}, 7},
		{[]string{"page"}, 6},
	} {
		settings := loadOne(t, "fields = {\n  sku    = \"$.sku\"\n  \"name\" = \"$.name\"\n}\npage {\n  fields = { sku = \"$.sku\" }\n}", schema)
		diags := settings.Diagnose([]catalog.Problem{{Path: c.path, Summary: "wrong"}})
		if len(diags) != 1 || diags[0].Subject.Start.Line != c.line {
			t.Errorf("%v: %v, want line %d", c.path, diags, c.line)
		}
	}
}

// TestSecretsInMap says that each value of a sensitive map or list is a secret, however it stands in a message.
func TestSecretsInMap(t *testing.T) {
	schema := &catalog.Settings{Attributes: []catalog.Attribute{
		{Name: "headers", Type: catalog.SettingStringsMap, Sensitive: true}, {Name: "tokens", Type: catalog.SettingStrings, Sensitive: true}}}
	settings := loadOne(t, `headers = { "X-Key" = "one", "X-Token" = "two" }
tokens = split(",", "three,four")`, schema)
	slices.Sort(settings.Secrets)
	if want := []string{"four", "one", "three", "two"}; !slices.Equal(settings.Secrets, want) {
		t.Errorf("%q, want %q", settings.Secrets, want)
	}
}
