package webapi_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// TestWebConnectorsPage holds the connector that docs/web-connectors.md shows against the one that is tested here.
func TestWebConnectorsPage(t *testing.T) {
	page, err := os.ReadFile(filepath.FromSlash("../../../docs/web-connectors.md"))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("connector_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(source), "to the end of the file.\n\n")
	if !strings.Contains(strings.ReplaceAll(string(page), "\r\n", "\n"), "```go\n"+strings.ReplaceAll(code, "\r\n", "\n")+"```\n") {
		t.Error("docs/web-connectors.md shows another connector than connector_test.go has")
	}
}

// TestTheConnectorOfThePage reads 250 products, and half of them from a platform that loses the others.
func TestTheConnectorOfThePage(t *testing.T) {
	most := 250
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		from, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		var products []string
		for i := from; i < min(from+100, most); i++ {
			products = append(products, fmt.Sprintf(`{"id": %d, "sku": "SKU-%d", "title": "Product %d", "price": "%d.10", "stock": null}`, i+1, i, i, i))
		}
		write(w, `{"products": [`+strings.Join(products, ",")+`], "count": 250}`)
	})
	shop := sdk.Connector{Name: "shop", Version: "1.0.0", New: func() sdk.Source { return &Shop{} }}
	settings := sdktest.Settings{"url": s.URL, "token": "t0ken", "currency": "CAD"}
	got, err := sdktest.Read(t.Context(), shop, settings)
	if err != nil || len(got.Items) != 250 || got.Items[249] != `{"sku":"SKU-249","name":"Product 249","price":249.1,"qoh":null,"id":"250"}` {
		t.Errorf("%d items, %v: %s", len(got.Items), err, got.Items[len(got.Items)-1])
	}
	most = 120
	if _, err := sdktest.Read(t.Context(), shop, settings); err == nil || !strings.Contains(err.Error(), "GET /products: page 3 is empty") {
		t.Error(err)
	}
	settings["url"], settings["concurrency"] = "http://shop.example", 0
	_, err = sdktest.Read(t.Context(), shop, settings)
	for _, want := range []string{"url is not encrypted", "concurrency is out of bounds"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
