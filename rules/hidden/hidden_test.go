package hidden_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/hidden"
)

// tokens are secrets of all kinds that platforms and people make.
var tokens = []string{"x7qk2m9v4b8n1w5z", "dG9rZW4tZm9yLXNob3A=", "eyJhbGciOi.JzdWIiOjE.SflKxwRJSM", "938475629384756", "shpat_0c4f9d8e7b6a5", "horsebatterystaple", "Tr0ub4dor&3xyz", "9f8e-7d6c-5b4a-3f2e"}

// slips are ways in which a setting's value is written, most of them mistakes.
var slips = []string{
	`NAME = "%s"`, `NAME = '%s'`, `NAME = %s`, `NAME: "%s"`, `NAME : %s`, `NAME "%s"`, `NAME = ["%s"]`, `NAME = [%s]`, `NAME = upper("%s", 1)`, `NAME = uper("%s")`,
	`NAME = "%s`, `NAME = %s"`, "NAME = “%s”", "NAME = „%s“", "NAME = `%s`", `NAME == "%s"`, `NAME := "%s"`, `NAME => "%s"`, `NAME = {token = "%s"}`, `NAME = "Bearer %s`,
	"NAME = <<EOT\n%s\nEOT", "NAME = <<EOT\n%s\n", "NAME = <<-EOT\n    %s\n  EOT", "NAME = <<\n%s\n", "NAME =\n%s", "NAME =\n\"%s\"", "NAME = [\n\"%s\",\n]", "NAME = [\n%s\n", "NAME = {\n\"a\" = \"%s\"\n}",
	`NAME = env("%s")`, `NAME = env(%s)`, `NAME = env("X", "%s"`, `NAME = "${%s}"`, `NAME = "${env("X")}%s" + 1`, `NAME = -"%s"`, `NAME = "%s" + 1`, `NAME = 1 / "%s"`, `NAME = local.nothing["%s"]`,
	`NAME = "%s" # it is here`, `# NAME = "%s"`, `NAME = (("%s")`, `NAME = "a" "%s"`, `NAME = a, "%s"`, `NAME = "%s", other = 1`, `"NAME" = "%s"`, `"NAME": "%s",`, `%s`, `"%s"`, `NAME "x" { %s }`, `NAME { value = "%s" }`,
	`NAME = "a\q%s"`, `NAME = "%%{ if %s }"`, `NAME = "\u00%s"`, "NAME = \"a\n%s\"", "NAME = \"a\"\n\"%s\"", `NAME = length("%s") + "x"`, `NAME = coalesce("%s", 1)`, `NAME = regex("(%s", "x")`, `NAME = min("%s")`, `NAME = nope.%s`,
	`%s = NAME`, `%s = "NAME"`, `"%s" = NAME`, `%s = 5`, `%s {}`, `%s "x" {}`, `%s x {`, `NAME "%s" {}`, `NAME %s {}`, `NAME "x" "%s" {`, `NAME = local.%s`, `NAME = local["%s"]`, `NAME = source.%s`, `NAME = %s("x")`,
	`NAME = 5 # %s`, `NAME = 5 // %s`, `/* NAME = %s */`, "/*\nNAME = %s\n*/", `NAME = "x" NAME = "%s"`, `headers = { "X-Auth" = "%s" }`, `headers = { %s = 1 }`, `headers { NAME = "%s" }`, "headers = {\n  %s = 1\n}",
	`NAME = true ? "%s" : 1`, `NAME = "a"["%s"]`, `NAME = [for x in ["%s"] : x]`, `NAME = tonumber("%s")`, `NAME = split("%s", 5)`, `NAME = "%s" == 1`, `NAME = env("A", "%s")`, "NAME = ‘%s’", "NAME = «%s»", `NAME = \"%s\"`, `NAME = "%s"; a = 1`, `NAME = !%s`,
}

// places are where a setting is written.
var places = []string{
	"source \"file\" \"shop\" {\n  path = \"x.csv\"\n  SLIP\n}\n",
	"source \"file\" \"shop\" { SLIP }\n",
	"source \"file\" \"shop\" {\n  path = \"x.csv\"\n  SLIP\n",
	"source \"file\" \"shop {\n  SLIP\n}\n",
	"source file shop\n{\n  SLIP\n}\n",
	"sorce \"file\" \"shop\" {\n  path = \"x.csv\"\n  SLIP\n}\n",
	"source \"file\" \"shop\" {\n  path = \"x.csv\"\n  types {\n    SLIP\n  }\n}\n",
	"locals {\n  a = 1\n  SLIP\n}\n",
	"locals { SLIP }\n",
	"plugin \"x\" {\n  path = \"./x\"\n  SLIP\n}\n",
	"notify \"mail\" {\n  SLIP\n}\n",
	"serve {\n  SLIP\n}\n",
	"SLIP\n",
	"rule \"Z\" {\n  when = contains(pos.name, \"x\"\n}\nsource \"file\" \"shop\" {\n  SLIP\n}\n",
	"rule \"Z\" {\n  when = pos.name != store.name\n  SLIP\n}\n",
	"reconciliation \"r\" {\n  pos   = source.file.a\n  store = source.file.b\n  SLIP\n}\n",
	"rule \"Z\" {\n  when = pos.name != store.name\n  remedy \"upload\" {\n    name = pos.name\n    SLIP\n  }\n}\n",
	"rule \"Z\" {\n  when = pos.name != store.name\n  remedy \"upload\" { SLIP }\n}\n",
	"rule \"Z\" {\n  when = pos.name != store.name\n  remedy \"correct\" {}\n  SLIP\n}\n",
	"brakes {\n  max_changes = 5\n  SLIP\n}\n",
}

const around = `
locals {
  b = 2
}

rule "N" {
  when = pos.name != store.name
}
`

// told returns what a person gets to see of a configuration's mistakes.
func told(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reconcile.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, diags := rules.Load(path, rules.Options{Bundled: []string{"file"}, Getenv: func(string) (string, bool) { return "", false }})
	for _, s := range config.Sources {
		diags = append(diags, config.CheckSource(s)...)
		_, more := config.Settings(s, &catalog.Settings{Attributes: []catalog.Attribute{
			{Name: "path", Type: catalog.SettingString, Path: true}, {Name: "access_token", Type: catalog.SettingString, Sensitive: true}}})
		diags = append(diags, more...)
	}
	for _, r := range config.Reconciliations {
		_, more := config.Compile(r, nil, nil, testTime)
		diags = append(diags, more...)
	}
	files, diags := hidden.Diagnostics(config.Files, diags, config.NoSecrets())
	return shown(t, files, diags)
}

func shown(t *testing.T, files map[string]*hcl.File, diags hcl.Diagnostics) string {
	t.Helper()
	var out bytes.Buffer
	for _, color := range []bool{false, true} {
		if err := hcl.NewDiagnosticTextWriter(&out, files, 100, color).WriteDiagnostics(diags); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// TestNoTokenIsTold writes each token in each way into each place. Nothing of it is seen, whatever else is wrong.
func TestNoTokenIsTold(t *testing.T) {
	mistakes := 0
	names := []string{"access_token", "acces_token", "hash", "key"}
	for i, place := range places {
		for j, slip := range slips {
			for k, token := range tokens {
				if os.Getenv("RECONCILE_TEST_LONG") == "" && (5*i+3*j+k)%24 != 0 {
					continue
				}
				name := names[(i+j+k/2)%len(names)]
				if name == "key" && strings.HasSuffix(place, "store.name\n  SLIP\n}\n") || strings.HasPrefix(place, "reconciliation") {
					name = "acces_token" // a key that people pair by is shown
				}
				line := fmt.Sprintf(strings.ReplaceAll(slip, "NAME", name), token)
				text := strings.ReplaceAll(place, "SLIP", line) + around
				said := told(t, text)
				if said != "" {
					mistakes++
				}
				if leaks(said, token) {
					t.Fatalf("%s\n---\n%s", text, said)
				}
				if diff := string(hidden.Shorten([]byte(text), hidden.Find([]byte(text)))); leaks(diff, token) {
					t.Fatalf("%s\n---\n%s", text, diff)
				}
			}
		}
	}
	if mistakes < 300 {
		t.Errorf("only %d texts had a mistake", mistakes)
	}
}

// leaks reports whether a text has six letters of the token or more.
func leaks(text, token string) bool {
	const few = 6
	for i := 0; i+few <= len(token); i++ {
		if strings.Contains(text, token[i:i+few]) {
			return true
		}
	}
	return false
}

func TestWhatStaysVisible(t *testing.T) {
	const text = `# source "x" "y" { token = "abc" }
source "bigcommerce" "web" {
  store_hash   = env("STORE_HASH")
  access_token = local.token # abc
  types = {
    margin = "number"
  }
  columns {
    name = "Title"
  }
}

locals { a = 5 }

websync {
  names = "mannual"
}

rule "N" {
  title = "Name"
  when  = contains(pos.name, "x" &&
    pos.options == { a = "b" }
    || store.name != "source of")
  note = <<EOT
source of all evil
EOT
  nte = "x"
}
reconciliation "r" {
  key = upper(
    item.sku
  )
  pos = source.amberpos.shop
}
`
	const want = `…
source "bigcommerce" "web" {
  store_hash   = env("STORE_HASH")
  access_token = …
  types = …
    …
  }
  columns {
    name = …
  }
}

locals { a = …

websync {
  names = "mannual"
}

rule "N" {
  title = "Name"
  when  = contains(pos.name, "x" &&
    pos.options == { a = "b" }
    || store.name != "source of")
  note = <<EOT
source of all evil
EOT
  nte = …
}
reconciliation "r" {
  key = upper(
    item.sku
  )
  pos = source.amberpos.shop
}
`
	if diff := cmp.Diff(want, string(hidden.Shorten([]byte(text), hidden.Find([]byte(text))))); diff != "" {
		t.Error(diff)
	}
}
