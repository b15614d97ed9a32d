package bigcommerce

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// countedPulls is a source that counts its pulls.
type countedPulls struct {
	*Source
	pulls int
}

func (c *countedPulls) Pull(ctx context.Context, req sdk.PullRequest, out *sdk.CopyUpdate) error {
	c.pulls++
	return c.Source.Pull(ctx, req, out)
}

// TestVariantsOfDeletedProducts deletes a product, whose variants the store goes on listing, after the copy got it: between a pull that
// broke off and the one that resumes it, and between two whole pulls. Neither makes the next pull read everything anew.
func TestVariantsOfDeletedProducts(t *testing.T) {
	for _, c := range []struct {
		name   string
		breaks bool // the first pull breaks off behind the first page of products
		change func(c *emulator.Catalog)
	}{
		{"after a pull that broke off", true, nil},
		{"after a whole pull", false, nil},
		{"and orphans vanish", false, func(c *emulator.Catalog) { c.Orphans = nil }},
		{"and another product has a new variant, under its old date", false, func(c *emulator.Catalog) {
			p := c.Products[0]
			p.Variants = append(p.Variants, &emulator.Variant{SKU: "NEW", Options: map[string]string{"Size": "NEW"}})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := &emulator.Catalog{}
			for _, name := range []string{"A", "B", "C", "D", "E"} {
				store.Products = append(store.Products, &emulator.Product{SKU: name, Name: name, Tracking: "none", Variants: []*emulator.Variant{
					{SKU: name + "1", Options: map[string]string{"Size": "1"}}, {SKU: name + "2", Options: map[string]string{"Size": "2"}}}})
			}
			store.Orphans = []*emulator.Variant{{SKU: "GHOST"}}
			var breaks atomic.Bool
			breaks.Store(c.breaks)
			var products atomic.Int64
			s := newShop(t, store, emulator.WithFaults(func(_ int, r *http.Request) emulator.Fault {
				if strings.HasSuffix(r.URL.Path, "/products") && products.Add(1) > 1 && breaks.Load() {
					return emulator.Status(http.StatusInternalServerError)
				}
				return nil
			}))
			source, held := s.source(t, nil), newCopy("sku", "name", "price", "brand")
			source.pages = pageSizes{products: 2, variants: 3, brands: 3, stock: 3, orders: 250}
			if err := held.pull(t, source); (err != nil) != c.breaks {
				t.Fatalf("the first pull: %v", err)
			}
			breaks.Store(false)
			s.clock.pass(time.Hour)
			date := ""
			if err := s.Update(func(store *emulator.Catalog) {
				date = store.Products[0].Modified
				for _, v := range store.Products[1].Variants {
					store.Orphans = append(store.Orphans, &emulator.Variant{ID: v.ID, SKU: v.SKU})
				}
				store.Products = slices.Delete(store.Products, 1, 2)
				if c.change != nil {
					c.change(store)
				}
			}); err != nil {
				t.Fatal(err)
			}
			if err := s.Update(func(store *emulator.Catalog) { store.Products[0].Modified = date }); err != nil {
				t.Fatal(err)
			}
			s.clock.pass(time.Hour)
			counting := &countedPulls{Source: source}
			if err := held.Pull(t.Context(), counting, sdk.NewPullRequest(held.fields, func(string) {}), false); err != nil {
				t.Fatal(err)
			}
			if counting.pulls != 1 {
				t.Errorf("%d pulls: everything was read anew", counting.pulls)
			}
			want := read(t, source, held.fields...).warnings
			if got := held.items(t, source).warnings; !slices.Equal(got, want) {
				t.Errorf("the copy warns of %q, a full read of %q", got, want)
			}
			held.pulled(t, source)
		})
	}
}
