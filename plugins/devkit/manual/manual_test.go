package manual

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

var update = flag.Bool("update", false, "write the expected pages anew")

func TestWrite(t *testing.T) {
	everything := &catalog.Settings{
		Attributes: []catalog.Attribute{
			{Name: "url", Type: catalog.SettingString, Doc: "The shop's\naddress <https://...>.", Required: true},
			{Name: "api-token", Type: catalog.SettingString, Doc: "The token.", Required: true, Sensitive: true},
			{Name: "mode", Type: catalog.SettingString, Doc: "Which: a|b.", Required: true, Values: []string{"a", "b"}},
			{Name: "pages", Type: catalog.SettingNumber, Required: true},
			{Name: "deep", Type: catalog.SettingBool, Required: true},
			{Name: "sites", Type: catalog.SettingNumbers, Required: true},
			{Name: "names", Type: catalog.SettingStringsMap, Required: true},
			{Name: "size", Type: catalog.SettingNumber, Doc: "Items on a page.\x1b[31m", Default: "100"},
		},
		Blocks: []catalog.Block{{Name: "retry", Doc: "When to try again.", Required: true, Settings: catalog.Settings{
			Attributes: []catalog.Attribute{{Name: "times", Type: catalog.SettingNumber}},
			Blocks:     []catalog.Block{{Name: "wait", Doc: "Between tries."}},
		}}},
	}
	tests := []struct {
		name string // of the expected page in testdata
		page Connector
	}{
		{"everything", Connector{Name: "web-shop", Version: "1.2.3", Doc: "Reads a shop.", Settings: everything,
			Capabilities: []string{"incremental", "tele|pathy"}, Remake: "reconcile plugin docs ./web-shop",
			Of: "`source \"web-shop\" \"x\"` in reconcile.hcl",
			Schema: catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String},
				catalog.Field{Name: "season", Type: catalog.List, Doc: "Summer|winter."})}},
		{"nothing", Connector{Name: "x", Settings: &catalog.Settings{}, Remake: "reconcile plugin docs ./x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			if err := tt.page.Write(&b); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", tt.name+".md")
			if *update {
				if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
