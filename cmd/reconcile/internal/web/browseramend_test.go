package web

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// TestBrowserAmend takes back and prolongs what was accepted, and looks at the history of an item, and how it all went.
func TestBrowserAmend(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	of.pos = firstOf(sunday())
	of.run()
	of.run()
	b := newTab(t, newSite(t, Options{Shop: of, Records: records{of}}))
	b.logIn("Ann", store.Admin)
	b.Until(`document.querySelector(".overview polyline")`)
	b.pictures("overview-spark")
	b.open("/inventory/bigcommerce?details=1&item=GTR-STRAT-MN")
	b.Until(`document.querySelector("#risk").innerText.startsWith("At risk: ")`)
	b.Until(`!document.querySelector("#expiring").hidden && document.querySelector("#expiring .n").innerText == "1"`)
	b.Click(`//section[@id="cell-P"]//summary[.="Take it back…"]`)
	b.Click(`//section[@id="cell-P"]//button[.="Take it back…"]`)
	b.Until(`document.querySelector("#cell-P details[open] .said").innerText.includes("It is taken out of reconcile.accepted.hcl. In the last import it made 1 discrepancy intentional: GTR-STRAT-MN P.")`)
	b.pictures("take-back")
	b.Click(`//section[@id="cell-P"]//button[.="Take it back"]`)
	b.Until(`document.querySelector("#cell-P .accepted").innerText == "It was taken back. Press Import Skus to see what it reads then."`)
	b.Is(`document.querySelectorAll("#cell-P .p-acts details").length`, "0") // there is nothing left to prolong
	b.open("/inventory/bigcommerce?item=LIGHT-F")
	b.Click(`.past summary`)
	b.Until(`document.querySelector(".past-list").innerText.includes("3 runs were looked at; in 1 of them nothing of it changed.")`)
	b.Is(`[...document.querySelectorAll(".steps > li > ul")].map(li => li.innerText.replace(/\s+/g, " ")).join("; ")`, "amberpos price 49.95 → 39.95; The first run that was kept: linked, P N")
	b.pictures("history")
	b.Click(`//nav[@id="rail"]//a[contains(.,"Expiring")]`)
	b.Until(`document.querySelectorAll("li.card").length == 1`)
	b.Click(`//summary[.="Another last day…"]`)
	b.Do(chromedp.SetValue(chromedp.CSS(`[name="expires"]`), "2999-12-31"))
	b.Click(`//button[.="Change…"]`)
	b.Until(`document.querySelector(".said").innerText.startsWith("It holds until 2999-12-31.")`)
	b.pictures("acceptances")
	b.Click(`//button[.="Let it hold until 2999-12-31"]`)
	b.Until(`document.querySelector(".accepted").innerText == "It has another last day now."`)
	b.Click(`//nav//a[.="Trends"]`)
	b.Until(`document.querySelectorAll("polyline").length > 5`)
	b.pictures("trends")
}

// sunday are the goods with another price.
func sunday() (shelf, shelf) {
	were, store := goods()
	return func(yield func(good) bool) {
		for g := range were {
			if g.sku == "LIGHT-F" {
				g.price = "39.95"
			}
			if !yield(g) {
				return
			}
		}
	}, store
}
