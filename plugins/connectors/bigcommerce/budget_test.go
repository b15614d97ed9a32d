package bigcommerce

import (
	"fmt"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// sold is a store of n SKUs: every tenth product has two variants, the others are simple. Each gap-th identifier is that of
// a product which was deleted.
func sold(n, gap int) *emulator.Catalog {
	c := &emulator.Catalog{}
	for i, id := 0, int64(1000); i < n; id++ {
		if gap > 0 && id%int64(gap) == 0 {
			continue
		}
		p := &emulator.Product{ID: id, SKU: fmt.Sprintf("SKU-%06d", i), Name: fmt.Sprintf("Product %d", i),
			Brand: fmt.Sprintf("Brand %d", i%200), Stock: emulator.Units(int64(i % 30))}
		if i++; id%10 == 1 && i < n {
			p.SKU, p.Stock = "", nil
			for j, size := range []string{"S", "L"} {
				p.Variants = append(p.Variants, &emulator.Variant{SKU: fmt.Sprintf("SKU-%06d", i-1+j),
					Options: map[string]string{"Size": size}, Stock: emulator.Units(int64(j))})
			}
			i++
		}
		c.Products = append(c.Products, p)
	}
	return c
}

var ruleFields = []string{"sku", "name", "brand", "price", "qoh", "pending", "variation"}

// TestRequestsOfAFullRead holds the number of requests down: each is a part of a quota that the store's apps share.
func TestRequestsOfAFullRead(t *testing.T) {
	for _, gap := range []int{0, 3} {
		c := sold(10_000, gap)
		for i := range 200 {
			c.Orders = append(c.Orders, &emulator.Order{ID: int64(5000 + i), Status: "Pending",
				Lines: []*emulator.Line{{SKU: fmt.Sprintf("SKU-%06d", i), Quantity: 1}}})
		}
		s := newShop(t, c, emulator.WithQuota(0, 0))
		got := read(t, s.source(t, settings{"imported_through": 5000}), ruleFields...)
		if got.err != nil || len(got.items) != 10_000 {
			t.Fatalf("%d items, error %v", len(got.items), got.err)
		}
		for i, it := range got.items {
			if want := fmt.Sprintf("SKU-%06d", i); it["sku"] != want {
				t.Fatalf("item %d is %s, want %s: they come in the order of their products", i, it["sku"], want)
			}
		}
		if n := s.Requests(); n > 80 {
			t.Errorf("%d requests for 10,000 SKUs, want at most 80", n)
		}
	}
}

// BenchmarkFullRead250k reads 250,000 SKUs in full from a store with a quota of 150 requests in a window of a second and a
// latency of 20 ms; alone, and while another app takes half of the quota. It reports how many windows the read took, how
// many it may take at most ("bound": what the quota demands and five per cent, and two more), how many requests it made and
// how many of them, and of the other app's, were refused.
func BenchmarkFullRead250k(b *testing.B) {
	for _, c := range []struct {
		name   string
		others int
	}{{"alone", 0}, {"another app takes half", 75}} {
		b.Run(c.name, func(b *testing.B) {
			store := sold(250_000, 0)
			for b.Loop() {
				server, err := emulator.New(store, emulator.WithCredentials("abc123", secret), emulator.WithQuota(150, time.Second),
					emulator.WithLatency(20*time.Millisecond), emulator.WithOtherApp(c.others))
				if err != nil {
					b.Fatal(err)
				}
				web, err := server.Listen(b.Context(), "127.0.0.1:0")
				if err != nil {
					b.Fatal(err)
				}
				source := Connector().New().(*Source)
				source.APIURL, source.StoreHash, source.AccessToken, source.QuotaShare = web.URL, "abc123", secret, 0.95
				source.Quantity = "available"
				began := time.Now()
				n, err := sdk.ReadAll(b.Context(), source, sdk.NewReadRequest([]string{"sku", "name", "brand", "price", "qoh"}, func(string) {}),
					func(*catalog.Batch) error { return nil })
				took := time.Since(began)
				if err != nil || n != 250_000 {
					b.Fatalf("%d items, error %v", n, err)
				}
				if err := web.Close(); err != nil {
					b.Fatal(err)
				}
				seen := server.Traffic()
				b.ReportMetric(took.Seconds(), "windows")
				b.ReportMetric(1.05*(float64(seen.Allowed)/150-1)+2, "bound")
				b.ReportMetric(float64(server.Requests()), "requests")
				b.ReportMetric(float64(seen.Refused), "429s")
				b.ReportMetric(float64(seen.OthersAllowed), "others")
				b.ReportMetric(float64(seen.OthersRefused), "others-429s")
				if c.others == 0 && seen.Refused > 0 {
					b.Errorf("%d requests were refused, though the store has no other app", seen.Refused)
				}
			}
		})
	}
}
