package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestApplyCost counts what 10,000 new prices cost from the plan to the last look: for all that is asked besides writes, guards and
// proofs there are 5 of 100 requests.
func TestApplyCost(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("it takes a while: set RECONCILE_TEST_LONG=1")
	}
	t.Parallel()
	const items = 10_000
	store := newWatchedStore(t)
	store.serve(storeDay{Items: items})
	a := &applying{T: t, dir: t.TempDir(), env: []string{writeToken}}
	inventory := &strings.Builder{}
	inventory.WriteString("sku,name,price,qoh\n")
	for i := range items {
		fmt.Fprintf(inventory, "S%d,Simple %d,12,%d\n", i, i, i%7)
	}
	a.write("inventory.csv", inventory.String())
	a.write("reconcile.hcl", fmt.Sprintf(watchedConfig, store.address))
	a.run(0, "pull")
	before := store.seen()
	seen, status := a.atTerminal("yes", "apply", "r", "--max-age", "1h", "--max-rows", "10")
	if status != 0 {
		t.Fatalf("status %d\n%s", status, seen)
	}
	a.says(seen, "10000 applied.")
	const writes, guards, proofs = items / 10, items / 50, items / 250
	after := store.seen()
	n := after.Requests - before.Requests
	t.Logf("%d requests, of which %d write", n, after.Writes)
	if most := (writes + guards + proofs) * 105 / 100; n > most || after.Writes > writes {
		t.Errorf("%d requests, of which %d write, want at most %d and %d", n, after.Writes, most, writes)
	}
}
