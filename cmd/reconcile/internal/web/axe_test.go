package web

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/browsing"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// axeVersion is the version of axe-core that looks for what keeps people out. It is in no release: the test fetches it.
const axeVersion = "4.14.1"

// TestBrowserForAll has axe-core look at every page, light and dark, narrow and wide: it is to find nothing serious.
func TestBrowserForAll(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_BROWSER") == "" || os.Getenv("RECONCILE_TEST_NPM") == "" {
		t.Skip("RECONCILE_TEST_BROWSER names no browser, or RECONCILE_TEST_NPM does not say that npm may fetch axe-core")
	}
	folder := t.TempDir()
	npm := exec.CommandContext(t.Context(), "npm", "install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "axe-core@"+axeVersion)
	if said, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	script, err := os.ReadFile(filepath.Join(folder, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	m := &mender{t: t}
	b := newTab(t, newSite(t, Options{Setup: "SECRET", Shop: of, Records: records{of}, Mending: m}))
	look := func(name string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(b.Context, browsing.Patience)
		defer cancel()
		if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](string(script)+";0")); err != nil {
			b.Stop(err)
		}
		for _, width := range []int64{390, 1280} {
			b.Do(chromedp.EmulateViewport(width, 900))
			b.Is(`document.documentElement.scrollWidth > innerWidth && "`+name+` is wider than the window"`, "false")
			for _, scheme := range []string{"light", "dark"} {
				b.Likes(scheme)
				found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`axe.run(document).then(r => r.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 4).map(n => n.html.slice(0, 300) + " " + n.failureSummary).join(" | ")))`, chromedp.EvalAwaitPromise))
				if err != nil {
					b.Stop(err)
				}
				for _, f := range found {
					t.Errorf("%s, %d px, %s: %s", name, width, scheme, f)
				}
			}
		}
		b.Do(chromedp.ResetViewport())
	}
	b.open("/setup?token=SECRET")
	look("setup")
	b.LogIn("Ann", password)
	b.Until(`document.querySelector(".who")`)
	look("overview, before the first import")
	b.Click("#import")
	b.Until(`document.querySelector("#import-menu").matches(":popover-open")`)
	look("menu")
	of.slow = true
	b.open("/inventory/bigcommerce")
	look("before the first import")
	b.Click("#import")
	b.Click("#import-menu button")
	b.Until(`document.querySelector("progress")`)
	look("importing")
	of.finish()
	of.run()
	of.fail = "page 1 of GET /v3/catalog/brands: 401 Unauthorized"
	b.open("/")
	look("overview")
	for _, query := range []string{"", "?details=1", "?show=rule.P&sort=-sku&details=1", "?q=nothing", "?details=1&item=LIGHT-F", "?item=HELMET-L", "?item=nothing", "?run=run-1"} {
		b.open("/inventory/bigcommerce" + query)
		b.Until(`document.querySelector("#items")`)
		b.Is(`document.querySelectorAll(".accept").forEach(d => d.open = true)`, "undefined")
		look("inventory" + query)
	}
	b.open("/inventory/bigcommerce")
	b.Click("#tick-all")
	b.Until(`document.querySelector("#ticked.some")`)
	look("inventory with ticked rows")
	b.Click("#ticked-accept")
	b.Until(`document.querySelector("#accept-many").open`)
	look("accept many")
	of.locked = true
	b.open("/inventory/bigcommerce?item=LIGHT-F&rule=P")
	b.Click(`.opened .accept summary`)
	b.Do(chromedp.SendKeys(chromedp.CSS(`.opened [name="reason"]`), "on offer"))
	b.Click(`.opened .accept button`)
	b.Until(`document.querySelector(".opened .accept button").innerText == "Accept 1 discrepancy"`)
	b.Click(`.opened .accept button`)
	b.Until(`document.querySelector(".by-hand")`)
	look("accept by hand")
	for _, page := range []string{"acceptances", "acceptances?state=expired&q=nothing", "trends"} {
		b.open("/inventory/bigcommerce/" + page)
		b.Until(`document.querySelector("#main")`)
		b.Is(`document.querySelectorAll("details").forEach(d => d.open = true)`, "undefined")
		look(page)
	}
	b.open("/inventory/bigcommerce?item=GTR-STRAT-MN&sort=impact")
	b.Until(`document.querySelector("#risk:not([hidden])")`)
	b.Is(`document.querySelectorAll("#why details").forEach(d => d.open = true)`, "undefined")
	b.Until(`document.querySelector(".steps li")`)
	look("why of what is intentional")
	b.Press("?")
	b.Until(`document.querySelector("#keys").open`)
	look("keys")
	lookAtPlans(b, m, look)
	b.open("/people")
	b.Is(`document.querySelectorAll("details").forEach(d => d.open = true)`, "undefined")
	look("people")
	b.open("/password?done")
	look("own password")
	b.open("/audit?verify=1")
	look("audit trail")
	b.open("/audit?q=nothing&from=soon")
	look("audit trail, nothing found")
	b.open("/nothing")
	look("not found")
	if err := b.site.store.AddUser(b.Context, store.Actor{}, "Eve", store.Viewer, password); err != nil {
		t.Fatal(err)
	}
	b.open("/")
	b.Click(`form[action="/logout"] button`)
	b.Until(`document.querySelector("[name=password]")`)
	look("log in")
	b.LogIn("Eve", "wrong password")
	b.Until(`document.querySelector("[role=alert]")`)
	look("log in, after a mistake")
	b.LogIn("Eve", password)
	b.Until(`document.querySelector(".who")`)
	look("overview of a viewer")
}
