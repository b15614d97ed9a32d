package bigcommerce

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// thirty are 30 changes in three batches: of ten products, of ten variants, and of ten quantities.
func thirty(t tester) (*emulator.Catalog, []sdk.Change) {
	t.Helper()
	c := &emulator.Catalog{}
	var prices, own, stock []sdk.Change
	for i := range 10 {
		id := int64(i)
		c.Products = append(c.Products,
			&emulator.Product{ID: 100 + id, BaseVariantID: 1000 + id, SKU: fmt.Sprintf("S%d", i), Name: fmt.Sprintf("Simple %d", i), Price: catalog.Int(10), Stock: emulator.Units(id)},
			&emulator.Product{ID: 200 + id, SKU: fmt.Sprintf("M%d", i), Name: fmt.Sprintf("Many %d", i), Price: catalog.Int(20), Variants: []*emulator.Variant{
				{ID: 2000 + id, SKU: fmt.Sprintf("V%d", i), Options: map[string]string{"Size": "S"}, Stock: emulator.Units(3)}}})
		prices = append(prices, want(t, fmt.Sprintf("price %d", i), fmt.Sprint(1000+i), fmt.Sprintf("S%d", i), "price", "10", "11"))
		own = append(own, want(t, fmt.Sprintf("own %d", i), fmt.Sprint(2000+i), fmt.Sprintf("V%d", i), "price", "20", "21"))
		stock = append(stock, want(t, fmt.Sprintf("stock %d", i), fmt.Sprint(1000+i), fmt.Sprintf("S%d", i), "qoh", fmt.Sprint(i), "50"))
	}
	return c, append(append(prices, own...), stock...)
}

// inStore returns what the store holds of each change now.
func inStore(t tester, s *shop, changes []sdk.Change) map[string]sdk.Value {
	t.Helper()
	held := map[string]sdk.Value{}
	byID := map[string]item{}
	for _, it := range read(t, s.source(t, nil), "id", "price", "qoh").items {
		byID[it["id"]] = it
	}
	for _, c := range changes {
		held[c.Key] = value(t, c.Field, byID[c.Item.ID][c.Field])
	}
	return held
}

// agree holds the outcomes against the store: exactly one each, none that says another thing than the store, nothing written twice,
// and, once more from the start, all is done.
func agree(t *testing.T, s *shop, changes []sdk.Change, got map[string]sdk.Outcome, err error, healed func()) {
	t.Helper()
	held := inStore(t, s, changes)
	for _, c := range changes {
		o, told := got[c.Key]
		switch {
		case !told && err == nil:
			t.Errorf("%s has no outcome", c.Key)
		case !told || o.Kind == sdk.Unknown || o.Kind == sdk.Pending:
		case o.Kind.IsDone() != held[c.Key].Equal(c.Desired):
			t.Errorf("%s: %s (%s), and the store has %s", c.Key, o.Kind, o.Reason, held[c.Key].Text())
		}
	}
	for at, n := range s.Writes() {
		if n > 1 {
			t.Errorf("%v was written %d times", at, n)
		}
	}
	if n := s.Overwritten(); n > 0 {
		t.Errorf("%d foreign values were overwritten", n)
	}
	healed()
	again, err := applied(t.Context(), t, s.editor(t, nil), changes)
	if err != nil {
		t.Error(err)
	}
	for _, c := range changes {
		if kind := again[c.Key].Kind; !kind.IsDone() {
			t.Errorf("the second time, %s: %+v", c.Key, again[c.Key])
		}
	}
	for at, n := range s.Writes() {
		if n > 1 {
			t.Errorf("%v was written %d times in the end", at, n)
		}
	}
}

// TestFaultsOfChanges spoils each request of an apply of 30 changes in three batches, in each way, once and from then on.
func TestFaultsOfChanges(t *testing.T) {
	c, changes := thirty(t)
	healthy := changeShop(t, c)
	if got, err := applied(t.Context(), t, healthy.editor(t, nil), changes); err != nil || got["stock 3"].Kind != sdk.Applied {
		t.Fatalf("%+v, %v", got, err)
	}
	total := healthy.Requests()
	if total < 8 || total > 25 {
		t.Fatalf("an apply takes %d requests", total)
	}
	faults := map[string]emulator.Fault{"429": emulator.TooManyRequests(3000), "a long 429": emulator.TooManyRequests(20_000), "bare 429": emulator.BareTooManyRequests(),
		"500": emulator.Status(500), "502": emulator.Status(502), "503": emulator.Status(503), "408": emulator.Status(408),
		"done and 500": emulator.Done(500), "done and 502": emulator.Done(502), "done and 200 without an answer": emulator.Done(200), "207": emulator.Status(207), "done and 207": emulator.Done(207),
		"reset": emulator.Reset(), "lost": emulator.Lost(), "truncated": emulator.Truncated(), "html": emulator.HTML(),
		"409": emulator.Status(409), "413": emulator.Status(413), "422": emulator.Status(422), "done and 422": emulator.Done(422), "403": emulator.Status(403), "404": emulator.Status(404)}
	if os.Getenv("RECONCILE_TEST_LONG") == "" { // these are the most different ones
		few := []string{"lost", "500", "a long 429", "done and 207", "422", "truncated"}
		maps.DeleteFunc(faults, func(name string, _ emulator.Fault) bool { return !slices.Contains(few, name) })
	}
	for name, fault := range faults {
		for at := 1; at <= total; at++ {
			for _, lasting := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, request %d, lasting %v", name, at, lasting), func(t *testing.T) {
					t.Parallel()
					var healed atomic.Bool
					c, changes := thirty(t)
					s := changeShop(t, c, emulator.WithFaults(func(n int, _ *http.Request) emulator.Fault {
						if (n == at || lasting && n > at) && !healed.Load() {
							return fault
						}
						return nil
					}))
					got, err := applied(t.Context(), t, s.editor(t, nil), changes)
					healed.Store(true)
					agree(t, s, changes, got, err, func() {})
					if transient := strings.HasPrefix(name, "429") || name == "bare 429"; transient && !lasting {
						for key, o := range got {
							if o.Kind != sdk.Applied {
								t.Errorf("%s: %+v", key, o)
							}
						}
					}
				})
			}
		}
	}
}

// TestRefusedChanges has the store refuse some entries: all others are applied, and the refused ones say why, in the store's words.
func TestRefusedChanges(t *testing.T) {
	bad := map[string]bool{"product 103": true, "product 108": true, "variant 2000": true, "variant 2009": true, "product 105 quantity": true}
	refuse := emulator.WithRefusals(func(entry, field, _ string) string {
		if bad[entry] && field == "price" || bad[entry+" "+field] {
			return "it is not allowed for " + entry
		}
		return ""
	})
	for name, options := range map[string][]emulator.Option{"whole batches": {refuse}, "parts of batches": {refuse, emulator.WithPartialBatches()},
		"without saying which": {refuse, emulator.WithVagueErrors()}} {
		t.Run(name, func(t *testing.T) {
			c, changes := thirty(t)
			s := changeShop(t, c, options...)
			got, err := applied(t.Context(), t, s.editor(t, nil), changes)
			if err != nil {
				t.Fatal(err)
			}
			for key, o := range got {
				refused := key == "price 3" || key == "price 8" || key == "own 0" || key == "own 9" || key == "stock 5"
				if refused != (o.Kind == sdk.Rejected) || !refused && o.Kind != sdk.Applied {
					t.Errorf("%s: %+v", key, o)
				}
				if refused && !strings.Contains(o.Reason, "not allowed") && !(name == "without saying which" && key == "stock 5") && name != "parts of batches" {
					t.Errorf("%s: %s", key, o.Reason)
				}
			}
			for at, n := range s.Writes() {
				if n > 1 {
					t.Errorf("%v was written %d times", at, n)
				}
			}
		})
	}
}

// TestForeignChanges has another app change some items between any two requests: what it wrote is never overwritten unless nobody
// could see it, which is only between a look and the batches that it covers.
func TestForeignChanges(t *testing.T) {
	c, changes := thirty(t)
	healthy := changeShop(t, c)
	if _, err := applied(t.Context(), t, healthy.editor(t, nil), changes); err != nil {
		t.Fatal(err)
	}
	for at := 1; at <= healthy.Requests(); at++ {
		t.Run(fmt.Sprintf("after request %d", at), func(t *testing.T) {
			t.Parallel()
			var s *shop
			c, changes := thirty(t)
			s = changeShop(t, c, emulator.WithFaults(func(n int, _ *http.Request) emulator.Fault {
				if n != at {
					return nil
				}
				return emulator.After(func() {
					if err := s.Foreign(func(c *emulator.Catalog) {
						for _, p := range c.Products {
							switch p.ID {
							case 101: // neither what was expected nor what is wanted
								p.Price = catalog.Int(77)
							case 102:
								p.Price = catalog.Int(11)
							case 104:
								p.Stock = emulator.Units(88)
							}
						}
					}); err != nil {
						t.Error(err)
					}
				})
			}))
			got, err := applied(t.Context(), t, s.editor(t, nil), changes)
			if err != nil {
				t.Fatal(err)
			}
			held := inStore(t, s, changes)
			for _, c := range changes {
				if o := got[c.Key]; o.Kind == sdk.Conflict && held[c.Key].Equal(c.Desired) {
					t.Errorf("%s: %+v, and the store has %s", c.Key, o, held[c.Key].Text())
				}
			}
			if n := s.Overwritten(); n > 3 {
				t.Errorf("%d foreign values were overwritten", n)
			}
			if price := held["price 1"].Text(); s.Overwritten() == 0 && price != "77" {
				t.Errorf("what another app wrote is gone: %s", price)
			}
		})
	}
}

// TestAnotherAppBetweenPlanAndApply says that the conflicts are exactly the changes whose own field holds neither value.
func TestAnotherAppBetweenPlanAndApply(t *testing.T) {
	c, changes := thirty(t)
	s := changeShop(t, c)
	if err := s.Foreign(func(c *emulator.Catalog) {
		c.Products[0].Price = catalog.Int(99) // 100
		c.Products[1].Price = catalog.Int(11) // 101: what is wanted
		c.Products[2].Name = "Another"        // 102: another field
	}); err != nil {
		t.Fatal(err)
	}
	got, err := applied(t.Context(), t, s.editor(t, nil), changes)
	if err != nil {
		t.Fatal(err)
	}
	for key, o := range got {
		kind := sdk.Applied
		switch key {
		case "price 0":
			kind = sdk.Conflict
		case "price 1":
			kind = sdk.Unchanged
		}
		if o.Kind != kind {
			t.Errorf("%s: %+v, want %s", key, o, kind)
		}
	}
	if n := s.Overwritten(); n > 0 {
		t.Errorf("%d foreign values were overwritten", n)
	}
}

// TestLateStock waits for stock that the store shows late, and says so of stock that it never shows.
func TestLateStock(t *testing.T) {
	for _, c := range []struct {
		reads int
		kind  sdk.Kind
		words string
	}{{0, sdk.Applied, ""}, {4, sdk.Applied, ""}, {6, sdk.Applied, ""}, {-1, sdk.Pending, "does not show it yet"}} {
		t.Run(fmt.Sprint(c.reads), func(t *testing.T) {
			store, changes := thirty(t)
			s := changeShop(t, store, emulator.WithLateStock(c.reads))
			waited := 0
			source := s.editor(t, nil)
			req := sdk.ApplyRequest{ReadRequest: sdk.NewReadRequest(nil, func(string) {}).OnWaiting(func(until time.Time, why string) {
				if waited++; !strings.Contains(why, "show what was written") || !until.After(s.clock.Now()) {
					t.Errorf("it waits until %s for %s", until, why)
				}
			}), Changes: changes}
			got := map[string]sdk.Outcome{}
			if err := sdk.ApplyAll(t.Context(), source, req, func(o sdk.Outcome) error {
				got[o.Key] = o
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			for key, o := range got {
				if !strings.HasPrefix(key, "stock") {
					continue
				}
				if o.Kind != c.kind || !strings.Contains(o.Reason, c.words) {
					t.Errorf("%s: %+v", key, o)
				}
			}
			if (waited > 0) != (c.reads != 0) {
				t.Errorf("it told %d times that it waits", waited)
			}
		})
	}
}
