package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/browsing"
)

// TestMendWalk is the way from red cells to mended ones in a browser, on the sample and a store that can be changed: rows are ticked and planned,
// the plan is looked at, applied and taken back. Then all that is filtered is planned by one person and applied by another one, while others
// work in the store. Where RECONCILE_TEST_PICTURES names a folder, pictures of the pages are kept there.
func TestMendWalk(t *testing.T) {
	w := browsing.Open(t)
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no interrupt")
	}
	a := &applying{T: t, dir: t.TempDir()}
	goods, err := os.ReadFile(filepath.Join("..", "..", "plugins", "connectors", "bigcommerce", "emulator", "sample.json"))
	if err != nil {
		t.Fatal(err)
	}
	a.write("store.json", string(goods))
	address, stop := serveSandbox(t, a.dir, "--catalog", "store.json", "--quota", "0")
	defer stop()
	door := newDoor(t, address)
	a.sample(door.address, "brakes {\n  four_eyes = 3\n}\n")
	v := a.serveStore(false, writeToken)
	w.Likes("light")
	w.Do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(v.link))
	w.Type("User name", "Ann")
	w.Type("Password", "a good password")
	w.Click(`//button[.="Set up"]`)
	importSkus(w)
	w.Until(`document.querySelectorAll("#rows tr").length > 15`)
	w.Click(`//label[contains(.,"Display Discrepancy Details")]/input`)

	// What is ticked is planned: three changes, something for a person, and something that is left out.
	ticked := []string{"LIGHT-F P", "UKE-C N", "LOCK-U Q"}
	reads(w, "N", ticked...)
	for _, sku := range []string{"LIGHT-F", "LOCK-U", "PUMP-F", "UKE-S", "UKE-C", "HELMET-S"} {
		w.Click(`//tr[@data-sku="` + sku + `"]//input`)
	}
	w.Until(`document.querySelector("#ticked-said").innerText == "6 items are ticked"`)
	w.Click(`#ticked form button`)
	w.Until(button("Apply 3 changes…"))
	pictures(w, "mend-plan")
	first := planOf(w)
	shows(w, `.step`,
		"1. Import the store's orders into the point of sale whoever imports orders into the point of sale QP: Import the webstore transactions: that subtracts them from AmberPOS's quantity on hand. SKU Rule What PUMP-F Floor Pump with Gauge QP import its orders",
		"2. Correct by hand whoever looks after stock and items IV: The option structures must match for variations to update properly: update the Local Copy, then re-upload the item. SKU Rule What HELMET-S Commuter Helmet IV correct variation (POS Size=L|M|S, store Size=M|S)",
		`3. Set fields that variants share SKU Field Before After Cells then Why UKE-C Concert Ukulele name Concert Ukulele, Mahogany Concert Ukulele N N→S pos.name is "Concert Ukulele", store.name is "Concert Ukulele, Mahogany"`,
		"4. Set fields of items SKU Field Before After Cells then Why LIGHT-F Front Light 400 lm price 44.95 49.95 P N→S pos.price is 49.95, store.price is 44.95",
		"5. Set quantities SKU Field Before After Cells then Why LOCK-U U-Lock 18 cm qoh 9 7 Q N→S pos.qoh is 7, store.qoh is 9, store.pending is 0")

	// The store is asked what it takes, which is shown before anything is changed.
	w.Click(`.act form[action$="/apply"] button`)
	w.Until(button("Apply 3 changes"))
	w.Until(`/It takes about \d+ requests/.test(document.querySelector(".act").innerText)`)
	pictures(w, "mend-cost")
	release := door.hold("/v3/inventory/adjustments/absolute")
	w.Click(`.act form[action$="/apply"] button`)
	w.Until(`document.querySelector("#state[data-busy] h3").innerText == "The plan is being carried out"`)
	w.Until(`document.querySelector("#state[data-busy]").innerText.includes("2 of 3 changes have an outcome")`)
	pictures(w, "mend-progress")
	release()
	w.Until(`document.querySelector(".outcome")`)
	pictures(w, "mend-outcome")
	shows(w, `.counts div`, "applied 3 written, and seen there")

	// Only the import that follows by itself says S.
	w.Click(`//a[.="To the items"]`)
	reads(w, "S", ticked...)
	reads(w, "N", "CASS-11 Q")

	// The journal has it, and it is taken back.
	w.Click(`//nav[@id="rail"]//a[contains(.,"Journal")]`)
	w.Until(`document.querySelector("#main").innerText.includes("3 applied")`)
	pictures(w, "mend-journal")
	w.Click(`//a[.="` + first + `"]`)
	w.Click(`//label[contains(.,"Take back quantities")]/input`)
	w.Click(`//button[.="Revert…"]`)
	w.Until(button("Apply 3 changes…"))
	pictures(w, "mend-revert")
	w.Click(`.act form[action$="/apply"] button`)
	w.Until(button("Apply 3 changes"))
	w.Click(`.act form[action$="/apply"] button`)
	w.Until(`document.querySelector(".outcome")`)
	shows(w, `.counts div`, "applied 3 written, and seen there")
	w.Click(`//a[.="To the items"]`)
	reads(w, "N", ticked...)

	// A filter, of so many changes that somebody else has to apply it.
	w.Click(`//nav[@id="rail"]//a[contains(.,"Not synchronized")]`)
	w.Until(`document.querySelector('#rail a[aria-current]').innerText.startsWith("Not synchronized")`)
	w.Click(`//button[.="Plan all filtered"]`)
	w.Until(`document.querySelector(".act").innerText.includes("You have made it: another administrator has to apply it.")`)
	w.Is(`document.querySelectorAll('form[action$="/apply"]').length`, "0")
	w.Is(`[...document.querySelectorAll(".step")].at(-1).innerText.replace(/\s+/g, " ")`, "What is left out, and why SKU Rules Field Why CHAIN-11 Chain 11-speed Q qoh QP would read N")
	pictures(w, "mend-foureyes")
	second := planOf(w)
	v.also("Bob", "admin")
	w.Click(`//form[@action="/logout"]/button`)
	w.Until(`document.querySelector("[name=password]")`)
	w.LogIn("Bob", "a good password")
	w.Until(`document.querySelector(".who").innerText.includes("Bob")`)
	w.Do(chromedp.Navigate(v.at + "/inventory/bigcommerce/plans/" + second))
	w.Click(`.act form[action$="/apply"] button`)
	w.Until(button("Apply 11 changes"))
	// Meanwhile somebody gives the amplifier another price, and a new product the name that another one was to get.
	busy := strings.Replace(string(goods), `"price": 209,`, `"price": 205,`, 1)
	busy = strings.Replace(busy, `"products": [`, `"products": [{"id": 900, "sku": "PICK-NEW", "name": "Guitar Picks, Medium, Pack of 12", "price": 5, "stock": 1},`, 1)
	a.write("store.json", busy)
	w.Click(`.act form[action$="/apply"] button`)
	w.Until(`document.querySelector(".outcome")`)
	pictures(w, "mend-mixed")
	shows(w, `.counts div`, "applied 9 written, and seen there", "conflict 1 the item had another value than the plan expects; it was not written", "rejected 1 the store refuses it")
	shows(w, ".outcome h3:first-of-type + .card tbody tr",
		"PICK-M Guitar Picks, Medium, Pack of 12 name Guitar Picks, Medium (12) → Guitar Picks, Medium, Pack of 12 rejected 409 Conflict (The request is not valid.; 0.name: The product name is a duplicate)",
		"AMP-20 Practice Amplifier 20 W price 209.00 → 199.00 conflict the store has 205, and 209 was expected: it was changed meanwhile")
	w.Click(`//a[.="To the items"]`)
	w.Click(`//nav[@id="rail"]//a[contains(.,"All items")]`)
	reads(w, "S", append(ticked, "LIGHT-R B", "FRAME-TK P", "CASS-11 Q")...)
	reads(w, "N", "AMP-20 P", "PICK-M N")
	a.endServer(v)
	a.says(a.trail(), `"who":"Bob"`, second+`: 11 changes, planned by Ann"`)
}

// sample is the sample shop with a store at an address that can be changed, and more in its configuration.
func (a *applying) sample(address, more string) {
	a.Helper()
	root := filepath.Join("..", "..")
	config, err := os.ReadFile(filepath.Join(root, "reconcile.hcl"))
	if err != nil {
		a.Fatal(err)
	}
	inventory, err := os.ReadFile(filepath.Join(root, "docs", "sample", "inventory.csv"))
	if err != nil {
		a.Fatal(err)
	}
	const sandbox = "sandbox = true"
	if !strings.Contains(string(config), sandbox) {
		a.Fatalf("the sample has no line %q any more", sandbox)
	}
	source := fmt.Sprintf("api_url = %q\n  store_hash = \"sandbox\"\n  access_token = \"sandbox-token\"\n  write_access_token = env(\"WRITE_TOKEN\")\n #", address)
	put(a.T, a.dir, map[string]string{"docs/sample/inventory.csv": string(inventory), "reconcile.hcl": strings.Replace(string(config), sandbox, source, 1) + more})
}

// door is what stands before a store: it lets all requests through but those that it is to hold.
type door struct {
	address string
	mu      sync.Mutex
	held    string        // the end of the path
	open    chan struct{} // nobody waits once it is closed
}

func newDoor(t *testing.T, address string) *door {
	t.Helper()
	store, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{}
	through := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: store.Scheme, Host: store.Host})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		held, open := d.held, d.open
		d.mu.Unlock()
		if held != "" && strings.HasSuffix(r.URL.Path, held) && r.ContentLength > 20 { // an empty list asks whether it may
			select {
			case <-open:
			case <-r.Context().Done():
			}
		}
		through.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	d.address = server.URL + store.Path
	return d
}

// hold has requests to a path wait until they are released.
func (d *door) hold(path string) (release func()) {
	open := make(chan struct{})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held, d.open = path, open
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.held = ""
		close(open)
	}
}

// button is true where the form that applies a plan has that button, which can be pressed.
func button(text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('.act form[action$="/apply"] button:not([disabled])')].some(b => b.innerText == %q)`, text)
}

// reads waits until cells, each by SKU and rule, read a letter.
func reads(w *browsing.Tab, letter string, cells ...string) {
	for _, cell := range cells {
		sku, rule, _ := strings.Cut(cell, " ")
		w.Until(fmt.Sprintf(`document.querySelector('tr[data-sku="%s"] td[data-rule="%s"]').innerText == "%s"`, sku, rule, letter))
	}
}

// planOf returns the id of the plan whose page is shown.
func planOf(w *browsing.Tab) string { return w.Reads(`location.pathname.split("/").pop()`) }

// shows fails the test if the elements that a selector finds have other texts.
func shows(w *browsing.Tab, selector string, want ...string) {
	w.Is(fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.innerText.replace(/\s+/g, " ").trim()).join("\n")`, selector), strings.Join(want, "\n"))
}

// pictures keeps pictures of a page in all widths, light and dark, where RECONCILE_TEST_PICTURES names a folder: a person looks at them.
func pictures(w *browsing.Tab, name string) {
	folder := os.Getenv("RECONCILE_TEST_PICTURES")
	if folder == "" {
		return
	}
	for _, size := range [][2]int64{{390, 844}, {1280, 900}, {1920, 1080}} {
		for _, scheme := range []string{"light", "dark"} {
			w.Likes(scheme)
			w.Do(chromedp.EmulateViewport(size[0], size[1]))
			w.Draw(filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", name, size[0], scheme)))
		}
	}
	w.Likes("light")
	w.Do(chromedp.EmulateViewport(1280, 900))
}
