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
	b.Until(`document.querySelectorAll("#rows tr").length == 6`)
	told := `document.querySelector("#ticked.some #ticked-said").innerText`
	box := func(sku string) string { return `//tr[@data-sku="` + sku + `"]//input` }
	b.Click(box("BK-ROAD-54"))
	b.Until(told + ` == "1 item is ticked"`)
	b.Click(box("LIGHT-R"))
	b.Until(told + ` == "2 items are ticked"`)
	b.Is(`document.querySelector("#tick-all").indeterminate`, "true")
	b.Is(`(document.querySelector('tr[data-sku="SADDLE-G"] [data-tick]').dispatchEvent(new MouseEvent("click", {bubbles: true, shiftKey: true})), 1)`, "1")
	b.Until(told + ` == "5 items are ticked"`)
	b.Is(`[...document.querySelectorAll("tr.ticked")].map(tr => tr.dataset.sku).join()`, "BK-ROAD-54,LIGHT-R,HELMET-S,PUMP-F,SADDLE-G")
	b.Is(`document.querySelector("#inv").classList.contains("why")`, "false") // a tick opens nothing
	// It outlives another filter, and another one is added by the keyboard.
	b.Click(`//nav[@id="rail"]//a[contains(.,"Price")]`)
	b.Until(`document.querySelectorAll("#rows tr").length == 2`)
	b.Is(`[...document.querySelectorAll("tr.ticked")].map(tr => tr.dataset.sku).join()`, "BK-ROAD-54")
	b.Is(`(document.querySelector('tr[data-sku="LIGHT-F"] a').focus(), 1)`, "1")
	b.Press(" ")
	b.Until(told + ` == "6 items are ticked"`)
	b.pictures("ticked")
	b.Click("#ticked-accept")
	b.Until(`document.querySelector("#accept-many").open`)
	b.Is(`[...document.querySelectorAll("#accept-many .pick")].map(l => l.innerText.replace(/\s+/g, " ") + (l.querySelector("input").checked ? "!" : "")).join("; ")`,
		"Quantity on hand (Q) 1; Price (P) 2!; Brand (B) 1; Option variation (IV) 1; Quantity, web orders pending (QP) 1; Oversold (QN) 1")
	b.Do(chromedp.SendKeys(chromedp.CSS(`#accept-many [name="reason"]`), "on offer"))
	b.pictures("accept-many")
	b.Click(`#accept-many .btn.main`)
	said := `document.querySelector("#accept-many .said").innerText`
	b.Until(said + ` == "This covers BK-ROAD-54 P, LIGHT-F P. It is kept in reconcile.accepted.hcl."`)
	b.Click(`//dialog//label[contains(.,"Brand")]/input`)
	b.Until(said + ` == ""`) // it covers something else now
	b.Click(`#accept-many .btn.main`)
	b.Until(said + `.includes("LIGHT-R B")`)
	b.Is(`document.querySelector("#accept-many .btn.main").innerText`, "Accept 3 discrepancies")
	b.Click(`#accept-many .btn.main`)
	b.Until(`document.querySelector("#accept-many .accepted").innerText.startsWith("Accepted: BK-ROAD-54 P, LIGHT-R B, LIGHT-F P")`)
	b.Press(kb.Escape)
	b.Until(`!document.querySelector("#accept-many").open && !document.querySelector("#ticked.some")`)
	// All that is filtered
	b.Click("#tick-all")
	b.Until(told + ` == "2 items are ticked" && document.querySelector("#tick-all").checked`)
	b.Click("#ticked-clear")
	b.Until(`!document.querySelector("#ticked.some") && !document.querySelector("tr.ticked")`)
}

// TestBrowserTicksAll ticks more rows than can be ticked one by one.
func TestBrowserTicksAll(t *testing.T) {
	of := newShop(t, firstOf(manyGoods(30_000)), secondOf(manyGoods(30_000)))
	of.run()
	b := newTab(t, newSite(t, Options{Shop: of, Records: records{of}}))
	b.logIn("Ann", store.Admin)
	b.open("/inventory/bigcommerce?show=rule.P")
	b.Until(`document.querySelectorAll("#rows tr[data-n]").length > 5`)
	told := `document.querySelector("#ticked.some #ticked-said").innerText`
	b.Click("#tick-all")
	b.Until(told + ` == "All 2,142 that are filtered are ticked"`)
	b.Is(`[...document.querySelectorAll("[data-tick]")].every(i => i.checked && i.disabled)`, "true")
	b.Click("#ticked-accept")
	b.Until(`document.querySelector("#accept-many").open`)
	b.Do(chromedp.SendKeys(chromedp.CSS(`#accept-many [name="reason"]`), "on offer"))
	b.Click(`#accept-many .btn.main`)
	b.Until(`document.querySelector("#accept-many .said").innerText.includes("and 2,130 others")`)
	b.Is(`document.querySelector("#accept-many .btn.main").innerText`, "Accept 2,142 discrepancies")
	b.Press(kb.Escape)
	b.Click(`//nav[@id="rail"]//a[contains(.,"All items")]`)
	b.Until(`!document.querySelector("#ticked.some")`) // what the filter left is no more
}

// TestBrowserPrints has a sheet say how much of the list is on it: what is not loaded is not.
func TestBrowserPrints(t *testing.T) {
	of := newShop(t, firstOf(manyGoods(5_000)), secondOf(manyGoods(5_000)))
	of.run()
	b := newTab(t, newSite(t, Options{Shop: of, Records: records{of}}))
	b.logIn("Ann", store.Admin)
	b.open("/inventory/bigcommerce?show=all&row=2000")
	b.Until(`document.querySelector('tr[data-n="2001"]') && document.querySelector("#expiring:not([hidden])")`) // the script is there
	b.Is(`dispatchEvent(new Event("beforeprint"))`, "true")
	b.Until(`/^Rows 1,9\d\d to 2,0\d\d of 5,000. All of them: Download/.test(document.querySelector("#printed").textContent)`)
	b.Is(`dispatchEvent(new Event("afterprint"))`, "true")
	b.Is(`(window.print = () => { dispatchEvent(new Event("beforeprint")); window.printed = document.querySelectorAll("#rows tr[data-n]").length; }, 1)`, "1")
	b.Click(`//nav[@id="rail"]//a[contains(.,"Price")]`)
	b.Until(`document.querySelector("#shown").innerText.startsWith("357 of ")`)
	b.Click("#download")
	b.Click("#print")
	b.Until(`window.printed == 357`)
	b.Is(`document.querySelector("#printed").textContent`, "All 357 items of this filter")
	b.paper("print")
}

// TestBrowserPeople adds somebody, makes a token, and looks at the audit trail.
func TestBrowserPeople(t *testing.T) {
	b := newTab(t, newSite(t, Options{}))
	b.logIn("Ann", store.Admin)
	b.Click(`//nav//a[.="People"]`)
	b.Until(`document.querySelector('form[action="/people"]')`)
	b.Do(chromedp.SendKeys(chromedp.CSS(`form[action="/people"] [name="name"]`), "Bob"), chromedp.SendKeys(chromedp.CSS(`form[action="/people"] [name="password"]`), password))
	b.Click(`form[action="/people"] button`)
	b.Until(`document.querySelector(".done").innerText == "Bob may log in now."`)
	b.Do(chromedp.SendKeys(chromedp.CSS(`form[action="/people/token"] [name="name"]`), "nightly"))
	b.Click(`form[action="/people/token"] button`)
	b.Until(`document.querySelector(".secret code").innerText.startsWith("reconcile_")`)
	b.Is(`(document.querySelectorAll('li[aria-label="Bob"] details')[1].open = true, 1)`, "1")
	b.pictures("people")
	b.Click(`li[aria-label="Bob"] .danger`)
	b.Until(`document.querySelector(".done").innerText == "Bob was removed, and is logged out."`)
	b.Click(`//nav//a[.="Audit trail"]`)
	b.Until(`document.querySelectorAll(".trail tbody tr").length == 5`)
	b.Is(`[...document.querySelectorAll(".trail tbody .mono")].map(td => td.innerText).join()`, "user.remove,token.create,user.add,login,user.add")
	b.Click(`//a[.="Check whether it is whole"]`)
	b.Until(`document.querySelector(".done").innerText.startsWith("The audit trail is whole: 5 entries")`)
	b.pictures("audit")
}
