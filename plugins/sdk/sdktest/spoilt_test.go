package sdktest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestSpoilt says which faults are found in a connector that takes what comes.
func TestSpoilt(t *testing.T) {
	pages := []string{`["a","b"]`, `["c","d"]`, `[]`}
	shop := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := 0
		if _, err := fmt.Sscan(r.URL.Query().Get("page"), &n); err != nil || n >= len(pages) {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, pages[n])
	})
	careless := func(ctx context.Context, url string) (got Result, err error) {
		for n := 0; ; n++ {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprint(url, "?page=", n), nil)
			if err != nil {
				return got, err
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return got, nil //nolint:nilerr // the carelessness that is to be found
			}
			var page []string
			_ = json.NewDecoder(res.Body).Decode(&page)
			res.Body.Close()
			if len(page) == 0 {
				return got, nil
			}
			got.Items = append(got.Items, page...)
		}
	}
	want, err := careless(t.Context(), serve(t, shop))
	if err != nil || len(want.Items) != 4 {
		t.Fatal(want, err)
	}
	for name, fault := range all {
		if wrong, said := spoilt(t.Context(), Faulty(shop, map[int]Fault{2: fault}), want, careless); said != nil || !strings.Contains(wrong, "items, and there are 4") {
			t.Errorf("%s: it says %v, and is blamed for %q", name, said, wrong)
		}
	}
	if wrong, _ := spoilt(t.Context(), Faulty(shop, nil), want, careless); wrong != "" {
		t.Error(wrong)
	}
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}
