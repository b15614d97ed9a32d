package restapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// shop is a platform: it answers each request with what its function says.
type shop struct {
	*httptest.Server
	requests atomic.Int64
}

// newShop starts a platform. Of a nil answer nothing is written: the function has done it.
func newShop(t testing.TB, answer func(w http.ResponseWriter, r *http.Request) any) *shop {
	t.Helper()
	s := &shop{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		v := answer(w, r)
		switch v := v.(type) {
		case nil:
		case string:
			_, _ = w.Write([]byte(v))
		default:
			if err := json.NewEncoder(w).Encode(v); err != nil {
				t.Error(err)
			}
		}
	}))
	t.Cleanup(s.Close)
	return s
}

type object = map[string]any

// catalogue makes n products with one field more than a SKU.
func catalogue(n int) []any {
	all := []any{}
	for i := range n {
		all = append(all, object{"id": i + 1, "sku": fmt.Sprintf("S-%d", i+1), "price": json.Number(fmt.Sprintf("%d.10", i+1))})
	}
	return all
}

// part returns a page of a list, by the parameters of a request.
func part(r *http.Request, all []any, offset, limit string) []any {
	from, _ := strconv.Atoi(r.URL.Query().Get(offset))
	n, err := strconv.Atoi(r.URL.Query().Get(limit))
	if err != nil {
		n = len(all)
	}
	from = min(from, len(all))
	return all[from:min(from+n, len(all))]
}

// settings are those of a list at a platform, with others over them.
func (s *shop) settings(more sdktest.Settings) sdktest.Settings {
	settings := sdktest.Settings{"base_url": s.URL, "path": "/items", "items": "$.items[*]",
		"fields": map[string]string{"sku": "$.sku", "id": "$.id", "price": "$.price"}, "page": sdktest.Settings{"type": "none"}}
	for name, value := range more {
		settings[name] = value
	}
	return settings
}

// testClock is a clock on which time passes only while somebody sleeps.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return context.Cause(ctx)
}

// read reads a source without waiting between tries.
func read(t testing.TB, settings sdktest.Settings, fields ...string) (sdktest.Result, error) {
	t.Helper()
	source, err := sdktest.Source(t.Context(), Connector(), settings)
	if err != nil {
		return sdktest.Result{}, err
	}
	source.(*Source).clock = &testClock{now: time.Now()}
	return sdktest.ReadFrom(t.Context(), source, fields...)
}

// wants fails the test unless the error has each of the texts; without any there must be none.
func wants(t testing.TB, err error, texts ...string) {
	t.Helper()
	if len(texts) == 0 && err != nil {
		t.Errorf("error: %v", err)
	}
	for _, text := range texts {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("error: %v\nwant one with: %s", err, text)
		}
	}
}
