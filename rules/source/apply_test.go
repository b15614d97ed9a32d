package source_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/source"
)

// TestSettingsToApply: what only changing the platform needs is looked up by whoever changes it, and by nobody else. It decides
// neither which Local Copy there is nor what the data say.
func TestSettingsToApply(t *testing.T) {
	schema := &catalog.Settings{Attributes: []catalog.Attribute{
		{Name: "url", Type: catalog.SettingString},
		{Name: "write_token", Type: catalog.SettingString, Sensitive: true, Required: true, Apply: true},
	}, Blocks: []catalog.Block{{Name: "inner", Settings: catalog.Settings{Attributes: []catalog.Attribute{{Name: "file", Type: catalog.SettingString, Path: true, Apply: true}}}}}}
	load := func(token string, env map[string]string) (*source.Config, *[]string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "reconcile.hcl")
		text := "source \"shop\" \"web\" {\n  url = \"u\"\n" + token + "\n  inner {\n    file = env(\"FILE\")\n  }\n}\nplugin \"shop\" { path = \"x\" }\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		asked := &[]string{}
		config, diags := source.Load(path, source.Options{Getenv: func(name string) (string, bool) {
			*asked = append(*asked, name)
			value, ok := env[name]
			return value, ok
		}})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		return config, asked
	}
	const token = `  write_token = env("TOKEN")`
	config, asked := load(token, nil)
	read, diags := config.Settings(config.Sources[0], schema)
	if diags.HasErrors() || string(read.JSON) != `{"inner":{},"url":"u"}` || len(read.Secrets) > 0 || len(read.Paths) > 0 || len(*asked) > 0 {
		t.Errorf("to read: %+v, %v, asked for %q", read, diags, *asked)
	}
	if secrets := config.Secrets(config.Sources[0], schema); len(secrets) > 0 || len(*asked) > 0 {
		t.Errorf("secrets %q, asked for %q", secrets, *asked)
	}
	if _, diags := config.SettingsToApply(config.Sources[0], schema); !strings.Contains(diags.Error(), "TOKEN") {
		t.Errorf("to apply, without the variable: %v", diags)
	}

	config, _ = load(token, map[string]string{"TOKEN": "t0k3n", "FILE": "f"})
	apply, diags := config.SettingsToApply(config.Sources[0], schema)
	if diags.HasErrors() || string(apply.JSON) != `{"inner":{"file":"f"},"url":"u","write_token":"t0k3n"}` || !slices.Equal(apply.Secrets, []string{"t0k3n"}) || !slices.Equal(apply.Paths, []string{"f"}) {
		t.Errorf("to apply: %+v, %v", apply, diags)
	}
	if secrets := config.SecretsToApply(config.Sources[0], schema); !slices.Equal(secrets, []string{"t0k3n"}) {
		t.Errorf("secrets %q", secrets)
	}
	if string(apply.Identity) != string(read.Identity) || string(apply.Meaning) != string(read.Meaning) {
		t.Errorf("the data depend on it: %s and %s, %s and %s", apply.Identity, read.Identity, apply.Meaning, read.Meaning)
	}

	// What is wrong without looking it up is told to everybody; that it is missing only to whoever needs it.
	config, _ = load(`  write_token = nothing("TOKEN")`, nil)
	if _, diags := config.Settings(config.Sources[0], schema); !strings.Contains(diags.Error(), "nothing") {
		t.Errorf("a function that there is not: %v", diags)
	}
	config, _ = load("", map[string]string{"FILE": "f"})
	if _, diags := config.Settings(config.Sources[0], schema); diags.HasErrors() {
		t.Errorf("to read, without a token: %v", diags)
	}
	if _, diags := config.SettingsToApply(config.Sources[0], schema); !strings.Contains(diags.Error(), `"write_token" is required`) {
		t.Errorf("to apply, without a token: %v", diags)
	}
}
