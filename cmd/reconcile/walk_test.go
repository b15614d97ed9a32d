package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// walkPatience is how long a browser waits for what is to happen: machines of builds are slow at times.
const walkPatience = 3 * time.Minute

// walker is the owner of a shop in front of a browser.
type walker struct {
	context.Context
	t *testing.T
}

// newWalker starts the browser that RECONCILE_TEST_BROWSER names.
func newWalker(t *testing.T) *walker {
	t.Helper()
	browser := os.Getenv("RECONCILE_TEST_BROWSER")
	if browser == "" {
		t.Skip("RECONCILE_TEST_BROWSER names no browser")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WindowSize(1280, 900), chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(walkPatience), chromedp.Flag("lang", "en-US"))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // and wait for its end: its folder is to be removed
	w := &walker{ctx, t}
	w.likes("light") // the browser starts here: with a shorter context it would end with that
	return w
}

// likes has the browser ask for light pages, or for dark ones.
func (w *walker) likes(scheme string) {
	w.t.Helper()
	_, err := chromedp.Call(w.Context, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	if err != nil {
		w.stop(err)
	}
}

// do does what a person would, and waits for what that needs to be there.
func (w *walker) do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.Context, walkPatience)
	defer cancel()
	for _, action := range actions {
		err := chromedp.Do(ctx, action)
		for err != nil && ctx.Err() == nil && strings.Contains(err.Error(), "(-32000)") { // another page was loaded meanwhile
			err = chromedp.Do(ctx, action)
		}
		if err != nil {
			w.stop(err)
		}
	}
}

// stop ends the test, and says what the page has.
func (w *walker) stop(err error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.Context, 10*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href+String.fromCharCode(10)+document.body.innerText"))
	w.t.Fatalf("%v, at\n%.4000s", err, text)
}

func (w *walker) click(at string) { w.t.Helper(); w.do(chromedp.Click(chromedp.Search(at))) }

func (w *walker) fill(name, text string) {
	w.t.Helper()
	w.do(chromedp.SendKeys(chromedp.Search(`//label[contains(.,"`+name+`")]//input`), text))
}

// sees waits for an expression of the page to be true, also of a page that is still to come.
func (w *walker) sees(expression string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.Context, walkPatience)
	defer cancel()
	for {
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("(()=>{try{return !!("+expression+")}catch{return false}})()"))
		if err == nil && is {
			return
		}
		select {
		case <-ctx.Done():
			w.stop(fmt.Errorf("never was %s: %w", expression, ctx.Err()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// draws writes a picture of the page.
func (w *walker) draws(path, scheme string) {
	w.t.Helper()
	w.likes(scheme)
	if _, err := chromedp.Run(w.Context, chromedp.Evaluate[bool]("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))", chromedp.EvalAwaitPromise)); err != nil {
		w.stop(err)
	}
	picture, err := chromedp.Run(w.Context, chromedp.CaptureScreenshot())
	if err != nil {
		w.stop(err)
	}
	if err := os.WriteFile(path, picture, 0o666); err != nil {
		w.t.Fatal(err)
	}
}

// TestWalk is the way of an owner who is new to the screen, with the sample: from the link that reconcile serve prints to why a cell is red,
// and from then on it may be. -update makes the README's pictures on the way.
func TestWalk(t *testing.T) {
	w := newWalker(t)
	dir, root := t.TempDir(), filepath.Join("..", "..")
	for _, name := range []string{"reconcile.hcl", "docs/sample/inventory.csv"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, dir, map[string]string{name: string(text)})
	}
	v := serveIn(t, dir, false)
	w.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(v.link))
	w.fill("User name", "Ann")
	w.fill("Password", "a good password")
	w.click(`//button[.="Set up"]`)
	w.importSkus()
	w.sees(`document.querySelectorAll("#rows tr").length > 15`)
	w.click(`//label[contains(.,"Display Discrepancy Details")]/input`)
	w.sees(`document.querySelector('tr[data-sku="LIGHT-F"] td[data-rule="P"]').innerText == "N" && document.querySelector("#risk:not([hidden])")`)
	if *update {
		w.draws(filepath.Join(root, "docs", "screen.png"), "light")
		w.draws(filepath.Join(root, "docs", "screen-dark.png"), "dark")
	}
	for _, name := range []string{"screen.png", "screen-dark.png"} {
		if info, err := os.Stat(filepath.Join(root, "docs", name)); err != nil || info.Size() > 300_000 {
			t.Errorf("docs/%s: %v, or it is too large for a README", name, err)
		}
	}
	w.click(`tr[data-sku="LIGHT-F"] td[data-rule="P"]`)
	w.sees(`document.querySelector("#why .opened").innerText.includes("Price: not synchronized") && document.querySelector("#why .opened").innerText.includes("49.95 != 44.95")`)
	w.click(`.opened .accept summary`)
	w.fill("Reason", "on offer online")
	w.click(`//section[contains(@class,"opened")]//button[.="Accept…"]`)
	w.click(`//section[contains(@class,"opened")]//button[.="Accept 1 discrepancy"]`)
	w.sees(`document.querySelector(".opened .accepted").innerText.startsWith("Accepted: LIGHT-F P.")`)
	w.click("[data-close]")
	w.importSkus()
	w.sees(`document.querySelector('tr[data-sku="LIGHT-F"] td[data-rule="P"]').innerText == "I"`)
}

func (w *walker) importSkus() {
	w.t.Helper()
	w.click(`//button[normalize-space()="Import Skus"]`)
	w.click(`//button[@role="menuitem" and .="BigCommerce"]`)
}
