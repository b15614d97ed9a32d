package bigcommerce

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// TestStrangeAnswers has something else than the store answer a write with 200. Nobody knows then what became of it, and a look tells: what
// is there was done, and the rest is not told as what the store took.
func TestStrangeAnswers(t *testing.T) {
	of := func(body string) emulator.Fault {
		return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { _, _ = io.WriteString(w, body) }
	}
	for _, c := range []struct{ body, words string }{
		{"<!DOCTYPE html><html><head><title>Sign in &amp; go on</title></head></html>", `a page for a browser, "Sign in & go on"`},
		{"<p>Welcome", "a page for a browser: "},
		{"", "not the JSON that was expected"},
		{"[]", "not the JSON that was expected"},
		{"{}", "it "},
		{`{"data": null, "transaction_id": 7}`, "it "},
		{`{"data": [], "transaction_id": ""}`, "it does not "},
		{`{"data": [{"id": 1}], "meta": {}}`, "it does not "},
	} {
		for _, route := range []struct{ path, key string }{{"/v3/catalog/products", "price "}, {"/v3/catalog/variants", "own "}, {"/v3/inventory/adjustments/absolute", "stock "}} {
			for _, done := range []bool{false, true} {
				t.Run(fmt.Sprintf("%.20s of %s, done %v", c.body, route.path, done), func(t *testing.T) {
					t.Parallel()
					store, changes := thirty(t)
					s := changeShop(t, store, emulator.WithFaults(func(_ int, r *http.Request) emulator.Fault {
						if r.Method != http.MethodPut || !strings.HasSuffix(r.URL.Path, route.path) {
							return nil
						}
						return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
							if done {
								emulator.Done(http.StatusOK)(discarded{http.Header{}}, r, answer)
							}
							of(c.body)(w, r, answer)
						}
					}))
					got, err := applied(t.Context(), t, s.editor(t, nil), changes)
					if err != nil {
						t.Fatal(err)
					}
					for key, o := range got {
						switch strange := strings.HasPrefix(key, route.key); {
						case strange && !done:
							if o.Kind != sdk.Unknown || !strings.Contains(o.Reason, c.words) {
								t.Errorf("%s: %+v", key, o)
							}
						case o.Kind != sdk.Applied:
							t.Errorf("%s: %+v", key, o)
						}
					}
				})
			}
		}
	}
}

// discarded is an answer that nobody gets.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header            { return d.header }
func (d discarded) WriteHeader(int)                {}
func (d discarded) Write(data []byte) (int, error) { return len(data), nil }
