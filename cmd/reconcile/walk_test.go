package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/browsing"
)

// TestWalk is the way of an owner who is new to the screen, with the sample: from the link that reconcile serve prints to why a cell is red,
// and from then on it may be. -update makes the README's pictures on the way.
func TestWalk(t *testing.T) {
	w := browsing.Open(t)
	dir, root := t.TempDir(), filepath.Join("..", "..")
	for _, name := range []string{"reconcile.hcl", "docs/sample/inventory.csv"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, dir, map[string]string{name: string(text)})
	}
	v := serveIn(t, dir, false)
	w.Likes("light")
	w.Do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(v.link))
	w.Type("User name", "Ann")
	w.Type("Password", "a good password")
	w.Click(`//button[.="Set up"]`)
	importSkus(w)
	w.Until(`document.querySelectorAll("#rows tr").length > 15`)
	w.Click(`//label[contains(.,"Display Discrepancy Details")]/input`)
	w.Until(`document.querySelector('tr[data-sku="LIGHT-F"] td[data-rule="P"]').innerText == "N" && document.querySelector("#risk:not([hidden])")`)
	if *update {
		w.Draw(filepath.Join(root, "docs", "screen.png"))
		w.Likes("dark")
		w.Draw(filepath.Join(root, "docs", "screen-dark.png"))
	}
	for _, name := range []string{"screen.png", "screen-dark.png"} {
		if info, err := os.Stat(filepath.Join(root, "docs", name)); err != nil || info.Size() > 300_000 {
			t.Errorf("docs/%s: %v, or it is too large for a README", name, err)
		}
	}
	w.Click(`tr[data-sku="LIGHT-F"] td[data-rule="P"]`)
	w.Until(`document.querySelector("#why .opened").innerText.includes("Price: not synchronized") && document.querySelector("#why .opened").innerText.includes("49.95 != 44.95")`)
	w.Click(`.opened .accept summary`)
	w.Type("Reason", "on offer online")
	w.Click(`//section[contains(@class,"opened")]//button[.="Accept…"]`)
	w.Click(`//section[contains(@class,"opened")]//button[.="Accept 1 discrepancy"]`)
	w.Until(`document.querySelector(".opened .accepted").innerText.startsWith("Accepted: LIGHT-F P.")`)
	w.Click("[data-close]")
	importSkus(w)
	w.Until(`document.querySelector('tr[data-sku="LIGHT-F"] td[data-rule="P"]').innerText == "I"`)
}

// importSkus compares both sides anew, as people do.
func importSkus(w *browsing.Tab) {
	w.Click(`//button[normalize-space()="Import Skus"]`)
	w.Click(`//button[@role="menuitem" and .="BigCommerce"]`)
}
