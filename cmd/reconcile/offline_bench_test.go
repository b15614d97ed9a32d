package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// BenchmarkOffline is about a Local Copy of a store with 100,000 SKUs and an inventory of as many. It measures how long it
// takes offline until evaluating begins, connectors' start included, which is to be at most a third of what reading the
// items through the emulator takes, without latency and without a process in between; and beside it the whole program
// offline, from its start to the written result.
func BenchmarkOffline(b *testing.B) {
	const skus = 100_000
	dir := b.TempDir()
	store := &madeStore{}
	var inventory bytes.Buffer
	inventory.WriteString("sku,name,brand,price,qoh\n")
	for i := range skus {
		p := &madeProduct{SKU: fmt.Sprintf("P%06d", i), Name: fmt.Sprintf("Product %d", i), Brand: fmt.Sprintf("Brand %d", i%300), Price: 10, Stock: i % 50}
		store.Products = append(store.Products, p)
		fmt.Fprintf(&inventory, "%s,%s,%s,10,%d\n", p.SKU, p.Name, p.Brand, p.Stock)
	}
	text, err := json.Marshal(store)
	if err != nil {
		b.Fatal(err)
	}
	write := func(name string, text []byte) {
		b.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	write("store.json", text)
	write("inventory.csv", inventory.Bytes())
	made, err := emulator.Load(filepath.Join(dir, "store.json"))
	if err != nil {
		b.Fatal(err)
	}
	server, err := emulator.New(made, emulator.WithQuota(0, 0))
	if err != nil {
		b.Fatal(err)
	}
	running, err := server.Listen(b.Context(), "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer running.Close()
	settings := fmt.Appendf(nil, `{"store_hash": %q, "access_token": %q, "api_url": %q}`, emulator.DefaultStoreHash, emulator.DefaultAccessToken, running.URL)
	write("reconcile.hcl", fmt.Appendf(nil, `
source "file" "shop" {
  path = "inventory.csv"
}
source "bigcommerce" "web" {
  store_hash   = %q
  access_token = %q
  api_url      = %q
}
reconciliation "x" {
  pos   = source.file.shop
  store = source.bigcommerce.web
}
rule "D" {
  when = pos.name != store.name || pos.brand != store.brand || pos.price != store.price || pos.qoh != store.qoh
}
`, emulator.DefaultStoreHash, emulator.DefaultAccessToken, running.URL))
	run := func(args ...string) {
		b.Helper()
		self, err := os.Executable()
		if err != nil {
			b.Fatal(err)
		}
		cmd := exec.CommandContext(b.Context(), self, append([]string{"run", "--format", "csv", "--data", "data"}, args...)...)
		cmd.Args[0], cmd.Dir = "reconcile", dir
		var said strings.Builder
		cmd.Stderr = &said // how the file was read, too
		if out, err := cmd.Output(); err != nil || string(out) != "sku,name,status,D,pos.name,pos.brand,pos.price,pos.qoh,store.name,store.brand,store.price,store.qoh\n" {
			b.Fatalf("%v\n%s%s", err, said.String(), out[:min(len(out), 2000)])
		}
	}
	run() // keeps the copy, and finds nothing

	b.Run("begins", func(b *testing.B) {
		b.Chdir(dir)
		for b.Loop() {
			ctx, stop := context.WithCancel(b.Context())
			p, err := session.New(session.Options{Self: self("data"), ConfigPath: "reconcile.hcl", DataDir: "data", Offline: true}).Prepare(ctx, "")
			if err != nil {
				b.Fatal(err)
			}
			_, err = p.Run(ctx, session.RunOptions{Wrap: func(side verdict.Side, s engine.Source) engine.Source {
				if side == verdict.Store {
					s = firstBatch{s, stop}
				}
				return s
			}})
			b.StopTimer()
			p.Close()
			if !errors.Is(err, context.Canceled) {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
	b.Run("offline", func(b *testing.B) {
		for b.Loop() {
			run("--offline")
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			source := bigcommerce.Connector().New()
			if err := sdk.FillSettings(source, settings); err != nil {
				b.Fatal(err)
			}
			if err := source.(sdk.Configurer).Configure(b.Context()); err != nil {
				b.Fatal(err)
			}
			req := sdk.NewReadRequest([]string{"sku", "name", "brand", "price", "qoh"}, func(string) {})
			if n, err := sdk.ReadAll(b.Context(), source, req, func(*catalog.Batch) error { return nil }); err != nil || n != skus {
				b.Fatalf("%d items, %v", n, err)
			}
		}
	})
}

// firstBatch is a source that is read up to its first batch: the engine evaluates what comes as it comes.
type firstBatch struct {
	engine.Source
	stop func()
}

func (f firstBatch) Read(ctx context.Context, asked *catalog.Schema, w engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	return f.Source.Read(ctx, asked, w, func(b *catalog.Batch) error {
		defer f.stop()
		return sink(b)
	})
}
