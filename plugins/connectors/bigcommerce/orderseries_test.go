package bigcommerce

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// TestManyOrders reads orders whose numbers go on densely or not, several pages at a time: each comes once, in order, and
// hardly more is asked for than one page after the other would take.
func TestManyOrders(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, id := &emulator.Catalog{}, int64(1000)
		steps := rapid.SampledFrom([][]int64{{1}, {1, 1, 1, 2}, {1, 7}, {1, 1, 1, 1, 1, 1, 1, 1, 900}}).Draw(rt, "steps")
		n := rapid.IntRange(0, 300).Draw(rt, "orders")
		for range n {
			id += rapid.SampledFrom(steps).Draw(rt, "step")
			c.Orders = append(c.Orders, &emulator.Order{ID: id, Status: "Pending", Lines: []*emulator.Line{{SKU: "A", Quantity: 1}}})
		}
		s := newShop(t, c, emulator.WithQuota(0, 0))
		client, err := s.source(t, nil).connect(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		limit := rapid.IntRange(1, 20).Draw(rt, "limit")
		r := &orderReader{session: once(client), limit: limit, from: 1001}
		got, err := r.byCursor(t.Context())
		if err != nil || len(got) != n {
			rt.Fatalf("%d orders of %d, error %v", len(got), n, err)
		}
		for i, o := range got {
			if o.ID != c.Orders[i].ID {
				rt.Errorf("order %d is %d, want %d", i, o.ID, c.Orders[i].ID)
			}
		}
		pages := n/limit + 1
		if most := pages + pages/2 + 2; len(steps) == 1 && s.Requests() > most {
			rt.Errorf("%d requests for %d pages", s.Requests(), pages)
		}
		if most := 2*pages + 8; s.Requests() > most {
			rt.Errorf("%d requests for %d pages", s.Requests(), pages)
		}
	})
}

// TestFewOrders takes no more requests than one page after the other would.
func TestFewOrders(t *testing.T) {
	for n, want := range map[int]int{0: 1, 3: 2, 4: 2, 5: 3, 9: 4} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			c := &emulator.Catalog{}
			for i := range n {
				c.Orders = append(c.Orders, &emulator.Order{ID: int64(1001 + i), Status: "Pending"})
			}
			s := newShop(t, c)
			client, err := s.source(t, nil).connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			r := &orderReader{session: once(client), limit: 4, from: 1001}
			if got, err := r.byCursor(t.Context()); err != nil || len(got) != n || s.Requests() != want {
				t.Errorf("%d orders in %d requests, want %d; error %v", len(got), s.Requests(), want, err)
			}
		})
	}
}

// TestOrdersThatShift deletes an order that was read from an API that gives the newest first and knows page numbers only:
// the first order of each further page moves to the one before.
func TestOrdersThatShift(t *testing.T) {
	c := &emulator.Catalog{}
	for i := range 5 {
		c.Orders = append(c.Orders, &emulator.Order{ID: int64(1001 + i), Status: "Pending", Lines: []*emulator.Line{{SKU: "A", Quantity: 1}}})
	}
	var s *shop
	asked := 0
	s = newShop(t, c, on("/orders", func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		at := len(c.Orders) - max(page, 1) // one order a page, the last one first
		if at < 0 {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		query := r.URL.Query()
		query.Set("min_id", strconv.FormatInt(c.Orders[at].ID, 10))
		query.Set("max_id", query.Get("min_id"))
		query.Del("page")
		r = r.Clone(r.Context())
		r.URL.RawQuery = query.Encode()
		answer.ServeHTTP(w, r)
		if asked++; asked == 5 { // the first two are for finding out what the API can do
			if err := s.Update(func(c *emulator.Catalog) { c.Orders = c.Orders[:len(c.Orders)-1] }); err != nil {
				t.Error(err)
			}
		}
	}))
	client, err := s.source(t, nil).connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := &orderReader{session: once(client), limit: 1, from: 1001}
	got, err := r.all(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int64]bool{}
	for _, o := range got {
		seen[o.ID] = true
	}
	for id := int64(1001); id <= 1004; id++ {
		if !seen[id] {
			t.Errorf("order %d was there all the time and was not read: %v", id, seen)
		}
	}
}

// once is a session that tries nothing twice.
func once(client *webapi.Client) *webapi.Session {
	session := client.Session(nil)
	session.Tries = 1
	return session
}
