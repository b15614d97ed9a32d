package bigcommerce

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
)

// later is threePages an hour later: a product has changed, one was deleted, one has another SKU under its old date, one
// was added, a brand has another name, stock has moved, and an order came and one went.
func later() *emulator.Catalog {
	c := threePages()
	for i, p := range c.Products {
		p.ID, p.BaseVariantID = int64(100+i), int64(1000+i)
	}
	date := newClock().now.Add(30 * time.Minute).Format(time.RFC3339)
	c.Products[0].Name, c.Products[0].Modified = "Renamed", date
	c.Products[4].SKU = "Q004"
	c.Products[5].Stock = emulator.Units(50)
	c.Products = append(c.Products, &emulator.Product{SKU: "NEW", Name: "New", Brand: "Brand 9", Modified: date, Stock: emulator.Units(1)})
	c.Products = slices.Delete(c.Products, 2, 3)
	c.Brands = []*emulator.Brand{{ID: 10, Name: "Brand 0"}, {ID: 11, Name: "Another"}, {ID: 12, Name: "Brand 2"}, {ID: 13, Name: "Brand 3"}}
	for _, p := range c.Products {
		if p.Brand == "Brand 1" {
			p.Brand = "Another"
		}
	}
	c.Orders = append(c.Orders[1:], &emulator.Order{ID: 1005, Status: "Pending", Lines: []*emulator.Line{{SKU: "NEW", Quantity: 1}}})
	return c
}

// smallPages is paged but for orders, which come on one page as those that are not imported usually do.
func smallPages(s *Source) *Source {
	s.pages = small
	s.pages.orders = usualPages.orders
	return s
}

// shopLater serves the store an hour later.
func shopLater(t *testing.T, options ...emulator.Option) *shop {
	t.Helper()
	s := newShop(t, later(), options...)
	s.clock.pass(time.Hour)
	return s
}

// TestEveryFaultAtEveryRequestOfARefresh spoils each request of a refresh in turn, in each way: once, which it must
// survive with the same items, and from then on, which must fail it and leave the copy as it was.
func TestEveryFaultAtEveryRequestOfARefresh(t *testing.T) {
	given := settings{"imported_through": 1000}
	first := newShop(t, threePages())
	held := newCopy(faultFields...)
	old := held.pulled(t, smallPages(first.source(t, given))).items
	healthy, refreshed := shopLater(t), *held
	want := refreshed.pulled(t, smallPages(healthy.source(t, given))).items
	if len(old) != 7 || len(want) != 7 || cmp.Equal(old, want) {
		t.Fatalf("%v\nand %v", old, want)
	}
	counting, again := shopLater(t), *held
	if err := again.pull(t, smallPages(counting.source(t, given))); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d requests", counting.Requests())
	for name, fault := range everyFault() {
		for at := 1; at <= counting.Requests(); at++ {
			for _, lasting := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s at request %d, lasting %v", name, at, lasting), func(t *testing.T) {
					t.Parallel()
					var meaningful atomic.Bool // a 204 from the orders is no fault: it says that there are no more
					s := shopLater(t, emulator.WithFaults(func(n int, r *http.Request) emulator.Fault {
						if n == at || lasting && n > at {
							if name == "204" && strings.HasSuffix(r.URL.Path, "/orders") {
								meaningful.Store(true)
							}
							return fault
						}
						return nil
					}))
					source, held := smallPages(s.source(t, given)), *held
					err := held.pull(t, source)
					got := held.items(t, source)
					switch {
					case meaningful.Load():
					case lasting && (err == nil || !strings.Contains(err.Error(), "after 6 tries in ")):
						t.Errorf("error %v, want one that says what was tried", err)
					case lasting && !cmp.Equal(old, got.items):
						t.Errorf("the copy is not as it was: %s", cmp.Diff(old, got.items))
					case !lasting && err != nil:
						t.Errorf("error %v", err)
					case !lasting:
						if diff := cmp.Diff(want, got.items); diff != "" {
							t.Errorf("items (-want +got):\n%s", diff)
						}
					}
				})
			}
		}
	}
}

// TestResume breaks a full pull off at each of its requests: the next one goes on where it stopped, though the store has
// changed meanwhile.
func TestResume(t *testing.T) {
	given := settings{"imported_through": 1000}
	healthy := newShop(t, threePages())
	if err := newCopy(faultFields...).pull(t, smallPages(healthy.source(t, given))); err != nil {
		t.Fatal(err)
	}
	resumed := 0
	for at := 1; at <= healthy.Requests(); at++ {
		t.Run(fmt.Sprintf("from request %d on", at), func(t *testing.T) {
			broken := newShop(t, threePages(), emulator.WithFaults(func(n int, _ *http.Request) emulator.Fault {
				if n >= at {
					return emulator.Status(500)
				}
				return nil
			}))
			held := newCopy(faultFields...)
			if err := held.pull(t, smallPages(broken.source(t, given))); err == nil {
				t.Fatal("no error")
			}
			var first atomic.Bool
			s := shopLater(t, emulator.WithObserver(func(r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/products") && first.CompareAndSwap(false, true) && r.URL.Query().Has("id:greater") {
					resumed++
				}
			}))
			held.pulled(t, smallPages(s.source(t, given)))
		})
	}
	if resumed < 3 {
		t.Errorf("%d pulls went on where another had stopped, want 3: one after each page", resumed)
	}
}
