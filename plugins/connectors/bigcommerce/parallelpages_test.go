package bigcommerce

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// TestAnyChangeWhileReading lets products come and go at any requests of a read, several pages of which are under way at
// a time: what was there all the time is read, once.
func TestAnyChangeWhileReading(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, id := &emulator.Catalog{}, int64(100)
		for i := range rapid.IntRange(5, 60).Draw(rt, "products") {
			id += rapid.SampledFrom([]int64{1, 1, 1, 2, 3, 250}).Draw(rt, "step")
			c.Products = append(c.Products, &emulator.Product{ID: id, SKU: fmt.Sprintf("P%03d", i), Name: fmt.Sprint(i), Stock: emulator.Units(int64(i))})
		}
		type change struct{ deleted, added int }
		changes := rapid.MapOfN(rapid.IntRange(1, 30), rapid.Custom(func(t *rapid.T) change {
			return change{rapid.IntRange(0, 3).Draw(t, "deleted"), rapid.IntRange(0, 3).Draw(t, "added")}
		}), 0, 6).Draw(rt, "changes")
		places := rapid.SliceOfN(rapid.IntRange(0, 1000), 20, 20).Draw(rt, "places")
		stays, ever := map[string]bool{}, map[string]bool{}
		for _, p := range c.Products {
			stays[p.SKU], ever[p.SKU] = true, true
		}
		var mu sync.Mutex
		var server *emulator.Server
		var plain atomic.Bool
		place, added := 0, 0
		s := newShop(t, c, emulator.WithQuota(0, 0), emulator.WithFaults(func(n int, _ *http.Request) emulator.Fault {
			what, ok := changes[n]
			answers := emulator.After(func() {})
			if plain.Load() {
				answers = without("id:greater", "sort", "direction")
			}
			if !ok {
				return answers
			}
			return after(answers, func() {
				mu.Lock()
				defer mu.Unlock()
				if err := server.Update(func(c *emulator.Catalog) {
					for range min(what.deleted, len(c.Products)-1) {
						at := places[place%len(places)] % len(c.Products)
						place++
						delete(stays, c.Products[at].SKU)
						c.Products = slices.Delete(c.Products, at, at+1)
					}
					for range what.added {
						sku := fmt.Sprintf("N%03d", added)
						added++
						ever[sku] = true
						c.Products = append(c.Products, &emulator.Product{ID: 100_000 + int64(added), SKU: sku, Name: sku, Stock: emulator.Units(1)})
					}
				}); err != nil {
					t.Error(err)
				}
			})
		}))
		server = s.Server
		source := s.source(t, nil)
		source.pages = pageSizes{products: 3, variants: 3, brands: 3, stock: 4, orders: 3, parallel: 2}
		plain.Store(rapid.Bool().Draw(rt, "an API that knows page numbers only"))
		got := read(t, source, "sku", "name", "qoh")
		if got.err != nil {
			if strings.Contains(got.err.Error(), "when the store is quieter") { // it says so, and nothing is lost
				return
			}
			rt.Fatal(got.err)
		}
		seen := map[string]bool{}
		for _, it := range got.items {
			if seen[it["sku"]] || !ever[it["sku"]] {
				rt.Errorf("%q was read twice, or never was there", it["sku"])
			}
			seen[it["sku"]] = true
			if n, err := strconv.Atoi(it["name"]); err == nil && it["qoh"] != strconv.Itoa(n) && stays[it["sku"]] {
				rt.Errorf("%s has %q in stock, want %d", it["sku"], it["qoh"], n)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		for sku := range stays {
			if !seen[sku] {
				rt.Errorf("%s was there all the time and was not read", sku)
			}
		}
	})
}

// without answers as an API that takes no notice of some parameters.
func without(names ...string) emulator.Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		query := r.URL.Query()
		for _, name := range names {
			query.Del(name)
		}
		r = r.Clone(r.Context())
		r.URL.RawQuery = query.Encode()
		answer.ServeHTTP(w, r)
	}
}

// after calls then once a fault, or what is no fault, has answered.
func after(fault emulator.Fault, then func()) emulator.Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		fault(w, r, answer)
		then()
	}
}

// TestAbreastOfALesserAPI reads several pages at a time from APIs that do not page as the vendor's does.
func TestAbreastOfALesserAPI(t *testing.T) {
	both := func(status int) emulator.Fault {
		return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
			if query := r.URL.Query(); query.Has("page") && query.Has("id:greater") {
				w.WriteHeader(status)
				return
			}
			answer.ServeHTTP(w, r)
		}
	}
	fewer := func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		query := r.URL.Query()
		query.Set("limit", "2")
		r = r.Clone(r.Context())
		r.URL.RawQuery = query.Encode()
		answer.ServeHTTP(w, r)
	}
	for name, fault := range map[string]emulator.Fault{
		"no id:greater":                    without("id:greater"),
		"no page":                          without("page"),
		"no order":                         without("sort", "direction"),
		"nothing but pages":                without("id:greater", "sort", "direction"),
		"no page behind an identifier":     both(http.StatusUnprocessableEntity),
		"no page behind an identifier, V2": both(http.StatusBadRequest),
		"smaller pages than asked for":     fewer,
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, large(60), on("/catalog/products", fault))
			source := s.source(t, nil)
			source.pages = pageSizes{products: 4, variants: 250, brands: 250, stock: 1000, orders: 250, parallel: 2}
			got := read(t, source, "sku", "name", "qoh")
			if names := got.column(t, "name"); len(names) != 60 {
				t.Errorf("%d items", len(names))
			}
		})
	}
}

// TestLargeAnswersAbreast meets a page that is too large while several are under way: it goes on with smaller ones.
func TestLargeAnswersAbreast(t *testing.T) {
	s := newShop(t, large(200))
	source := s.source(t, nil)
	source.pages = pageSizes{products: 20, variants: 250, brands: 250, stock: 1000, orders: 250, parallel: 2}
	client, err := source.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client.MostBytes = 62_000
	if err := s.Update(func(c *emulator.Catalog) { c.Products[len(c.Products)-30].Name = strings.Repeat("long ", 8000) }); err != nil {
		t.Fatal(err)
	}
	if got := read(t, source, "sku", "name"); got.err != nil || len(got.items) != 200 {
		t.Errorf("%d items, error %v", len(got.items), got.err)
	}
}

// TestAllWaitWhileOneTries lets an API with many requests under way fail for good, or for a while: those under way fail,
// then one after the other is tried, and nothing else is asked until one is answered.
func TestAllWaitWhileOneTries(t *testing.T) {
	for name, fault := range map[string]emulator.Fault{"500": emulator.Status(500), "bare 429": emulator.BareTooManyRequests(),
		"429": emulator.TooManyRequests(1500), "reset": emulator.Reset()} {
		for _, until := range []int{24, 1 << 30} {
			t.Run(fmt.Sprintf("%s until request %d", name, until), func(t *testing.T) {
				t.Parallel()
				const from = 20
				s := newShop(t, large(600), emulator.WithQuota(0, 0), emulator.WithFaults(func(n int, _ *http.Request) emulator.Fault {
					if n >= from && n < until {
						return fault
					}
					return nil
				}))
				source := s.source(t, nil)
				source.pages = pageSizes{products: 4, variants: 250, brands: 250, stock: 250, orders: 250, parallel: 2}
				got := read(t, source, "sku", "name", "qoh")
				if until < 1<<30 {
					if got.err != nil || len(got.items) != 600 {
						t.Errorf("%d items, error %v", len(got.items), got.err)
					}
					return
				}
				if got.err == nil || !strings.Contains(got.err.Error(), "after 6 tries in ") {
					t.Errorf("error %v", got.err)
				}
				failed := webapi.BlindInFlight + webapi.MostTries - 1
				if name == "reset" {
					failed *= 2 // Go asks again by itself where a connection breaks
				}
				// While the first failure is on its way, each of the others under way may still end well and let another one in.
				if most := from - 1 + failed + webapi.BlindInFlight - 1; s.Requests() > most {
					t.Errorf("%d requests, want at most %d: those under way, and five tries of one", s.Requests(), most)
				}
			})
		}
	}
}
