package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// inSight reports whether all of an element is where somebody sees it, and nothing lies over its middle.
const inSight = `(window.inSight = e => { const r = e.getBoundingClientRect(), over = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2); return r.width > 0 && r.left >= 0 && r.right <= innerWidth && r.bottom <= innerHeight && (over === e || e.contains(over)); }, 1)`

// TestBrowserFirstTime is what somebody does who sees the screen for the first time: what is to be pressed next is in sight, and what was
// looked at is still there afterwards.
func TestBrowserFirstTime(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	b := newTab(t, newSite(t, Options{Shop: of, Records: records{of}, Mending: &mender{t: t}}))
	b.logIn("Ann", store.Admin)
	b.Do(chromedp.EmulateViewport(1280, 800))
	b.Until(`document.querySelector("main p").innerText.startsWith("Nothing has been compared yet. Press Import Skus and choose BigCommerce")`)
	of.run()
	b.open("/inventory/bigcommerce?details=1&item=LIGHT-F")
	b.Is(inSight, "1")
	b.Until(`inSight(document.querySelector("#download"))`) // beside the drawer, too
	b.Click(`.opened .accept summary`)
	b.Until(`document.activeElement.name == "reason" && inSight(document.querySelector(".opened .accept button"))`)
	b.Do(chromedp.SendKeys(chromedp.CSS(`.opened [name="reason"]`), "on offer\r"))
	b.Until(`document.querySelector(".opened .accept button").innerText == "Accept 1 discrepancy" && inSight(document.querySelector(".opened .accept button"))`)
	// The import that one begins oneself leaves the item open, and what it reads then is shown.
	of.slow = true
	b.Click("#import")
	b.Click("#import-menu button")
	b.Until(`document.querySelector("#band[data-busy]") && document.querySelector("#why").innerText.includes("LIGHT-F")`)
	b.Is(`location.search.includes("item=LIGHT-F") && location.search.includes("details=1")`, "true")
	of.finish()
	b.Until(`new URLSearchParams(document.querySelector("#items").dataset.of).get("run") == "run-2"`)
	b.Is(`document.querySelector("#inv.why #why").innerText.includes("LIGHT-F") && !document.querySelector("#fresh")`, "true")
	// A search that finds nothing in a filter says so, and leads to all items.
	for _, width := range []int64{390, 1280} {
		b.Do(chromedp.EmulateViewport(width, 800))
		b.open("/inventory/bigcommerce?show=rule.B&q=bell&details=1")
		b.Is(inSight, "1")
		b.Until(`inSight(document.querySelector(".none")) && document.querySelector(".none").getBoundingClientRect().top >= document.querySelector("thead").getBoundingClientRect().bottom`)
		b.Is(`inSight(document.querySelector("#rail [aria-current]"))`, "true")
	}
	b.Click(`//a[.="Search all items"]`)
	b.Until(`document.querySelectorAll("#rows tr").length == 1 && document.querySelector("#rows").innerText.includes("BELL-BR")`)
	// Of rows with one key each leads to the others.
	b.open("/inventory/bigcommerce?details=1&show=duplicate&item=STRINGS-10")
	b.Until(`document.querySelector("#why [data-twin]")`)
	b.Is(`(window.name = document.querySelector("#why h2").innerText, 1)`, "1")
	b.Click(`#why [data-twin]`)
	b.Until(`document.querySelector("#why h2").innerText != window.name && document.querySelector("#why .d-top").innerText.includes("STRINGS-10")`)
	b.Is(`location.search.includes("show=duplicate")`, "true")
}

// TestImportStays leads back to what was looked at, of the last results, and nowhere else.
func TestImportStays(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	s := newSite(t, Options{Shop: of, Records: records{of}})
	c := s.user("Ann", store.Operator)
	for stay, want := range map[string]string{
		"":                                       "/inventory/bigcommerce",
		"details=1&item=LIGHT-F&at=4&run=run-1":  "/inventory/bigcommerce?at=4&details=1&item=LIGHT-F",
		"show=rule.P&q=light":                    "/inventory/bigcommerce?q=light&show=rule.P",
		"%":                                      "/inventory/bigcommerce",
		"next=https://elsewhere.example&show=//": "/inventory/bigcommerce?show=%2F%2F",
	} {
		if r := s.post(c, "/inventory/bigcommerce/import", "stay", stay); r.status != http.StatusSeeOther || r.Header.Get("Location") != want {
			t.Errorf("%q: %d to %s, want %s", stay, r.status, r.Header.Get("Location"), want)
		}
	}
	if text := s.get(c, "/").text; strings.Contains(text, "Nothing has been compared yet") || !strings.Contains(text, "6 not synchronized, ") {
		t.Errorf("the overview:\n%s", text)
	}
}
