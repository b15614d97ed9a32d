package bigcommerce

import (
	"slices"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// TestFetchCost counts the requests for one item that is known by its SKU alone. What belongs to its siblings is not asked for.
func TestFetchCost(t *testing.T) {
	for _, c := range []struct {
		sku  string
		most int
		qoh  string
	}{
		{"BELL", 3, "4"},
		{"TEE-L", 3, "5"}, // its sibling's stock would be a fourth
		{"OWN", 3, "1"},
		{"GIFT", 3, ""},   // not tracked: the inventory does not know it, and the catalogue tells all of it
		{"CAP-R", 6, "7"}, // tracked with its sibling: it is found last of all, in the list of variants
	} {
		s := changeShop(t, editable(t))
		req := sdk.FetchRequest{ReadRequest: sdk.NewReadRequest([]string{"sku", "name", "price", "qoh"}, func(string) {}), Items: []sdk.Ref{{SKU: c.sku}}}
		var skus []string
		if err := s.source(t, nil).Fetch(t.Context(), req, func(it sdk.Item) error {
			skus = append(skus, it["sku"].(string))
			qoh := ""
			if d, known := it["qoh"].(sdk.Decimal); known {
				qoh = d.String()
			}
			if qoh != c.qoh {
				t.Errorf("%s: qoh %q, want %q", c.sku, qoh, c.qoh)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if n := s.Requests(); n > c.most || !slices.Equal(skus, []string{c.sku}) {
			t.Errorf("%s: %d requests, want at most %d, for %v", c.sku, n, c.most, skus)
		}
	}
}
