package web

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// TestBrowserParts goes from part to part of the page by F6, and comes to one row of the table alone by Tab.
func TestBrowserParts(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	b := newTab(t, newSite(t, Options{Shop: of, Records: records{of}}))
	b.logIn("Ann", store.Admin)
	b.open("/inventory/bigcommerce?item=LIGHT-F")
	b.Until(`document.querySelector("#expiring:not([hidden])")`) // the script is there
	in := func(part string) string { return `document.activeElement.closest("` + part + `")` }
	for _, part := range []string{".top", "#sides", "#rail", "#tools", "#items", "#foot", "#why"} {
		b.Press(kb.F6)
		b.Until(in(part))
	}
	b.Do(chromedp.KeyEvent(kb.F6, chromedp.KeyModifiers(8))) // Shift
	b.Until(in("#foot"))
	b.Do(chromedp.KeyEvent(kb.F6, chromedp.KeyModifiers(8)))
	b.Until(in("#rows") + ` && document.activeElement.innerText == "BK-ROAD-52"`)
	rows := `[...document.querySelectorAll("#rows a")].filter(a => a.tabIndex == 0).map(a => a.innerText).join()`
	b.Is(rows, "BK-ROAD-52")
	b.Press(kb.ArrowDown)
	b.Until(`document.activeElement.innerText == "BK-ROAD-54"`)
	b.Is(rows, "BK-ROAD-54")
	b.Press(kb.Tab)
	b.Until(`!` + in("#rows") + ` && !` + in("#items"))
	b.Do(chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(8)))
	b.Until(`document.activeElement.innerText == "BK-ROAD-54"`)
}

// TestBrowserByHand offers the block to copy where the file of acceptances cannot be changed.
func TestBrowserByHand(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	of.locked = true
	b := newTab(t, newSite(t, Options{Shop: of, Records: records{of}}))
	b.logIn("Ann", store.Admin)
	b.open("/inventory/bigcommerce?item=LIGHT-F&rule=P")
	b.Click(`.opened .accept summary`)
	b.Do(chromedp.SendKeys(chromedp.CSS(`.opened [name="reason"]`), "<on offer>"))
	b.Click(`.opened .accept button`)
	b.Until(`document.querySelector(".opened .accept button").innerText == "Accept 1 discrepancy"`)
	b.Click(`.opened .accept button`)
	b.Until(`document.querySelector(".opened .by-hand pre")`)
	b.Is(`document.querySelector(".opened .by-hand pre").textContent`, byHandBlock)
	b.Is(`document.querySelector(".opened .said").innerText`, "Nothing was accepted: reconcile may not change its file.")
	b.Is(`(document.querySelector(".opened .by-hand").scrollIntoView(), 1)`, "1")
	b.pictures("by-hand")
	b.Click(`.opened .by-hand button`)
	b.Until(`["Copied", "Marked: press Ctrl C"].includes(document.querySelector(".opened .by-hand button").innerText)`)
	b.Do(chromedp.SendKeys(chromedp.CSS(`.opened [name="reason"]`), "!"))
	b.Until(`!document.querySelector(".by-hand")`) // it is about another acceptance now
}
