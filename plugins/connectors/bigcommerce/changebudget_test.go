package bigcommerce

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// traffic is what a store was asked, by what it was for.
type traffic struct {
	writes, guards, proofs, finds, stock, facts int
}

func (c *traffic) reads() int { return c.guards + c.proofs + c.finds + c.stock + c.facts }

// note counts a request. A guard is for five batches of ten products, a proof for as many products as one request reads.
func (c *traffic) note(r *http.Request) {
	ids := r.URL.Query().Get("id:in")
	switch {
	case r.Method == http.MethodPut:
		c.writes++
	case ids != "" && strings.Count(ids, ",") < 50:
		c.guards++
	case ids != "":
		c.proofs++
	case r.URL.Query().Has("sku:in"):
		c.finds++
	case strings.HasSuffix(r.URL.Path, "/inventory/items"):
		c.stock++
	default:
		c.facts++
	}
}

// TestBudgetOfChanges counts what a large apply costs, and holds that, and how long it takes at the pace of the quota, against what Prepare
// said. What is done is what an apply does: prepare all, and then, call by call, read the items of quantities anew, and make the changes.
func TestBudgetOfChanges(t *testing.T) {
	const call = 2000
	items := call
	if os.Getenv("RECONCILE_TEST_LONG") != "" {
		items = 5 * call
	}
	var seen traffic
	s := newShop(t, simple(items), emulator.WithWriteToken(writeSecret), emulator.WithQuota(150, 30*time.Second), emulator.WithObserver(func(r *http.Request) { seen.note(r) }))
	for _, c := range []struct {
		field  string
		before func(i int) string
		most   traffic
	}{
		{"price", func(int) string { return "10" }, traffic{writes: items / 10, guards: items / 50, proofs: items / 250, facts: 5}},
		// Each call reads its items three times: anew, right before they are written, and right after. They are read by 250, and of a list that
		// fits into one page the inventory is read in one request.
		{"qoh", func(i int) string { return fmt.Sprint(i % 7) }, traffic{writes: items / call, proofs: 3 * items / 250, stock: 3 * 2 * items / 250, facts: 10}},
	} {
		s.clock.pass(5 * time.Minute) // the connector takes the last field's requests, of the same window, for another app's, and leaves that its part
		source := s.editor(t, nil)
		var calls [][]sdk.Change
		var said sdk.Cost
		for from := 0; from < items; from += call {
			var changes []sdk.Change
			for i := from; i < from+call; i++ {
				changes = append(changes, want(t, fmt.Sprint(i), fmt.Sprint(10_000+i), fmt.Sprintf("SKU-%06d", i), c.field, c.before(i), "99"))
			}
			calls = append(calls, changes)
			_, cost := prepared(t, source, changes)
			said.Requests, said.Time = said.Requests+cost.Requests, said.Time+cost.Time
		}
		t.Logf("%s: to prepare it took %+v", c.field, seen)
		refused, began := s.Traffic().Refused, s.clock.Now()
		seen = traffic{}
		for _, changes := range calls {
			if c.field == "qoh" {
				anew(t, source, changes)
			}
			got, err := applied(t.Context(), t, source, changes)
			if err != nil {
				t.Fatal(err)
			}
			for key, o := range got {
				if o.Kind != sdk.Applied {
					t.Fatalf("%s: %+v", key, o)
				}
			}
		}
		took := s.clock.Now().Sub(began)
		t.Logf("%s: %+v, %d reads, in %s; told were %d requests in %s", c.field, seen, seen.reads(), took, said.Requests, said.Time)
		if m := c.most; seen.writes > m.writes || seen.guards > m.guards || seen.proofs > m.proofs || seen.finds > m.finds || seen.stock > m.stock || seen.facts > m.facts {
			t.Errorf("%s: %+v, want at most %+v", c.field, seen, c.most)
		}
		if n := s.Traffic().Refused - refused; n > 0 {
			t.Errorf("%s: %d requests were answered 429", c.field, n)
		}
		all := int64(seen.writes + seen.reads())
		if said.Requests*10 < all*8 || said.Requests*10 > all*12 {
			t.Errorf("%s: it was to take %d requests, and took %d", c.field, said.Requests, all)
		}
		if items > call && (said.Time < took*8/10 || said.Time > took*12/10) {
			t.Errorf("%s: it was to take %s, and took %s", c.field, said.Time, took)
		}
		seen = traffic{}
	}
	for at, n := range s.Writes() {
		if n != 1 {
			t.Fatalf("%v was written %d times", at, n)
		}
	}
}

// anew reads the items of changes, as whoever sets quantities does first.
func anew(t *testing.T, source *Source, changes []sdk.Change) {
	t.Helper()
	var refs []sdk.Ref
	for _, c := range changes {
		refs = append(refs, c.Item)
	}
	found := 0
	req := sdk.FetchRequest{ReadRequest: sdk.NewReadRequest([]string{"id", "sku", "qoh"}, func(string) {}), Items: refs}
	if err := source.Fetch(t.Context(), req, func(sdk.Item) error {
		found++
		return nil
	}); err != nil || found != len(changes) {
		t.Fatalf("%d of %d items, %v", found, len(changes), err)
	}
}
