package bigcommerce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// small pages make a store of seven products one of three pages, which are read at the same time.
var small = pageSizes{products: 3, variants: 3, brands: 3, stock: 3, orders: 3, parallel: 2}

// threePages is a store of three pages of products, with brands, stock and two pages of orders.
func threePages() *emulator.Catalog {
	c := &emulator.Catalog{}
	for i := range 7 {
		c.Products = append(c.Products, &emulator.Product{SKU: fmt.Sprintf("P%03d", i), Name: fmt.Sprintf("Product %d", i),
			Brand: fmt.Sprintf("Brand %d", i%4), Stock: emulator.Units(int64(i))})
	}
	for i := range 4 {
		c.Orders = append(c.Orders, &emulator.Order{ID: int64(1001 + i), Status: "Pending",
			Lines: []*emulator.Line{{SKU: fmt.Sprintf("P%03d", i%2), Quantity: 2}}})
	}
	return c
}

func paged(s *Source) *Source {
	s.pages = small
	return s
}

var faultFields = []string{"sku", "name", "brand", "qoh", "pending", "url"}

// everyFault returns all that may go wrong with one request.
func everyFault() map[string]emulator.Fault {
	return map[string]emulator.Fault{
		"bare 429": emulator.BareTooManyRequests(), "429": emulator.TooManyRequests(1500), "500": emulator.Status(500),
		"502": emulator.Status(502), "503": emulator.Status(503), "504": emulator.Status(504), "423": emulator.Status(423),
		"HTML": emulator.HTML(), "reset": emulator.Reset(), "truncated": emulator.Truncated(),
		"cut short": emulator.CutShort(), "empty 200": emulator.Status(200), "204": emulator.Status(204),
	}
}

// TestEveryFaultAtEveryRequest spoils each request of a read in turn, in each way: once, which the read must survive
// with the same items, and from then on, which must fail it.
func TestEveryFaultAtEveryRequest(t *testing.T) {
	given := settings{"imported_through": 1000}
	healthy := newShop(t, threePages())
	want := read(t, paged(healthy.source(t, given)), faultFields...)
	if want.err != nil || len(want.items) != 7 {
		t.Fatalf("%d items, error %v", len(want.items), want.err)
	}
	for name, fault := range everyFault() {
		for at := 1; at <= healthy.Requests(); at++ {
			for _, lasting := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s at request %d, lasting %v", name, at, lasting), func(t *testing.T) {
					t.Parallel()
					var meaningful atomic.Bool // a 204 from the orders is no fault: it says that there are no more
					s := newShop(t, threePages(), emulator.WithFaults(func(n int, r *http.Request) emulator.Fault {
						if n == at || lasting && n > at {
							if name == "204" && strings.HasSuffix(r.URL.Path, "/orders") {
								meaningful.Store(true)
							}
							return fault
						}
						return nil
					}))
					got := read(t, paged(s.source(t, given)), faultFields...)
					switch {
					case meaningful.Load():
					case lasting && (got.err == nil || !strings.Contains(got.err.Error(), "after 6 tries in ")):
						t.Errorf("error %v, want one that says what was tried", got.err)
					case !lasting && got.err != nil:
						t.Errorf("error %v", got.err)
					case !lasting:
						if diff := cmp.Diff(want.items, got.items); diff != "" {
							t.Errorf("items (-want +got):\n%s", diff)
						}
					}
				})
			}
		}
	}
}

func TestWaiting(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    emulator.Fault
		from, to time.Duration // of all pauses together
	}{
		{"a 429 that says how long", emulator.TooManyRequests(7000), 7 * time.Second, 7250 * time.Millisecond},
		{"a bare 429", emulator.BareTooManyRequests(), time.Second, 1250 * time.Millisecond},
		{"a 503 that says how long", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Retry-After", "5")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, 5 * time.Second, 5250 * time.Millisecond},
		{"a 500", emulator.Status(500), time.Second, 1250 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t, mixed(t), emulator.WithFaults(func(n int, _ *http.Request) emulator.Fault {
				if n == 1 {
					return c.fault
				}
				return nil
			}))
			if got := read(t, s.source(t, nil), "sku"); got.err != nil {
				t.Fatal(got.err)
			}
			if d := s.clock.total(); d < c.from || d > c.to {
				t.Errorf("waited %s, want %s to %s", d, c.from, c.to)
			}
		})
	}
}

func TestGivingUp(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault emulator.Fault
		want  string
	}{
		{"bare 429", emulator.BareTooManyRequests(), "page 1 of GET /v3/catalog/products: 429 Too Many Requests after 6 tries in 3"},
		{"a wait that is too long", emulator.TooManyRequests(3600_000),
			"page 1 of GET /v3/catalog/products: 429 Too Many Requests after 1 try in 0s; the API asks to wait 1h0m0s"},
		{"truncated", emulator.Truncated(), "the answer broke off: unexpected EOF after 6 tries"},
		{"HTML", emulator.HTML(), "the answer makes no sense: it is not the JSON that was expected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t, mixed(t), emulator.WithFaults(func(int, *http.Request) emulator.Fault { return c.fault }))
			got := read(t, s.source(t, nil), "sku")
			if got.err == nil || !strings.Contains(got.err.Error(), c.want) {
				t.Errorf("error %v\nwant     %s", got.err, c.want)
			}
		})
	}
}

// TestQuotaIsKept reads with a quota that the read exceeds several times over: no request may be answered 429.
func TestQuotaIsKept(t *testing.T) {
	var refused atomic.Int64
	s := newShop(t, threePages(), emulator.WithQuota(5, 10*time.Second), emulator.WithFaults(
		func(int, *http.Request) emulator.Fault {
			return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
				answer.ServeHTTP(&spy{w, &refused}, r)
			}
		}))
	got := read(t, paged(s.source(t, settings{"imported_through": 1000})), faultFields...)
	if got.err != nil || len(got.items) != 7 || refused.Load() > 0 {
		t.Errorf("%d items, %d requests refused, error %v", len(got.items), refused.Load(), got.err)
	}
	// Of five requests three are used; the last window need not be waited out.
	if most := time.Duration(s.Requests()/3) * 10 * time.Second; s.clock.total() == 0 || s.clock.total() > most {
		t.Errorf("waited %s for %d requests, want at most %s", s.clock.total(), s.Requests(), most)
	}
}

type spy struct {
	http.ResponseWriter
	refused *atomic.Int64
}

func (s *spy) WriteHeader(status int) {
	if status == http.StatusTooManyRequests {
		s.refused.Add(1)
	}
	s.ResponseWriter.WriteHeader(status)
}

func TestCancelledWhileWaiting(t *testing.T) {
	why := errors.New("the user has had enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	s := newShop(t, mixed(t), emulator.WithFaults(func(n int, _ *http.Request) emulator.Fault {
		if n == 2 {
			cancel(why)
		}
		return emulator.BareTooManyRequests()
	}))
	_, err := sdk.ReadAll(ctx, s.source(t, nil), sdk.NewReadRequest([]string{"sku"}, func(string) {}),
		func(*catalog.Batch) error { return nil })
	if !errors.Is(err, why) || s.Requests() != 2 {
		t.Errorf("error %v after %d requests", err, s.Requests())
	}
}

// TestChangesWhileReading changes the store between any two requests; what was there all the time must be read.
func TestChangesWhileReading(t *testing.T) {
	changes := map[string]func(c *emulator.Catalog){
		"the first product is deleted": func(c *emulator.Catalog) { c.Products = c.Products[1:] },
		"the first products are deleted and as many added": func(c *emulator.Catalog) {
			c.Products = c.Products[3:]
			for i := range 3 {
				c.Products = append(c.Products, &emulator.Product{SKU: fmt.Sprintf("N%d", i), Name: "New", Brand: "New", Stock: emulator.Units(1)})
			}
		},
		"a product is added": func(c *emulator.Catalog) {
			c.Products = append(c.Products, &emulator.Product{SKU: "N0", Name: "New", Brand: "New", Stock: emulator.Units(1)})
		},
		"a product gets variants": func(c *emulator.Catalog) {
			c.Products[0].Variants = []*emulator.Variant{{SKU: "N0", Options: map[string]string{"Size": "S"}}}
		},
		"the first order is deleted": func(c *emulator.Catalog) { c.Orders = c.Orders[1:] },
	}
	healthy := newShop(t, threePages())
	read(t, paged(healthy.source(t, settings{"imported_through": 1000})), faultFields...)
	for name, change := range changes {
		for at := 1; at <= healthy.Requests(); at++ {
			t.Run(fmt.Sprintf("%s after request %d", name, at), func(t *testing.T) {
				t.Parallel()
				var s *shop
				s = newShop(t, threePages(), emulator.WithFaults(func(n int, _ *http.Request) emulator.Fault {
					if n != at {
						return nil
					}
					return emulator.After(func() {
						if err := s.Update(change); err != nil {
							t.Error(err)
						}
					})
				}))
				got := read(t, paged(s.source(t, settings{"imported_through": 1000})), faultFields...)
				names, stock := got.column(t, "name"), got.column(t, "qoh")
				for i := 3; i < 7; i++ {
					sku := fmt.Sprintf("P%03d", i)
					if names[sku] != fmt.Sprintf("Product %d", i) || stock[sku] != fmt.Sprint(i) {
						t.Errorf("%s: name %q, qoh %q", sku, names[sku], stock[sku])
					}
				}
			})
		}
	}
}

// TestLateProducts adds a product once all pages were read: it is noticed and read.
func TestLateProducts(t *testing.T) {
	var s *shop
	s = newShop(t, mixed(t), emulator.WithFaults(func(n int, _ *http.Request) emulator.Fault {
		if n != 1 {
			return nil
		}
		return emulator.After(func() {
			if err := s.Update(func(c *emulator.Catalog) {
				c.Products = append(c.Products, &emulator.Product{SKU: "LATE", Name: "Late"})
			}); err != nil {
				t.Error(err)
			}
		})
	}))
	got := read(t, s.source(t, nil), "sku", "name")
	if names := got.column(t, "name"); len(names) != 5 || names["LATE"] != "Late" || len(got.warnings) > 0 {
		t.Errorf("%+v", got)
	}
}
