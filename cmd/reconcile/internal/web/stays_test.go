package web

import (
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// moved has a page note what it moves after it was shown, but for the words that say which rows are in sight. What is typed or clicked on
// shortly before is no excuse here.
const moved = `window.moved = []; new PerformanceObserver(list => { for (const e of list.getEntries()) for (const s of e.sources) if (s.node?.id !== "jump") moved.push((s.node?.id || s.node?.className || s.node?.nodeName) + " " + JSON.stringify(s.previousRect) + " to " + JSON.stringify(s.currentRect)); }).observe({ type: "layout-shift", buffered: true });`

// TestBrowserStays has nothing of the table move while somebody looks at it and ticks its rows: what arrives late has its room from the
// beginning on.
func TestBrowserStays(t *testing.T) {
	of := newShop(t, firstOf(manyGoods(5_000)), secondOf(manyGoods(5_000)))
	of.run()
	b := newTab(t, newSite(t, Options{Shop: of, Records: records{of}}))
	if _, err := chromedp.Call(b.Context, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: moved}); err != nil {
		t.Fatal(err)
	}
	b.logIn("Ann", store.Admin)
	for _, width := range []int64{1024, 1280, 1440, 1600, 1920} {
		b.Do(chromedp.EmulateViewport(width, 900))
		for _, query := range []string{"?show=rule.P", "?show=rule.P&details=1&row=357", "?show=rule.P&item=SKU-0000014"} {
			b.open("/inventory/bigcommerce" + query)
			b.Until(`!document.querySelector("#risk").hidden && !document.querySelector("#expiring").hidden`)
			where := `JSON.stringify(document.querySelector("#rows tr").getBoundingClientRect()) + document.querySelector("#items").clientHeight`
			b.Is(`(window.where = `+where+`, 1)`, "1")
			b.Is(`(document.querySelector("[data-tick]").click(), 1)`, "1")
			b.Until(`document.querySelector("#ticked.some")`)
			b.Painted()
			b.Is(`window.where == `+where, "true")
			b.Is(`moved.join("; ")`, "")
			b.Is(`document.querySelector("#foot").scrollWidth > document.querySelector("#foot").clientWidth`, "false")
			if t.Failed() {
				t.Fatalf("at %d px, %s", width, query)
			}
		}
	}
}

// TestBrowserClicks presses the mouse on a row's box, and lets go of it after the table was drawn anew: that is a click all the same.
func TestBrowserClicks(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	b := newTab(t, newSite(t, Options{Shop: of, Records: records{of}}))
	b.logIn("Ann", store.Admin)
	b.open("/inventory/bigcommerce?show=not_synchronized")
	b.Until(`document.querySelector("#ticked").checkVisibility() && !document.querySelector("#expiring").hidden`)
	at, err := chromedp.Run(b.Context, chromedp.Evaluate[[]float64](`(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector('tr[data-sku="LIGHT-R"] input').getBoundingClientRect())`))
	if err != nil {
		t.Fatal(err)
	}
	b.Do(chromedp.MouseEvent(chromedp.MousePressed, at[0], at[1], chromedp.ButtonLeft, chromedp.ClickCount(1)))
	b.Is(`dispatchEvent(new Event("afterprint"))`, "true") // the table is drawn anew
	b.Do(chromedp.MouseEvent(chromedp.MouseReleased, at[0], at[1], chromedp.ButtonLeft, chromedp.ClickCount(1)))
	b.Is(`document.querySelector("#ticked-said").innerText`, "1 item is ticked")
}
