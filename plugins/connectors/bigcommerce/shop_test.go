package bigcommerce

import (
	"context"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

const secret = "t0ken-that-nobody-may-see"

// fakeClock stands still but for those who sleep.
type fakeClock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newClock() *fakeClock { return &fakeClock{now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)} }

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return context.Cause(ctx)
}

// pass lets some time go by. Requests that a pull has given up may still look at the clock.
func (c *fakeClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *fakeClock) total() (sum time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range c.slept {
		sum += d
	}
	return sum
}

// tester is a test, or one of the many tries of a property test.
type tester interface {
	rapid.TB
	Cleanup(func())
	Context() context.Context
}

// shop is an emulated store on a port of this machine.
type shop struct {
	*emulator.Server
	url   string
	clock *fakeClock
}

func newShop(t tester, c *emulator.Catalog, options ...emulator.Option) *shop {
	t.Helper()
	clock := newClock()
	options = append([]emulator.Option{emulator.WithCredentials("abc123", secret), emulator.WithClock(clock.Now)}, options...)
	server, err := emulator.New(c, options...)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	return &shop{server, web.URL, clock}
}

// settings are a source's attributes, as the host sends them.
type settings map[string]any

func configured(t tester, given settings) (*Source, error) {
	t.Helper()
	text, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}
	source := Connector().New().(*Source)
	if err := sdk.FillSettingsToApply(source, text); err != nil {
		return nil, err
	}
	return source, source.Configure(t.Context())
}

// source returns a source of the shop, with more settings.
func (s *shop) source(t tester, more settings) *Source {
	t.Helper()
	given := settings{"api_url": s.url + "/", "store_hash": "abc123", "access_token": secret}
	maps.Copy(given, more)
	source, err := configured(t, given)
	if err != nil {
		t.Fatalf("Configure: %v", err)
	}
	source.clock = s.clock
	return source
}

// item is what was read of one item, as text by field; what is null or empty is left out.
type item map[string]string

// result is what a read brought.
type result struct {
	items    []item
	warnings []string
	err      error

	currencies map[string]string // of the fields that are amounts
	units      map[string]string // of weights and lengths
}

func read(t tester, source sdk.Source, fields ...string) (got result) {
	t.Helper()
	req := sdk.NewReadRequest(fields, func(text string) { got.warnings = append(got.warnings, text) })
	n, err := sdk.ReadAll(t.Context(), source, req, got.take)
	got.currencies, got.units = req.Currencies(), req.Units()
	if got.err = err; err == nil && int(n) != len(got.items) {
		t.Errorf("ReadAll says %d items and sent %d", n, len(got.items))
	}
	return got
}

// take takes in a batch of items.
func (r *result) take(b *catalog.Batch) error {
	for i := range b.Len() {
		it := item{}
		for _, name := range b.Schema().Names() {
			if text := b.Value(name, i).Text(); text != "" {
				it[name] = text
			}
		}
		r.items = append(r.items, it)
	}
	return nil
}

// column returns the items' texts of a field, by SKU.
func (r result) column(t *testing.T, field string) map[string]string {
	t.Helper()
	if r.err != nil {
		t.Fatalf("read: %v", r.err)
	}
	column := map[string]string{}
	for _, it := range r.items {
		if _, twice := column[it["sku"]]; twice {
			t.Errorf("item %q was read twice", it["sku"])
		}
		column[it["sku"]] = it[field]
	}
	return column
}

func decimal(t *testing.T, text string) *catalog.Decimal {
	t.Helper()
	d, err := catalog.ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}
