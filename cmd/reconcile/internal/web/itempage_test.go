package web

import (
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// TestItemPage shows beside why an item is red where its platform has it, on the page and in the API.
func TestItemPage(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	page, err := catalog.ParseItemPage("https://web.example/products/{sku}?of={brand}")
	if err != nil {
		t.Fatal(err)
	}
	fields, err := goodFields.WithItemPage(page)
	if err != nil {
		t.Fatal(err)
	}
	program, diags := of.config.Compile(of.config.Reconciliations[0], goodFields, fields, time.Now())
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	of.program = program
	of.run()
	p := newProgramOf(t, Options{Shop: of, Records: records{of}}, store.Viewer)
	said := p.ask("GET", "/api/v1/runs/run-1/explain?sku=LIGHT-F", "", 200)
	pages, _ := said["pages"].([]any)
	if len(pages) != 1 || pages[0].(map[string]any)["side"] != "store" {
		t.Fatalf("the pages: %v", said["pages"])
	}
	link := pages[0].(map[string]any)["url"].(string)
	if !strings.HasPrefix(link, "https://web.example/products/LIGHT-F?of=") {
		t.Errorf("the API says %s", link)
	}
	s := newSite(t, Options{Shop: of})
	got := s.get(s.user("Ann", store.Viewer), "/inventory/bigcommerce?item=LIGHT-F").text
	if want := `<a href="` + link + `" target="_blank" rel="noreferrer noopener">Its page in bigcommerce</a> <span class="quiet">web.example</span>`; !strings.Contains(got, want) {
		t.Errorf("the page lacks %s\n%s", want, got)
	}
}
