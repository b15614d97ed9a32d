package bigcommerce

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/bigcommerce/emulator"
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
	offered, err := source.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	schema, err := catalog.NewSchema(offered...)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := schema.Select(c.fields)
	if err != nil {
		t.Fatal(err)
	}
	w, err := sdk.NewWriter(t.Context(), asked.Fields(), got.take)
	if err != nil {
		t.Fatal(err)
	}
	req := sdk.NewReadRequest(c.fields, func(text string) { got.warnings = append(got.warnings, text) })
	if got.err = c.Assemble(t.Context(), source, req, w); got.err == nil {
		got.err = w.Flush()
	}
	return got
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
	if diff := cmp.Diff(want.items, got.items); diff != "" {
		t.Fatalf("the copy's items differ from those of a full read (-read +copy):\n%s", diff)
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

// TestNothingChanged counts the requests of a refresh in which nothing has changed.
func TestNothingChanged(t *testing.T) {
	untracked := large(10_000)
	untracked.Products[5].Tracking = "none"
	for i, p := range untracked.Products {
		p.Brand = fmt.Sprintf("Brand %d", i%200) // a page of brands, where the tracked store has two
	}
	for name, c := range map[string]*emulator.Catalog{"tracked": large(10_000), "one is not tracked": untracked} {
		t.Run(name, func(t *testing.T) {
			for i := range 100 {
				c.Orders = append(c.Orders, &emulator.Order{ID: int64(501 + i), Status: "Awaiting Fulfillment",
					Lines: []*emulator.Line{{SKU: "P000000", Quantity: 1}}})
			}
			s := newShop(t, c)
			source, held := s.source(t, settings{"imported_through": 520}), newCopy(allNames()...)
			if err := held.pull(t, source); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d requests in full", s.Requests())
			s.clock.now = s.clock.now.Add(time.Hour)
			before := s.Requests()
			if err := held.pull(t, source); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d requests in a refresh", s.Requests()-before)
			if n := s.Requests() - before; n > 15 {
				t.Errorf("%d requests, want at most 5 and one for each 1,000 SKUs of stock", n)
			}
		})
	}
}
