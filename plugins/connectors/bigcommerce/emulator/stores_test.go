package emulator

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestStores serves stores of a list, two of which have one catalogue.
func TestStores(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"shops.csv":     "shop,catalog,store_hash\nparis,bells.json,p1\nrome,bells.json,r1\ntoronto,,t1\n",
		"bells.json":    `{"products": [{"sku": "B-1", "name": "Bell", "price": 9.95, "stock": 4}]}`,
		"twice.csv":     "store_hash,catalog\np1,\np1,\n",
		"columns.csv":   "shop,catalog\nparis,\n",
		"empty.csv":     "",
		"missing.csv":   "store_hash,catalog\np1,nowhere.json\n",
		"malformed.csv": "store_hash,catalog\np1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stores, err := OpenStores(filepath.Join(dir, "shops.csv"), func(hash string) []Option {
		return []Option{WithCredentials(hash, "sesame"), WithQuota(2, time.Hour)}
	})
	if err != nil {
		t.Fatal(err)
	}
	if stores.Len() != 3 {
		t.Errorf("%d stores", stores.Len())
	}
	running, err := stores.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = running.Close() }()
	ask := func(method, hash, path, token string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, running.URL+"/stores/"+hash+path, strings.NewReader("[]"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Auth-Token", token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	for i, step := range []struct {
		method, hash, path, token string
		want                      int
	}{
		{"GET", "p1", "/v3/catalog/products", "sesame", http.StatusOK},
		{"GET", "p1", "/v3/catalog/products", "sesame", http.StatusOK},
		{"GET", "p1", "/v3/catalog/products", "sesame", http.StatusTooManyRequests}, // its quota is used up
		{"GET", "r1", "/v3/catalog/products", "sesame", http.StatusOK},              // that of a store with the same catalogue is not
		{"PUT", "r1", "/v3/catalog/products", "sesame", http.StatusMethodNotAllowed},
		{"GET", "t1", "/v3/catalog/products", "", http.StatusUnauthorized},
		{"GET", "nowhere", "/v3/catalog/products", "sesame", http.StatusNotFound},
	} {
		if got := ask(step.method, step.hash, step.path, step.token); got != step.want {
			t.Errorf("request %d: %d, not %d", i, got, step.want)
		}
	}
	if requests, traffic := stores.Traffic(); requests != 6 || traffic.Refused != 1 {
		t.Errorf("%d requests, %+v", requests, traffic)
	}
	for list, want := range map[string]string{
		"nowhere.csv":   "nowhere.csv: ",
		"twice.csv":     `twice.csv: row 3: the store_hash "p1" is empty, or there twice`,
		"columns.csv":   "it needs the columns store_hash and catalog",
		"empty.csv":     "it has no line that names its columns",
		"missing.csv":   "nowhere.json",
		"malformed.csv": "wrong number of fields",
	} {
		if _, err := OpenStores(filepath.Join(dir, list), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", list, err)
		}
	}
}
