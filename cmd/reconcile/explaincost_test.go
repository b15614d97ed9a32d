package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestExplainCost counts what explaining a single item costs on a store of 100,000 SKUs.
func TestExplainCost(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("it takes a while: set RECONCILE_TEST_LONG=1")
	}
	t.Parallel()
	const items = 50_000 // of each kind
	store := newWatchedStore(t)
	store.serve(storeDay{Items: items})
	a := &applying{T: t, dir: t.TempDir()}
	a.write("inventory.csv", "sku,name,price,qoh\nS41234,Simpler,10,50\nV41234,Many 41234,21,3\n")
	a.write("reconcile.hcl", fmt.Sprintf(watchedConfig, store.address))
	asks := func(most int, args ...string) {
		t.Helper()
		before := store.seen().Requests
		out, said := a.run(0, args...)
		n := store.seen().Requests - before
		t.Logf("%s: %d requests", strings.Join(args, " "), n)
		if n > most {
			t.Errorf("%s: %d requests, want at most %d\n%s", strings.Join(args, " "), n, most, said)
		}
		a.says(out, "not synchronized")
	}
	// Where it is, and its stock; the product; the store's currency.
	for _, sku := range []string{"S41234", "V41234"} {
		asks(3, "explain", sku)
	}
	a.run(0, "pull")
	for _, sku := range []string{"S41234", "V41234"} {
		asks(3, "explain", sku)
		asks(0, "explain", sku, "--max-age", "1h")
	}
}
