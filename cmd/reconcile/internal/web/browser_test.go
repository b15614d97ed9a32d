package web

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// patience is how long a browser waits for what is to happen: machines of builds are slow at times.
const patience = 3 * time.Minute

// tab is a browser's tab.
type tab struct {
	context.Context
	t    *testing.T
	site *site
}

// newTab starts the browser that RECONCILE_TEST_BROWSER names. What fails in a page's script fails the test.
func newTab(t *testing.T, s *site) *tab {
	t.Helper()
	browser := os.Getenv("RECONCILE_TEST_BROWSER")
	if browser == "" {
		t.Skip("RECONCILE_TEST_BROWSER names no browser")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WindowSize(1280, 900), chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(patience), chromedp.Flag("lang", "en-US"))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // and wait for its end: its folder is to be removed
	err := chromedp.Listen(ctx, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("a script of the page fails: %+v", *e.ExceptionDetails)
		case *log.EventEntryAdded:
			if e.Entry.Source == "security" {
				t.Errorf("the page does what its policy forbids: %s", e.Entry.Text)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	b := &tab{ctx, t, s}
	_, err = chromedp.Call(ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Vienna"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// do does what a person would, and waits for what that needs to be there. A page that is loaded at that moment takes away what was
// found: then it is looked for anew.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Context, patience)
	defer cancel()
	for _, action := range actions {
		err := chromedp.Do(ctx, action)
		for err != nil && ctx.Err() == nil && strings.Contains(err.Error(), "(-32000)") {
			err = chromedp.Do(ctx, action)
		}
		if err != nil {
			b.stop(err)
		}
	}
}

// stop ends the test, and says what the page has.
func (b *tab) stop(err error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Context, 10*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href+String.fromCharCode(10)+document.body.innerText"))
	b.t.Fatalf("%v, at\n%.4000s", err, text)
}

func (b *tab) open(path string) { b.t.Helper(); b.do(chromedp.Navigate(b.site.URL + path)) }

func (b *tab) click(at string) { b.t.Helper(); b.do(chromedp.Click(chromedp.Search(at))) }

func (b *tab) press(keys string) { b.t.Helper(); b.do(chromedp.KeyEvent(keys)) }

// until waits for an expression of the page to be true, also of a page that is still to come.
func (b *tab) until(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Context, patience)
	defer cancel()
	for {
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("(()=>{try{return !!("+expression+")}catch{return false}})()"))
		if err == nil && is {
			return
		}
		select {
		case <-ctx.Done():
			b.stop(fmt.Errorf("never was %s: %w", expression, errors.Join(err, ctx.Err())))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// painted waits until what is there is drawn.
func (b *tab) painted() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Context, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))", chromedp.EvalAwaitPromise)); err != nil {
		b.stop(err)
	}
}

// is fails if an expression of the page does not have the value.
func (b *tab) is(expression, want string) {
	b.t.Helper()
	got, err := chromedp.Run(b.Context, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		b.stop(err)
	}
	if got != want {
		b.t.Errorf("%s is %v, want %s", expression, got, want)
	}
}

// logIn logs somebody in who was added with the role.
func (b *tab) logIn(name string, role store.Role) {
	b.t.Helper()
	if err := b.site.store.AddUser(b.Context, store.Actor{}, name, role, password); err != nil {
		b.t.Fatal(err)
	}
	b.open("/login")
	b.fill(name, password)
	b.until(`document.querySelector(".who")`)
}

func (b *tab) fill(name, with string) {
	b.t.Helper()
	b.do(chromedp.SetValue(chromedp.CSS(`[name="name"]`), name), chromedp.SetValue(chromedp.CSS(`[name="password"]`), with))
	b.click(`form button.main`)
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
	b.scheme(scheme)
	b.do(chromedp.EmulateViewport(width, height, phone...))
	b.painted()
	picture, err := chromedp.Run(b.Context, chromedp.CaptureScreenshot())
	if err != nil {
		b.stop(err)
	}
	if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)), picture, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.ResetViewport())
}

// paper keeps a picture of the page as it is printed, where RECONCILE_TEST_PICTURES names a folder.
func (b *tab) paper(name string) {
	b.t.Helper()
	folder := os.Getenv("RECONCILE_TEST_PICTURES")
	if folder == "" {
		return
	}
	_, err := chromedp.Call(b.Context, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	if err != nil {
		b.stop(err)
	}
	picture, err := chromedp.Run(b.Context, chromedp.CaptureScreenshot())
	if err != nil {
		b.stop(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// scheme has the page be light or dark.
func (b *tab) scheme(scheme string) {
	b.t.Helper()
	_, err := chromedp.Call(b.Context, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	if err != nil {
		b.stop(err)
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
	b.fill("Ann", password)
	b.until(`document.querySelector(".who").innerText.includes("Ann")`)
	b.pictures("overview")
	b.click(`//form[@action="/logout"]/button`)
	b.until(`document.querySelector("[name=password]")`)
	b.fill("Ann", "a wrong password")
	b.until(`document.querySelector("[role=alert]").innerText.includes("wrong")`)
	b.pictures("login")
	b.fill("Ann", password)
	b.until(`document.querySelector(".who")`)
	b.click(`//button[normalize-space()="Import Skus"]`)
	b.until(`document.querySelector("#import-menu").matches(":popover-open") && document.activeElement.innerText.includes("BigCommerce")`)
	b.picture("menu", 1280, "light")
	b.is(`document.activeElement.getAttribute("role") + " " + document.activeElement.innerText`, "menuitem BigCommerce")
	b.press("\r")
	b.until(`document.querySelector("#band").innerText.includes("20 of 32 items")`)
	b.pictures("importing")
	of.finish()
	b.until(`document.querySelectorAll("#rows tr").length == 19`)
	of.slow = false
	b.click("#import")
	b.click("#import-menu button")
	b.until(`document.querySelector("#rail").innerText.includes("New since the last run")`)
	// What somebody else has imported does not move the list of who reads it.
	b.open("/inventory/bigcommerce?item=LIGHT-F")
	b.until(`document.querySelector("#why").innerText.includes("LIGHT-F")`)
	of.run()
	b.is(`document.dispatchEvent(new Event("visibilitychange"))`, "true")
	b.until(`document.querySelector("#fresh").innerText.includes("There are new results")`)
	b.is(`new URLSearchParams(document.querySelector("#items").dataset.of).get("run")`, "run-2")
	b.click(`#fresh a`)
	b.until(`new URLSearchParams(document.querySelector("#items").dataset.of).get("run") == "run-3"`)
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
	b.until(`document.querySelectorAll("#rows tr").length == 19`)
	b.is(heads, "SKU,Name,Status,Item,Since,Difference")
	b.pictures("plain")
	b.click("#tick")
	b.until(heads + ` == "SKU,Name,N,NS,IV,B,Q,QP,QN,P,Difference"`)
	b.is(`location.search`, "?details=1")
	b.is(`document.querySelector('[title^="Price: not synchronized"]').innerText`, "N")
	b.pictures("details")
	b.click(`//nav[@id="rail"]//a[contains(.,"Price")]`)
	b.until(shown + ` == "BK-ROAD-54,LIGHT-F"`)
	b.click(`//thead//a[.="SKU"]`)
	b.until(`document.querySelector("th[aria-sort=ascending]")`)
	b.click(`//thead//a[.="SKU"]`)
	b.until(shown + ` == "LIGHT-F,BK-ROAD-54"`)
	b.until(`new URLSearchParams(location.search).get("sort") == "-sku" && new URLSearchParams(location.search).get("show") == "rule.P"`)
	b.do(chromedp.SendKeys(chromedp.CSS("#q"), "light"))
	b.until(shown + ` == "LIGHT-F"`)
	b.until(`new URLSearchParams(location.search).get("q") == "light" && !document.documentElement.hasAttribute("aria-busy")`)
	b.is(`document.activeElement.id`, "q")
	b.click(`td[data-rule="P"]`)
	b.until(`document.querySelector("#why").innerText.includes("49.95 != 44.95")`)
	b.is(`document.querySelector("tr.open .sku").innerText.split("\n")[0]`, "LIGHT-F")
	b.do(chromedp.NavigateBack())
	b.until(`!document.querySelector("#inv").classList.contains("why")`)
	b.do(chromedp.NavigateForward())
	b.until(`document.querySelector("#inv").classList.contains("why")`)
	b.do(chromedp.Reload())
	b.until(`document.querySelector("#why").innerText.includes("49.95 != 44.95")`)
	b.click(`[data-close]`)
	b.until(`!document.querySelector("#inv").classList.contains("why")`)
	b.do(chromedp.SetValue(chromedp.CSS("#q"), "no such item"), chromedp.SendKeys(chromedp.CSS("#q"), "\r"))
	b.until(`document.querySelector(".none").innerText.includes("No item is in")`)
	b.picture("none", 1280, "light")
	b.click(`.none a`)
	b.until(`document.querySelectorAll("#rows tr").length == 19`)
	b.is(`document.title.includes("acted")`, "false")
	for _, item := range []string{"LIGHT-F", "HELMET-L", "PUMP-F", "OUD-7"} {
		b.open("/inventory/bigcommerce?details=1&item=" + item)
		b.until(`document.querySelector("#why").innerText.includes("` + item + `")`)
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
	b.until(`document.querySelectorAll("#rows tr").length == 19`)
	key := func(keys string, want string) {
		t.Helper()
		b.press(keys)
		b.until(want)
	}
	at := func(sku string) string { return `document.activeElement.innerText == "` + sku + `"` }
	b.is(`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true, cancelable: true}))`, "false")
	b.is(`document.activeElement.id`, "q")
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
	b.is(`document.querySelector("#import").disabled`, "true") // a viewer
	b.is(`document.querySelector("#import-no").innerText`, "needs the role operator")
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
	b.until(`document.querySelectorAll("#rows tr[data-n]").length > 20`)
	row := func(n int) string { return fmt.Sprintf("SKU-%07d", n) }
	seen := func(sku string) string {
		return `[...document.querySelectorAll("#rows .sku a")].some(a => { const r = a.getBoundingClientRect(), s = document.querySelector("#items").getBoundingClientRect(); return a.innerText == "` + sku + `" && r.top >= s.top && r.bottom <= s.bottom; })`
	}
	scroll := func(expression, want string) {
		t.Helper()
		b.is(`(document.querySelector("#items").`+expression+`, 1)`, "1")
		b.until(want)
	}
	scroll("scrollTop = 1e9", seen(row(n)))
	b.until(`new URLSearchParams(location.search).get("row") > ` + fmt.Sprint(n-100))
	b.is(`document.querySelectorAll("tr").length < 200`, "true")
	b.is(`document.querySelector("#rows tr:last-child").getAttribute("aria-rowindex")`, fmt.Sprint(n+1))
	scroll("scrollBy(0, -34)", seen(row(n-1)))
	scroll("scrollTop = 0", seen(row(1)))
	// A turn of the wheel goes on by a few rows, wherever that is.
	scroll("scrollTop = document.querySelector('#items').scrollHeight / 2", fmt.Sprintf(`Math.abs(+document.querySelector("#rows .sku a").innerText.slice(4) - %d) < 200 && !document.querySelector(".late")`, n/2))
	b.until(fmt.Sprintf(`Math.abs(+new URLSearchParams(location.search).get("row") - %d) < 200`, n/2))
	b.is(`(window.before = +new URLSearchParams(location.search).get("row"), document.querySelector("#items").scrollBy(0, 340), 1)`, "1")
	b.until(`Math.abs(+new URLSearchParams(location.search).get("row") - window.before - 10) <= 1`)
	b.do(chromedp.SetValue(chromedp.CSS("#row"), fmt.Sprint(n/3)), chromedp.SendKeys(chromedp.CSS("#row"), "\r"))
	b.until(seen(row(n / 3)))
	b.until(`new URLSearchParams(location.search).get("row") == ` + fmt.Sprint(n/3))
	b.do(chromedp.Reload())
	b.until(seen(row(n / 3)))
	b.click("#next")
	b.until(fmt.Sprintf(`+new URLSearchParams(location.search).get("row") > %d`, n/3+5))
	b.click(`//nav[@id="rail"]//a[contains(.,"Price")]`)
	b.until(seen(row(14)))
	b.is(`document.querySelector("#shown").innerText.startsWith("`+grouped(fmt.Sprint(n/14))+` of ")`, "true")
	b.do(chromedp.SendKeys(chromedp.CSS("#q"), row(28)[4:]))
	b.until(`document.querySelectorAll("#rows tr").length == 1 && ` + seen(row(28)))
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
	b.click(`.opened .accept summary`)
	b.until(`document.querySelector(".opened .also").innerText == "All 2 that are filtered"`)
	b.do(chromedp.SendKeys(chromedp.CSS(`.opened [name="reason"]`), "on offer"))
	b.pictures("accept")
	b.click(`.opened .accept button`)
	b.until(said + ` == "This covers LIGHT-F P, in reconcile.accepted.hcl."`)
	b.click(`.opened [name="all"]`)
	b.until(`document.querySelector(".opened .accept button").innerText == "Accept…"`)
	b.click(`.opened .accept button`)
	b.until(said + `.includes("This covers BK-ROAD-54 P, LIGHT-F P")`)
	b.is(`document.querySelector(".opened .accept button").innerText`, "Accept 2 discrepancies")
	b.picture("accept-sure", 1280, "light")
	b.click(`.opened .accept button`)
	b.until(`document.querySelector(".opened .accepted").innerText.startsWith("Accepted: BK-ROAD-54 P, LIGHT-F P")`)
	// What cannot be accepted says why, and an item of one side is accepted as it is.
	b.open("/inventory/bigcommerce?show=pos_only&item=HELMET-L")
	b.click(`.accept summary`)
	b.do(chromedp.SendKeys(chromedp.CSS(`[name="reason"]`), "not sold online"), chromedp.SetValue(chromedp.CSS(`[name="expires"]`), "2020-01-01"))
	b.click(`.accept button`)
	b.until(`document.querySelector(".said.no").innerText.includes("in the past")`)
	b.do(chromedp.SetValue(chromedp.CSS(`[name="expires"]`), ""))
	b.click(`.accept button`)
	b.until(`document.querySelector(".said").innerText.startsWith("This covers HELMET-L")`)
	b.click(`.accept button`)
	b.until(`document.querySelector(".accepted").innerText.startsWith("Accepted: HELMET-L")`)
}
