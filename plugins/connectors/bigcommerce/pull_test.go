package bigcommerce

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// localCopy is a Local Copy of a shop, in memory.
type localCopy struct {
	sdk.MemoryCopy
	fields   []string
	warnings []string // of the last pull
}

func newCopy(fields ...string) *localCopy { return &localCopy{fields: fields} }

func (c *localCopy) pull(t tester, source *Source) error {
	t.Helper()
	c.warnings = nil
	return c.Pull(t.Context(), source, sdk.NewPullRequest(c.fields, func(text string) { c.warnings = append(c.warnings, text) }), false)
}

// items returns what the copy's records make.
func (c *localCopy) items(t tester, source *Source) (got result) {
	t.Helper()
	w := writerOf(t, source, c.fields, got.take)
	req := sdk.NewReadRequest(c.fields, func(text string) { got.warnings = append(got.warnings, text) })
	if got.err = c.Assemble(t.Context(), source, req, w); got.err == nil {
		got.err = w.Flush()
	}
	got.currencies, got.units = w.Currencies(), w.Units()
	return got
}

// writerOf returns a writer of items of the source with those fields.
func writerOf(t tester, source *Source, fields []string, send func(*catalog.Batch) error) *sdk.Writer {
	t.Helper()
	offered, err := source.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	schema, err := catalog.NewSchema(offered...)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := schema.Select(fields)
	if err != nil {
		t.Fatal(err)
	}
	w, err := sdk.NewWriter(t.Context(), asked.Fields(), send)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// allNames returns the names of all fields.
func allNames() []string {
	var names []string
	for _, f := range allFields() {
		names = append(names, f.Name)
	}
	return names
}

// pulled pulls, and compares what the copy then makes with a fresh read in full.
func (c *localCopy) pulled(t tester, source *Source) result {
	t.Helper()
	if err := c.pull(t, source); err != nil {
		t.Fatalf("Pull: %v", err)
	}
	want, got := read(t, source, c.fields...), c.items(t, source)
	if want.err != nil || got.err != nil {
		t.Fatalf("read: %v; assemble: %v", want.err, got.err)
	}
	if !slices.EqualFunc(want.items, got.items, maps.Equal) {
		t.Fatalf("the copy's items differ from those of a full read (-read +copy):\n%s", cmp.Diff(want.items, got.items))
	}
	// A refresh need not notice that deleted products have left variants behind.
	orphans := func(text string) bool { return strings.Contains(text, "no product and left out") }
	if diff := cmp.Diff(slices.DeleteFunc(want.warnings, orphans), slices.DeleteFunc(slices.Clone(got.warnings), orphans), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the copy's warnings differ from those of a full read (-read +copy):\n%s", diff)
	}
	return got
}

func TestCopyOfEveryField(t *testing.T) {
	c := mixed(t)
	c.Orphans = []*emulator.Variant{{SKU: "GHOST"}}
	c.Orders = []*emulator.Order{order1(7, "Pending", &emulator.Line{SKU: "TEE-S", Quantity: 2})}
	s := newShop(t, c)
	for name, given := range map[string]settings{
		"everything": {"imported_through": 0}, "on hand at one location": {"quantity": "on_hand", "locations": []int{2}},
	} {
		t.Run(name, func(t *testing.T) {
			held := newCopy(allNames()...)
			got := held.pulled(t, s.source(t, given))
			if len(got.items) != 4 || !strings.HasPrefix(strings.Join(got.warnings, "\n"), "1 variant belongs to no product") {
				t.Errorf("%d items, warnings %q", len(got.items), got.warnings)
			}
		})
	}
}

// busy is a store of 10,000 SKUs with 100 orders, of which 80 are not imported.
func busy(brands int) *emulator.Catalog {
	c := large(10_000)
	for i, p := range c.Products {
		p.Brand = fmt.Sprintf("Brand %d", i%brands)
	}
	for i := range 100 {
		c.Orders = append(c.Orders, &emulator.Order{ID: int64(501 + i), Status: "Awaiting Fulfillment",
			Lines: []*emulator.Line{{SKU: "P000000", Quantity: 1}}})
	}
	return c
}

// TestRequestsOfARefresh counts them: at most 5 where nothing has changed, and one for each 1,000 SKUs of stock; at most 3
// more where 100 products have.
func TestRequestsOfARefresh(t *testing.T) {
	untracked := busy(200)
	for i := range 50 {
		untracked.Products[i*7].Tracking = "none"
	}
	for _, c := range []struct {
		name  string
		store *emulator.Catalog
		given settings
	}{
		{"stock is kept of all products, and there are two pages of brands", busy(300), settings{"imported_through": 520}},
		{"some are not tracked", untracked, settings{"imported_through": 520}},
		{"no order is imported", busy(200), settings{"imported_through": 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, c.store, emulator.WithQuota(0, 0))
			source, held := s.source(t, c.given), newCopy(allNames()...)
			requests := func() int {
				t.Helper()
				before := s.Requests()
				s.clock.pass(time.Hour)
				if err := held.pull(t, source); err != nil {
					t.Fatal(err)
				}
				return s.Requests() - before
			}
			if n := requests(); n > 80 {
				t.Errorf("%d requests to read everything, want at most 80", n)
			}
			if n := requests(); n > 5+10 {
				t.Errorf("%d requests where nothing has changed, want at most 5 and one for each 1,000 SKUs of stock", n)
			}
			if err := s.Update(func(c *emulator.Catalog) {
				for i := range 70 {
					c.Products[i*20].Price = *decimal(t, "77")
				}
				for i := range 10 {
					c.Products[i*20+3].SKU = fmt.Sprintf("NEW-%d", i)
					c.Products = append(c.Products, &emulator.Product{SKU: fmt.Sprintf("ADDED-%d", i), Name: fmt.Sprintf("Added %d", i), Brand: "Another", Stock: emulator.Units(1)})
					c.Products = slices.Delete(c.Products, 100*i, 100*i+1)
				}
				c.Orders[30].Status = "Cancelled"
				c.Orders = append(c.Orders, &emulator.Order{Status: "Pending", Lines: []*emulator.Line{{SKU: "P000000", Quantity: 1}}})
			}); err != nil {
				t.Fatal(err)
			}
			if n := requests(); n > 5+10+3 {
				t.Errorf("%d requests where 100 products have changed, want at most 3 more", n)
			}
			held.pulled(t, source)
		})
	}
}

// TestFullAgain says when everything is read again, by itself.
func TestFullAgain(t *testing.T) {
	for _, c := range []struct {
		name   string
		given  settings
		after  time.Duration
		option emulator.Option
		full   bool
		warned string
	}{
		{"soon", nil, 23 * time.Hour, nil, false, ""},
		{"a day later", nil, 24 * time.Hour, nil, true, ""},
		{"as the setting says", settings{"full_refresh": "30m"}, 31 * time.Minute, nil, true, ""},
		{"each time", settings{"full_refresh": "0s"}, 0, nil, true, ""},
		{"the API refuses dates", nil, time.Hour, on("date_modified%3Amin", emulator.Status(422)), true, "the API does not tell which products have changed"},
		{"the clock was set back", nil, -time.Hour, nil, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var dated, whole atomic.Bool
			options := []emulator.Option{emulator.WithObserver(func(r *http.Request) {
				if q := r.URL.Query(); strings.HasSuffix(r.URL.Path, "/products") && q.Get("include") == "variants" {
					if q.Has("date_modified:min") {
						dated.Store(true)
					} else {
						whole.Store(true)
					}
				}
			})}
			if c.option != nil {
				options = append(options, c.option)
			}
			s := newShop(t, mixed(t), options...)
			source, held := s.source(t, c.given), newCopy("sku", "price", "qoh")
			if err := held.pull(t, source); err != nil {
				t.Fatal(err)
			}
			if want := source.fullRefresh.Due(held.FullAt); !held.FullDue.Equal(want) {
				t.Errorf("a full pull is due at %s, want %s", held.FullDue, want)
			}
			s.clock.pass(c.after)
			dated.Store(false)
			whole.Store(false)
			if err := held.pull(t, source); err != nil {
				t.Fatal(err)
			}
			if whole.Load() != c.full || !c.full && !dated.Load() {
				t.Errorf("everything was read: %v, changes were asked for: %v", whole.Load(), dated.Load())
			}
			if got := strings.Join(held.warnings, "\n"); len(held.warnings) != min(len(c.warned), 1) || !strings.HasPrefix(got, c.warned) {
				t.Errorf("warnings %q, want %q", got, c.warned)
			}
			held.pulled(t, source)
		})
	}
}

// dated is a writer of answers that tell another time.
type dated struct {
	http.ResponseWriter
	at time.Time
}

func (d dated) WriteHeader(status int) {
	d.Header().Set("Date", d.at.UTC().Format(http.TimeFormat))
	d.ResponseWriter.WriteHeader(status)
}

// TestClocks refreshes a copy of a store whose answers tell another time than the dates of its products, as they do where
// they come from other clocks.
func TestClocks(t *testing.T) {
	for name, by := range map[string]time.Duration{"ahead": 10 * time.Hour, "behind": -10 * time.Hour, "a little ahead": 4 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			var s *shop
			s = newShop(t, mixed(t), emulator.WithFaults(func(int, *http.Request) emulator.Fault {
				return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
					answer.ServeHTTP(dated{w, s.clock.Now().Add(by)}, r)
				}
			}))
			source, held := s.source(t, nil), newCopy("sku", "name", "price", "modified_at")
			for i := range 4 {
				held.pulled(t, source)
				s.clock.pass(time.Minute)
				if err := s.Update(func(c *emulator.Catalog) { c.Products[i%3].Name += "!" }); err != nil {
					t.Fatal(err)
				}
				s.clock.pass(time.Minute)
			}
			held.pulled(t, source)
		})
	}
}
