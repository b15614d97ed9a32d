package web

import (
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// BenchmarkScreen asks a warm server for what the screen shows of 1,000,000 items, of which 71,428 are not synchronized (50,000 without RECONCILE_TEST_LONG), each time with
// another filter, word or place where the name says so. p95-ms is what 95 of 100 tries stay below.
func BenchmarkScreen(b *testing.B) {
	n := 1_000_000
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		n = 50_000
	}
	of := newShop(b, firstOf(manyGoods(n)), secondOf(manyGoods(n)))
	of.run()
	s, err := store.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.AddUser(b.Context(), store.Actor{}, "Ann", store.Viewer, password); err != nil {
		b.Fatal(err)
	}
	_, secret, err := s.LogIn(b.Context(), "127.0.0.1", "Ann", password)
	if err != nil {
		b.Fatal(err)
	}
	server := New(Options{Store: s, Shop: of})
	get := func(query string) {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "http://localhost/inventory/bigcommerce"+query, nil)
		r.AddCookie(&http.Cookie{Name: "reconcile", Value: secret})
		w := httptest.NewRecorder()
		if server.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatalf("%s: %d\n%s", query, w.Code, w.Body)
		}
	}
	get("?sort=name") // the first time takes a second
	get("?sort=sku")
	for _, bench := range []struct {
		name  string
		query func(i int) string
	}{
		{"first page", func(int) string { return "?details=1" }},
		{"any place", func(i int) string { return "/rows?details=1&row=" + strconv.Itoa((i*7919+1)*131%n) }},
		{"filter with order", func(i int) string { return "?details=1&show=rule.P&sort=-name&q=" + strconv.Itoa(i%10) }},
		{"search", func(i int) string { return "?details=1&q=" + strconv.Itoa(i%1000+1000) }},
		{"why", func(i int) string {
			at := i*131%(n/14)*14 + 13
			return "/why?item=SKU-" + strconv.Itoa(10_000_000 + at + 1)[1:] + "&at=" + strconv.Itoa(at)
		}},
		{"why, of an older link", func(i int) string { return "/why?item=SKU-" + strconv.Itoa(10_000_001 + i*131%n)[1:] }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				began := time.Now()
				get(bench.query(i))
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
