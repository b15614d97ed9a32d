package web

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/browsing"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// tab is a browser's tab with a site.
type tab struct {
	*browsing.Tab
	t    *testing.T
	site *site
}

func newTab(t *testing.T, s *site) *tab {
	t.Helper()
	return &tab{browsing.Open(t), t, s}
}

func (b *tab) open(path string) { b.t.Helper(); b.Do(chromedp.Navigate(b.site.URL + path)) }

// logIn logs somebody in who was added with the role.
func (b *tab) logIn(name string, role store.Role) {
	b.t.Helper()
	if err := b.site.store.AddUser(b.Context, store.Actor{}, name, role, password); err != nil {
		b.t.Fatal(err)
	}
	b.open("/login")
	b.LogIn(name, password)
	b.Until(`document.querySelector(".who")`)
}

// picture keeps a picture of what is shown, where RECONCILE_TEST_PICTURES names a folder: a person looks at it.
func (b *tab) picture(name string, width int64, scheme string) {
	b.t.Helper()
	folder := os.Getenv("RECONCILE_TEST_PICTURES")
	if folder == "" {
		return
	}
	height, phone := int64(900), []chromedp.EmulateViewportOption{}
	if width < 500 {
		height, phone = 844, append(phone, chromedp.EmulateMobile)
	}
	b.Likes(scheme)
	b.Do(chromedp.EmulateViewport(width, height, phone...))
	b.Draw(filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)))
	b.Do(chromedp.ResetViewport())
}

// paper keeps a picture of the page as it is printed, where RECONCILE_TEST_PICTURES names a folder.
func (b *tab) paper(name string) {
	b.t.Helper()
	if folder := os.Getenv("RECONCILE_TEST_PICTURES"); folder != "" {
		b.Print(filepath.Join(folder, name+".png"))
	}
}

// pictures keeps pictures of all widths, light and dark.
func (b *tab) pictures(name string) {
	b.t.Helper()
	for _, width := range []int64{390, 1280, 1920} {
		for _, scheme := range []string{"light", "dark"} {
			b.picture(name, width, scheme)
		}
	}
}

// TestBrowserBegins is the way of the first administrator: the link, a wrong password, Import Skus, and the table.
func TestBrowserBegins(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.slow = true
	b := newTab(t, newSite(t, Options{Setup: "SECRET", Shop: of}))
	b.open("/setup?token=SECRET")
	b.LogIn("Ann", password)
	b.Until(`document.querySelector(".who").innerText.includes("Ann")`)
	b.pictures("overview")
	b.Click(`//form[@action="/logout"]/button`)
	b.Until(`document.querySelector("[name=password]")`)
	b.LogIn("Ann", "a wrong password")
	b.Until(`document.querySelector("[role=alert]").innerText.includes("wrong")`)
	b.Is(`document.activeElement.name`, "password") // the name is there already
	b.pictures("login")
	b.LogIn("Ann", password)
	b.Until(`document.querySelector(".who")`)
	b.Click(`//button[normalize-space()="Import Skus"]`)
	b.Until(`document.querySelector("#import-menu").matches(":popover-open") && document.activeElement.innerText.includes("BigCommerce")`)
	b.picture("menu", 1280, "light")
	b.Is(`document.activeElement.getAttribute("role") + " " + document.activeElement.innerText`, "menuitem BigCommerce")
	b.Press("\r")
	b.Until(`document.querySelector("#band").innerText.includes("20 of 32 items")`)
	b.pictures("importing")
	of.finish()
	b.Until(`document.querySelectorAll("#rows tr").length == 19`)
	of.slow = false
	b.Click("#import")
	b.Click("#import-menu button")
	b.Until(`document.querySelector("#rail").innerText.includes("New since the last run")`)
	// Results are kept a moment before the import has ended: the page hears of them then already, and shows them when it has.
	of.slow = true
	b.Click("#import")
	b.Click("#import-menu button")
	b.Until(`"busy" in document.querySelector("#band").dataset`)
	of.run()
	b.Until(`document.querySelector("#band").dataset.run == "run-3"`)
	b.Is(`new URLSearchParams(document.querySelector("#items").dataset.of).get("run")`, "run-2")
	of.done()
	b.Until(`new URLSearchParams(document.querySelector("#items").dataset.of).get("run") == "run-3"`)
	// What somebody else has imported does not move the list of who reads it.
	b.open("/inventory/bigcommerce?item=LIGHT-F")
	b.Until(`document.querySelector("#why").innerText.includes("LIGHT-F")`)
	of.run()
	b.Is(`document.dispatchEvent(new Event("visibilitychange"))`, "true")
	b.Until(`document.querySelector("#fresh").innerText.includes("There are new results")`)
	b.Is(`new URLSearchParams(document.querySelector("#items").dataset.of).get("run")`, "run-3")
	b.Click(`#fresh a`)
	b.Until(`new URLSearchParams(document.querySelector("#items").dataset.of).get("run") == "run-4"`)
}

// TestBrowserTable does to the table what people do.
func TestBrowserTable(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	of.run()
	b := newTab(t, newSite(t, Options{Shop: of}))
	b.logIn("Ann", store.Viewer)
	b.open("/inventory/bigcommerce")
	heads := `[...document.querySelectorAll("thead th")].map(th => th.innerText.trim()).join()`
	shown := `[...document.querySelectorAll("#rows .sku a")].map(a => a.innerText).join()`
	b.Until(`document.querySelectorAll("#rows tr").length == 19`)
	b.Is(heads, "SKU,Name,Status,Item,Since,Difference")
	b.pictures("plain")
	b.Click("#tick")
	b.Until(heads + ` == "SKU,Name,N,NS,IV,B,Q,QP,QN,P,Difference"`)
	b.Is(`location.search`, "?details=1")
	b.Is(`document.querySelector('[title^="Price: not synchronized"]').innerText`, "N")
	b.pictures("details")
	b.Click(`//nav[@id="rail"]//a[contains(.,"Price")]`)
	b.Until(shown + ` == "BK-ROAD-54,LIGHT-F"`)
	b.Click(`//thead//a[.="SKU"]`)
	b.Until(`document.querySelector("th[aria-sort=ascending]")`)
	b.Click(`//thead//a[.="SKU"]`)
	b.Until(shown + ` == "LIGHT-F,BK-ROAD-54"`)
	b.Until(`new URLSearchParams(location.search).get("sort") == "-sku" && new URLSearchParams(location.search).get("show") == "rule.P"`)
	b.Do(chromedp.SendKeys(chromedp.CSS("#q"), "light"))
	b.Until(shown + ` == "LIGHT-F"`)
	b.Until(`new URLSearchParams(location.search).get("q") == "light" && !document.documentElement.hasAttribute("aria-busy")`)
	b.Is(`document.activeElement.id`, "q")
	b.Click(`td[data-rule="P"]`)
	b.Until(`document.querySelector("#why").innerText.includes("49.95 != 44.95")`)
	b.Is(`document.querySelector("tr.open .sku").innerText.split("\n")[0]`, "LIGHT-F")
	b.Do(chromedp.NavigateBack())
	b.Until(`!document.querySelector("#inv").classList.contains("why")`)
	b.Do(chromedp.NavigateForward())
	b.Until(`document.querySelector("#inv").classList.contains("why")`)
	b.Do(chromedp.Reload())
	b.Until(`document.querySelector("#why").innerText.includes("49.95 != 44.95")`)
	b.Click(`[data-close]`)
	b.Until(`!document.querySelector("#inv").classList.contains("why")`)
	b.Do(chromedp.SetValue(chromedp.CSS("#q"), "no such item"), chromedp.SendKeys(chromedp.CSS("#q"), "\r"))
	b.Until(`document.querySelector(".none").innerText.includes("No item is in")`)
	b.picture("none", 1280, "light")
	b.Click(`//p[@class="none"]/a[.="Search all items"]`)
	b.Until(`document.querySelector(".none").innerText.includes("No item is in “All items” with “no such item”")`)
	b.Click(`//p[@class="none"]/a[.="Show all items"]`)
	b.Until(`document.querySelectorAll("#rows tr").length == 19`)
	b.Is(`document.title.includes("acted")`, "false")
	for _, item := range []string{"LIGHT-F", "HELMET-L", "PUMP-F", "OUD-7"} {
		b.open("/inventory/bigcommerce?details=1&item=" + item)
		b.Until(`document.querySelector("#why").innerText.includes("` + item + `")`)
		b.pictures("why-" + strings.ToLower(item))
	}
}

// TestBrowserKeys goes through the screen without a mouse.
func TestBrowserKeys(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	b := newTab(t, newSite(t, Options{Shop: of}))
	b.logIn("Ann", store.Viewer)
	b.open("/inventory/bigcommerce")
	b.Until(`document.querySelectorAll("#rows tr").length == 19`)
	key := func(keys string, want string) {
		t.Helper()
		b.Press(keys)
		b.Until(want)
	}
	at := func(sku string) string { return `document.activeElement.innerText == "` + sku + `"` }
	b.Is(`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true, cancelable: true}))`, "false")
	b.Is(`document.activeElement.id`, "q")
	key(kb.ArrowDown, at("BK-ROAD-52"))
	key(kb.ArrowDown, at("BK-ROAD-54"))
	key(kb.ArrowUp, at("BK-ROAD-52"))
	key("\r", `document.activeElement.id == "why" && document.activeElement.innerText.includes("Strada Road Bike")`)
	key(kb.Escape, `!document.querySelector("#inv").classList.contains("why")`)
	key(kb.ArrowDown, at("BK-ROAD-54"))
	key(kb.End, at("VINYL-KIT"))
	key(kb.Home, at("BK-ROAD-52"))
	key(kb.PageDown, `document.activeElement.matches("#rows a") && document.activeElement.innerText != "BK-ROAD-52"`)
	key(kb.PageUp, at("BK-ROAD-52"))
	key("d", `document.querySelector("th.rule")`)
	key("?", `document.querySelector("#keys").open`)
	b.pictures("keys")
	key(kb.Escape, `!document.querySelector("#keys").open`)
	b.Is(`document.querySelector("#import").disabled`, "true") // a viewer
	b.Is(`document.querySelector("#import-no").innerText`, "needs the role operator")
}

// TestBrowserScrolls scrolls through a table of more rows than a browser has room for, one below the other.
func TestBrowserScrolls(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_BROWSER") == "" {
		t.Skip("RECONCILE_TEST_BROWSER names no browser")
	}
	n := 300_000
	if os.Getenv("RECONCILE_TEST_LONG") != "" {
		n = 1_000_000
	}
	of := newShop(t, firstOf(manyGoods(n)), secondOf(manyGoods(n)))
	of.run()
	b := newTab(t, newSite(t, Options{Shop: of}))
	b.logIn("Ann", store.Viewer)
	b.open("/inventory/bigcommerce?details=1")
	b.Until(`document.querySelectorAll("#rows tr[data-n]").length > 20`)
	row := func(n int) string { return fmt.Sprintf("SKU-%07d", n) }
	seen := func(sku string) string {
		return `[...document.querySelectorAll("#rows .sku a")].some(a => { const r = a.getBoundingClientRect(), s = document.querySelector("#items").getBoundingClientRect(); return a.innerText == "` + sku + `" && r.top >= s.top && r.bottom <= s.bottom; })`
	}
	scroll := func(expression, want string) {
		t.Helper()
		b.Is(`(document.querySelector("#items").`+expression+`, 1)`, "1")
		b.Until(want)
	}
	scroll("scrollTop = 1e9", seen(row(n)))
	b.Until(`new URLSearchParams(location.search).get("row") > ` + fmt.Sprint(n-100))
	b.Is(`document.querySelectorAll("tr").length < 200`, "true")
	b.Is(`document.querySelector("#rows tr:last-child").getAttribute("aria-rowindex")`, fmt.Sprint(n+1))
	scroll("scrollBy(0, -34)", seen(row(n-1)))
	scroll("scrollTop = 0", seen(row(1)))
	// Who scrolls on while the page is busy, and was about to put the thumb where it had been, gets there all the same.
	b.Is(`(document.querySelector("#items").scrollBy(0, 34), requestAnimationFrame(() => requestAnimationFrame(() => {
		const items = document.querySelector("#items"), until = performance.now() + 300;
		while (performance.now() < until);
		items.scrollTop = items.scrollHeight / 2;
	})), 1)`, "1")
	b.Until(fmt.Sprintf(`Math.abs(+document.querySelector("#rows .sku a").innerText.slice(4) - %d) < 200 && !document.querySelector(".late")`, n/2))
	// A turn of the wheel goes on by a few rows, wherever that is.
	b.Until(fmt.Sprintf(`Math.abs(+new URLSearchParams(location.search).get("row") - %d) < 200`, n/2))
	b.Is(`(window.before = +new URLSearchParams(location.search).get("row"), document.querySelector("#items").scrollBy(0, 340), 1)`, "1")
	b.Until(`Math.abs(+new URLSearchParams(location.search).get("row") - window.before - 10) <= 1`)
	b.Do(chromedp.SetValue(chromedp.CSS("#row"), fmt.Sprint(n/3)), chromedp.SendKeys(chromedp.CSS("#row"), "\r"))
	b.Until(seen(row(n / 3)))
	b.Until(`new URLSearchParams(location.search).get("row") == ` + fmt.Sprint(n/3))
	b.Do(chromedp.Reload())
	b.Until(seen(row(n / 3)))
	b.Click("#next")
	b.Until(fmt.Sprintf(`+new URLSearchParams(location.search).get("row") > %d`, n/3+5))
	b.Click(`//nav[@id="rail"]//a[contains(.,"Price")]`)
	b.Until(seen(row(14)))
	b.Is(`document.querySelector("#shown").innerText.startsWith("`+grouped(fmt.Sprint(n/14))+` of ")`, "true")
	b.Do(chromedp.SendKeys(chromedp.CSS("#q"), row(28)[4:]))
	b.Until(`document.querySelectorAll("#rows tr").length == 1 && ` + seen(row(28)))
}

// TestBrowserAccept accepts a discrepancy, and then all of a cause: first it is said what that covers.
func TestBrowserAccept(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	s := newSite(t, Options{Shop: of, Records: records{of}})
	if r := s.get(s.user("Eve", store.Operator), "/inventory/bigcommerce?item=LIGHT-F"); strings.Contains(r.text, "Accept it") || !strings.Contains(r.text, "Re-upload") {
		t.Errorf("an operator is offered to accept:\n%s", r.text)
	}
	b := newTab(t, s)
	b.logIn("Ann", store.Admin)
	said := `document.querySelector(".opened .said").innerText`
	b.open("/inventory/bigcommerce?details=1&show=rule.P&item=LIGHT-F&rule=P")
	b.Click(`.opened .accept summary`)
	b.Until(`document.querySelector(".opened .also").innerText == "All 2 that are filtered"`)
	b.Do(chromedp.SendKeys(chromedp.CSS(`.opened [name="reason"]`), "on offer"))
	b.pictures("accept")
	b.Click(`.opened .accept button`)
	b.Until(said + ` == "This covers LIGHT-F P. It is kept in reconcile.accepted.hcl."`)
	b.Click(`.opened [name="all"]`)
	b.Until(`document.querySelector(".opened .accept button").innerText == "Accept…"`)
	b.Click(`.opened .accept button`)
	b.Until(said + `.includes("This covers BK-ROAD-54 P, LIGHT-F P")`)
	b.Is(`document.querySelector(".opened .accept button").innerText`, "Accept 2 discrepancies")
	b.picture("accept-sure", 1280, "light")
	b.Click(`.opened .accept button`)
	b.Until(`document.querySelector(".opened .accepted").innerText.startsWith("Accepted: BK-ROAD-54 P, LIGHT-F P")`)
	// What cannot be accepted says why, and an item of one side is accepted as it is.
	b.open("/inventory/bigcommerce?show=pos_only&item=HELMET-L")
	b.Click(`.accept summary`)
	b.Do(chromedp.SendKeys(chromedp.CSS(`[name="reason"]`), "not sold online"), chromedp.SetValue(chromedp.CSS(`[name="expires"]`), "2020-01-01"))
	b.Click(`.accept button`)
	b.Until(`document.querySelector(".said.no").innerText.includes("in the past")`)
	b.Do(chromedp.SetValue(chromedp.CSS(`[name="expires"]`), ""))
	b.Click(`.accept button`)
	b.Until(`document.querySelector(".said").innerText.startsWith("This covers HELMET-L")`)
	b.Click(`.accept button`)
	b.Until(`document.querySelector(".accepted").innerText.startsWith("Accepted: HELMET-L")`)
}
