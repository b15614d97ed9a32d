package web

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// TestBrowserTicks ticks rows, one by one and from one to another, and accepts what they have in common.
func TestBrowserTicks(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	b := newTab(t, newSite(t, Options{Shop: of, Records: records{of}}))
	b.logIn("Ann", store.Admin)
	b.open("/inventory/bigcommerce?show=not_synchronized")
	b.until(`document.querySelectorAll("#rows tr").length == 6`)
	told := `document.querySelector("#ticked.some #ticked-said").innerText`
	box := func(sku string) string { return `//tr[@data-sku="` + sku + `"]//input` }
	b.click(box("BK-ROAD-54"))
	b.until(told + ` == "1 item is ticked"`)
	b.click(box("LIGHT-R"))
	b.until(told + ` == "2 items are ticked"`)
	b.is(`document.querySelector("#tick-all").indeterminate`, "true")
	b.is(`(document.querySelector('tr[data-sku="SADDLE-G"] [data-tick]').dispatchEvent(new MouseEvent("click", {bubbles: true, shiftKey: true})), 1)`, "1")
	b.until(told + ` == "5 items are ticked"`)
	b.is(`[...document.querySelectorAll("tr.ticked")].map(tr => tr.dataset.sku).join()`, "BK-ROAD-54,LIGHT-R,HELMET-S,PUMP-F,SADDLE-G")
	b.is(`document.querySelector("#inv").classList.contains("why")`, "false") // a tick opens nothing
	// It outlives another filter, and another one is added by the keyboard.
	b.click(`//nav[@id="rail"]//a[contains(.,"Price")]`)
	b.until(`document.querySelectorAll("#rows tr").length == 2`)
	b.is(`[...document.querySelectorAll("tr.ticked")].map(tr => tr.dataset.sku).join()`, "BK-ROAD-54")
	b.is(`(document.querySelector('tr[data-sku="LIGHT-F"] a').focus(), 1)`, "1")
	b.press(" ")
	b.until(told + ` == "6 items are ticked"`)
	b.pictures("ticked")
	b.click("#ticked-accept")
	b.until(`document.querySelector("#accept-many").open`)
	b.is(`[...document.querySelectorAll("#accept-many .pick")].map(l => l.innerText.replace(/\s+/g, " ") + (l.querySelector("input").checked ? "!" : "")).join("; ")`,
		"Quantity on hand (Q) 1; Price (P) 2!; Brand (B) 1; Option variation (IV) 1; Quantity, web orders pending (QP) 1; Oversold (QN) 1")
	b.do(chromedp.SendKeys(chromedp.CSS(`#accept-many [name="reason"]`), "on offer"))
	b.pictures("accept-many")
	b.click(`#accept-many .btn.main`)
	said := `document.querySelector("#accept-many .said").innerText`
	b.until(said + ` == "This covers BK-ROAD-54 P, LIGHT-F P, in reconcile.accepted.hcl."`)
	b.click(`//dialog//label[contains(.,"Brand")]/input`)
	b.until(said + ` == ""`) // it covers something else now
	b.click(`#accept-many .btn.main`)
	b.until(said + `.includes("LIGHT-R B")`)
	b.is(`document.querySelector("#accept-many .btn.main").innerText`, "Accept 3 discrepancies")
	b.click(`#accept-many .btn.main`)
	b.until(`document.querySelector("#accept-many .accepted").innerText.startsWith("Accepted: BK-ROAD-54 P, LIGHT-R B, LIGHT-F P")`)
	b.press(kb.Escape)
	b.until(`!document.querySelector("#accept-many").open && !document.querySelector("#ticked.some")`)
	// All that is filtered
	b.click("#tick-all")
	b.until(told + ` == "2 items are ticked" && document.querySelector("#tick-all").checked`)
	b.click("#ticked-clear")
	b.until(`!document.querySelector("#ticked.some") && !document.querySelector("tr.ticked")`)
}

// TestBrowserTicksAll ticks more rows than can be ticked one by one.
func TestBrowserTicksAll(t *testing.T) {
	of := newShop(t, firstOf(manyGoods(30_000)), secondOf(manyGoods(30_000)))
	of.run()
	b := newTab(t, newSite(t, Options{Shop: of, Records: records{of}}))
	b.logIn("Ann", store.Admin)
	b.open("/inventory/bigcommerce?show=rule.P")
	b.until(`document.querySelectorAll("#rows tr[data-n]").length > 5`)
	told := `document.querySelector("#ticked.some #ticked-said").innerText`
	b.click("#tick-all")
	b.until(told + ` == "All 2,142 that are filtered are ticked"`)
	b.is(`[...document.querySelectorAll("[data-tick]")].every(i => i.checked && i.disabled)`, "true")
	b.click("#ticked-accept")
	b.until(`document.querySelector("#accept-many").open`)
	b.do(chromedp.SendKeys(chromedp.CSS(`#accept-many [name="reason"]`), "on offer"))
	b.click(`#accept-many .btn.main`)
	b.until(`document.querySelector("#accept-many .said").innerText.includes("and 2,130 others")`)
	b.is(`document.querySelector("#accept-many .btn.main").innerText`, "Accept 2,142 discrepancies")
	b.press(kb.Escape)
	b.click(`//nav[@id="rail"]//a[contains(.,"All items")]`)
	b.until(`!document.querySelector("#ticked.some")`) // what the filter left is no more
}

// TestBrowserPrints has a sheet say how much of the list is on it: what is not loaded is not.
func TestBrowserPrints(t *testing.T) {
	of := newShop(t, firstOf(manyGoods(5_000)), secondOf(manyGoods(5_000)))
	of.run()
	b := newTab(t, newSite(t, Options{Shop: of, Records: records{of}}))
	b.logIn("Ann", store.Admin)
	b.open("/inventory/bigcommerce?show=all&row=2000")
	b.until(`document.querySelector('tr[data-n="2001"]') && document.querySelector("#expiring:not([hidden])")`) // the script is there
	b.is(`dispatchEvent(new Event("beforeprint"))`, "true")
	b.until(`/^Rows 1,9\d\d to 2,0\d\d of 5,000. All of them: Download/.test(document.querySelector("#printed").textContent)`)
	b.is(`dispatchEvent(new Event("afterprint"))`, "true")
	b.is(`(window.print = () => { dispatchEvent(new Event("beforeprint")); window.printed = document.querySelectorAll("#rows tr[data-n]").length; }, 1)`, "1")
	b.click(`//nav[@id="rail"]//a[contains(.,"Price")]`)
	b.until(`document.querySelector("#shown").innerText.startsWith("357 of ")`)
	b.click("#download")
	b.click("#print")
	b.until(`window.printed == 357`)
	b.is(`document.querySelector("#printed").textContent`, "All 357 items of this filter")
	b.paper("print")
}

// TestBrowserPeople adds somebody, makes a token, and looks at the audit trail.
func TestBrowserPeople(t *testing.T) {
	b := newTab(t, newSite(t, Options{}))
	b.logIn("Ann", store.Admin)
	b.click(`//nav//a[.="People"]`)
	b.until(`document.querySelector('form[action="/people"]')`)
	b.do(chromedp.SendKeys(chromedp.CSS(`form[action="/people"] [name="name"]`), "Bob"), chromedp.SendKeys(chromedp.CSS(`form[action="/people"] [name="password"]`), password))
	b.click(`form[action="/people"] button`)
	b.until(`document.querySelector(".done").innerText == "Bob may log in now."`)
	b.do(chromedp.SendKeys(chromedp.CSS(`form[action="/people/token"] [name="name"]`), "nightly"))
	b.click(`form[action="/people/token"] button`)
	b.until(`document.querySelector(".secret code").innerText.startsWith("reconcile_")`)
	b.is(`(document.querySelectorAll('li[aria-label="Bob"] details')[1].open = true, 1)`, "1")
	b.pictures("people")
	b.click(`li[aria-label="Bob"] .danger`)
	b.until(`document.querySelector(".done").innerText == "Bob was removed, and is logged out."`)
	b.click(`//nav//a[.="Audit trail"]`)
	b.until(`document.querySelectorAll(".trail tbody tr").length == 5`)
	b.is(`[...document.querySelectorAll(".trail tbody .mono")].map(td => td.innerText).join()`, "user.remove,token.create,user.add,login,user.add")
	b.click(`//a[.="Check whether it is whole"]`)
	b.until(`document.querySelector(".done").innerText.startsWith("The audit trail is whole: 5 entries")`)
	b.pictures("audit")
}
