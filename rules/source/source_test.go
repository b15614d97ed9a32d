package source_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/source"
)

// TestLoadSourcesOnly says that sources, their plugins and local names are read, and that mistakes elsewhere do not matter.
func TestLoadSourcesOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reconcile.hcl")
	text := `
locals { dir = env("DIR") }
plugin "shopify" { path = "./shopify" }
source "shopify" "web" {
  read_timeout = "90s"
  read_limit   = "12h"
  max_items    = 1000000
  file         = "${local.dir}/x"
}
rule "N" { when = nothing.of.the.kind }
unheard_of {}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, diags := source.Load(path, source.Options{Getenv: func(string) (string, bool) { return "/data", true }})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if len(config.Sources) != 1 || config.Plugin("shopify") == nil || config.Sources[0].ReadTimeout.Seconds() != 90 || config.Sources[0].ReadLimit.Hours() != 12 || config.Sources[0].MaxItems != 1_000_000 {
		t.Fatalf("%+v", config)
	}
	settings, diags := config.Settings(config.Sources[0], &catalog.Settings{Attributes: []catalog.Attribute{{Name: "file", Type: catalog.SettingString}}})
	if diags.HasErrors() || string(settings.JSON) != `{"file":"/data/x"}` {
		t.Errorf("%v, %v", settings, diags)
	}
}

func TestUnknownConnector(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reconcile.hcl")
	if err := os.WriteFile(path, []byte("source \"shopfy\" \"web\" {}\nplugin \"shopify\" { path = \"x\" }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config, diags := source.Load(path, source.Options{Bundled: []string{"file"}})
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, `Did you mean "shopify"?`) || config.Files[path] == nil {
		t.Error(diags)
	}
}

// TestWrongLimits says what limits of a source may be.
func TestWrongLimits(t *testing.T) {
	for setting, want := range map[string]string{
		`read_limit = "6h"`:       "",
		`read_limit = "0s"`:       "is a time such as",
		`read_limit = "soon"`:     "is a time such as",
		`max_items = 1`:           "",
		`max_items = 0`:           "is a whole number from 1 on",
		`max_items = -5`:          "is a whole number from 1 on",
		`max_items = 1.5`:         "is a whole number from 1 on",
		`max_items = 1e30`:        "is a whole number from 1 on",
		`max_items = "no number"`: "number",
	} {
		path := filepath.Join(t.TempDir(), "reconcile.hcl")
		if err := os.WriteFile(path, []byte("source \"file\" \"web\" {\n"+setting+"\n}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, diags := source.Load(path, source.Options{Bundled: []string{"file"}})
		if want == "" && len(diags) > 0 || want != "" && (len(diags) != 1 || !strings.Contains(diags[0].Detail, want) || diags[0].Subject.Start.Line != 2) {
			t.Errorf("%s: %v", setting, diags)
		}
	}
}
