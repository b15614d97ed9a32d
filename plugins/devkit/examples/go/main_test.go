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

// answers are what a shop answers, by what it is asked for. Put those of your platform here, with a product of each kind.
var answers = map[string]string{
	"/shop": `{"name": "Bells", "currency": "CAD"}`,
	"/products": `{"products": [
		{"id": 1, "sku": "A-1", "name": "Bell", "price": 19.90, "stock": 3, "options": {"Size": "M"}},
		{"id": 2, "sku": "A-2", "name": "Lamp", "price": null, "stock": null, "options": {}}
	], "next": 2, "total": 3}`,
	"/products?after=2": `{"products": [{"id": 5, "sku": "0007", "name": "Shade", "price": "7", "stock": 0, "options": {}}], "total": 3}`,
}

// shop answers as answers says.
var shop = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if _, known := answers[r.URL.RequestURI()]; !known {
		w.WriteHeader(http.StatusNotFound)
	}
	fmt.Fprint(w, answers[r.URL.RequestURI()])
})

func read(ctx context.Context, url string) (sdktest.Result, error) {
	return sdktest.Read(ctx, connector, sdktest.Settings{"url": url, "token": "secret"})
}

// TestItems says what becomes of the shop's answers.
func TestItems(t *testing.T) {
	server := httptest.NewServer(shop)
	defer server.Close()
	got, err := read(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"sku":"A-1","name":"Bell","price":19.9,"qoh":3,"options":{"Size":"M"},"id":"1"}`,
		`{"sku":"A-2","name":"Lamp","price":null,"qoh":null,"options":{},"id":"2"}`,
		`{"sku":"0007","name":"Shade","price":7,"qoh":0,"options":{},"id":"5"}`,
	}
	if !slices.Equal(got.Items, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got.Items, "\n"), strings.Join(want, "\n"))
	}
	if is := got.Currencies["price"]; is != "CAD" {
		t.Errorf("the prices are said to be in %q", is)
	}
}

// TestFaults spoils the shop's answers, one after the other: too many requests, half an answer, a page twice, a page for people. The
// connector has to give all products then, or an error.
func TestFaults(t *testing.T) {
	sdktest.TestFaults(t, shop, read)
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
