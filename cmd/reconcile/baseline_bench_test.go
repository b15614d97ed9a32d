package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkBaseline runs the program on 500,000 items, 10,000 of which differ in price: without anything accepted, and
// with those 10,000 cells accepted and pinned. Its two times, compared, are what a baseline costs, about 40 ms however
// large the catalogue is.
func BenchmarkBaseline(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	run := func(args ...string) {
		cmd := exec.CommandContext(b.Context(), self, args...)
		cmd.Args[0], cmd.Dir = "reconcile", dir
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
	}
	writeCatalogues(b, dir)
	for _, name := range []string{"without", "with"} {
		if name == "with" {
			run("accept", "--all-current", "--reason", "as found")
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				run("run", "--format", "csv", "--output", "out.csv")
			}
		})
	}
}

// writeCatalogues writes two catalogues and a configuration.
func writeCatalogues(b *testing.B, dir string) {
	var pos, store strings.Builder
	pos.WriteString("sku,name,brand,price,qoh\n")
	store.WriteString("sku,name,brand,price,qoh\n")
	for i := range 500_000 {
		price := i%9973 + 1
		row := fmt.Sprintf("SKU-%08d,Item %d,Brand %d,%%d.50,%d\n", i, i, i%400, i%100)
		fmt.Fprintf(&pos, row, price)
		if i%50 == 0 {
			price++
		}
		fmt.Fprintf(&store, row, price)
	}
	for name, text := range map[string]string{"pos.csv": pos.String(), "store.csv": store.String(), "reconcile.hcl": `
source "file" "shop" { path = "pos.csv" }
source "file" "web" { path = "store.csv" }

reconciliation "x" {
  pos   = source.file.shop
  store = source.file.web
}

rule "N" { when = pos.name != store.name }
rule "B" { when = lower(pos.brand) != lower(store.brand) }
rule "Q" { when = pos.qoh != store.qoh }
rule "P" { when = pos.price != store.price }
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			b.Fatal(err)
		}
	}
}
