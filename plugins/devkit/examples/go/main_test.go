package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/devkit/conformance"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// connector waits for nothing: its clock goes on by itself.
var connector = sdk.Connector{New: func() sdk.Source { return &Shop{clock: &sdktest.Clock{}} }}

// TestItems says what becomes of the shop's answers. Put answers of your platform here, with a product of each kind.
func TestItems(t *testing.T) {
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"products": [
			{"id": 1, "sku": "A-1", "name": "Bell", "price": 19.90, "stock": 3, "options": {"Size": "M"}},
			{"id": 2, "sku": "A-2", "name": "Lamp", "price": null, "stock": null}
		], "total": 2}`)
	}))
	defer shop.Close()
	got, err := sdktest.Read(t.Context(), connector, sdktest.Settings{"url": shop.URL, "token": "secret"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"sku":"A-1","name":"Bell","price":19.9,"qoh":3,"options":{"Size":"M"},"id":"1"}`,
		`{"sku":"A-2","name":"Lamp","price":null,"qoh":null,"options":{},"id":"2"}`,
	}
	if !slices.Equal(got.Items, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got.Items, "\n"), strings.Join(want, "\n"))
	}
}

// TestFaults spoils the shop's answers, one after the other: too many requests, half an answer, a page twice, a page for people. The
// connector has to give all products then, or an error.
func TestFaults(t *testing.T) {
	shop, err := newSandbox("")
	if err != nil {
		t.Fatal(err)
	}
	sdktest.TestFaults(t, shop, func(ctx context.Context, url string) (sdktest.Result, error) {
		return sdktest.Read(ctx, connector, sdktest.Settings{"url": url, "token": sandboxToken})
	})
}

// TestConformance builds the connector and holds it against what reconcile asks of every connector. With -v it says what
// was seen. conformance.hcl has the sources: an empty one and a large one show more than one alone.
func TestConformance(t *testing.T) {
	program := filepath.Join(t.TempDir(), "connector.exe")
	if out, err := exec.Command("go", "build", "-o", program).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	conformance.Test(t, conformance.Target{Command: []string{program}, Config: "conformance.hcl"})
}
