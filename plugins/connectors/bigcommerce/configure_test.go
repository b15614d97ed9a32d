package bigcommerce

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

func TestConfigure(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte(`{"products": [{"sku": "A", "tracking": "maybe"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		given settings // beside good credentials
		want  []string // the settings that are wrong
		says  string   // part of what is said
	}{
		{"credentials are enough", nil, nil, ""},
		{"everything", settings{"locations": []int{1}, "quantity": "on_hand", "imported_through": 7, "imported_statuses": []string{"Completed", "2", "awaiting shipment"},
			"ignore_statuses": []string{"RefundedFullOffline", "Cancelled"}}, nil, ""},
		{"nothing at all", settings{"store_hash": "", "access_token": ""}, []string{"store_hash", "access_token"}, "Settings > API"},
		{"a path for a hash", settings{"store_hash": "stores/abc123"}, []string{"store_hash"}, "only the hash"},
		{"a token with a line break", settings{"access_token": secret + "\n"}, []string{"access_token"}, "without line breaks"},
		{"a quantity that there is not", settings{"quantity": "all"}, []string{"quantity"}, "available, on_hand"},
		{"a status that there is not", settings{"imported_statuses": []string{"Complete"}}, []string{"imported_statuses"}, "10 Completed"},
		{"a status number that there is not", settings{"ignore_statuses": []string{"15"}}, []string{"ignore_statuses"}, "14 Partially Refunded"},
		{"AmberPOS's own statuses are only ignored", settings{"imported_statuses": []string{"DeclinedFixed"}}, []string{"imported_statuses"}, "no order status"},
		{"a file that there is not", settings{"imported_ids_file": "nowhere.txt"}, []string{"imported_ids_file"}, "nowhere.txt"},
		{"a negative number of an order", settings{"imported_through": -1}, []string{"imported_through"}, "negative"},
		{"plain http to elsewhere", settings{"api_url": "http://api.example.com"}, []string{"api_url"}, "travel readably to api.example.com"},
		{"plain http to a name that begins like this machine", settings{"api_url": "http://127.0.0.1.example.com"}, []string{"api_url"}, "travel readably"},
		{"plain http to this machine", settings{"api_url": "http://[::1]:8080/"}, nil, ""},
		{"https to elsewhere", settings{"api_url": "https://proxy.example.com/bc"}, nil, ""},
		{"no address", settings{"api_url": "api.bigcommerce.com"}, []string{"api_url"}, "reads like https://"},
		{"an address with a password", settings{"api_url": "https://me:pw@example.com"}, []string{"api_url"}, "user name"},
		{"a sandbox needs no credentials", settings{"sandbox": true, "store_hash": "", "access_token": ""}, nil, ""},
		{"a sandbox has its own address", settings{"sandbox": true, "api_url": "https://example.com"}, []string{"api_url"}, "exclude each other"},
		{"a sandbox's broken catalogue", settings{"sandbox": true, "sandbox_catalog": broken}, []string{"sandbox_catalog"}, `tracking "maybe"`},
		{"a sandbox's missing catalogue", settings{"sandbox": true, "sandbox_catalog": "nowhere.json"}, []string{"sandbox_catalog"}, "nowhere.json"},
		{"a catalogue without a sandbox", settings{"sandbox_catalog": broken}, []string{"sandbox_catalog"}, "sandbox = true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			given := settings{"store_hash": "abc123", "access_token": secret}
			for name, value := range c.given {
				given[name] = value
			}
			_, err := configured(t, given)
			if diff := cmp.Diff(c.want, wrongSettings(err)); diff != "" {
				t.Errorf("wrong settings (-want +got):\n%s\nerror: %v", diff, err)
			}
			if err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), secret)) {
				t.Errorf("error %q does not say %q, or says the token", err, c.says)
			}
		})
	}
}

// wrongSettings returns which settings an error is about.
func wrongSettings(err error) (names []string) {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			names = append(names, wrongSettings(e)...)
		}
		return names
	}
	var setting *sdk.SettingError
	if !errors.As(err, &setting) {
		return []string{"?"}
	}
	return setting.Path
}

func TestSettingsHaveDocs(t *testing.T) {
	described, err := sdk.SettingsOf(Connector().New())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range described.Attributes {
		if a.Doc == "" {
			t.Errorf("setting %q has no doc", a.Name)
		}
		if want := strings.HasSuffix(a.Name, "access_token"); a.Sensitive != want {
			t.Errorf("setting %q: sensitive is %v", a.Name, a.Sensitive)
		}
		if want := strings.HasSuffix(a.Name, "_file") || a.Name == "sandbox_catalog"; a.Path != want {
			t.Errorf("setting %q: path is %v", a.Name, a.Path)
		}
	}
	if len(described.Attributes) != 19 {
		t.Errorf("%d settings: %v", len(described.Attributes), slices.Collect(func(yield func(string) bool) {
			for _, a := range described.Attributes {
				yield(a.Name)
			}
		}))
	}
}
