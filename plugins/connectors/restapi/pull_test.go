package restapi

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// datedShop is a platform whose products have a date, and that can be asked for those that have changed.
type datedShop struct {
	*shop
	now      time.Time
	products map[string]time.Time
	ignores  bool // the parameter

	mu    sync.Mutex // requests come several at a time
	asked []string
	date  time.Time                   // by the platform's clock; the zero time: the clock of this machine
	looks func(from string, page int) // called before an answer is made
}

func newDatedShop(t *testing.T, n int) *datedShop {
	s := &datedShop{now: time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), products: map[string]time.Time{}}
	for i := range n {
		s.products[fmt.Sprintf("P%02d", i)] = s.now
	}
	s.shop = newShop(t, func(w http.ResponseWriter, r *http.Request) any {
		from := r.URL.Query().Get("since")
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, from)
		if offset, _ := strconv.Atoi(r.URL.Query().Get("offset")); s.looks != nil {
			s.looks(from, offset/10+1)
		}
		if !s.date.IsZero() {
			w.Header().Set("Date", s.date.UTC().Format(http.TimeFormat))
		}
		since, _ := time.Parse(time.RFC3339, from)
		all := []any{}
		for _, id := range slices.Sorted(func(yield func(string) bool) {
			for id := range s.products {
				if !yield(id) {
					return
				}
			}
		}) {
			if at := s.products[id]; s.ignores || !at.Before(since) {
				all = append(all, object{"id": id, "sku": id, "name": at.Format(time.RFC3339), "at": at.Format(time.RFC3339)})
			}
		}
		return object{"items": part(r, all, "offset", "limit"), "count": len(all)}
	})
	return s
}

func (s *datedShop) source(t *testing.T) *Source {
	t.Helper()
	source, err := sdktest.Source(t.Context(), Connector(), s.settings(sdktest.Settings{
		"fields": map[string]string{"sku": "$.sku", "name": "$.name"},
		"page":   sdktest.Settings{"type": "offset", "size": 10, "total": "$.count", "key": "$.id"},
		"since":  sdktest.Settings{"param": "since", "path": "$.at"}}))
	if err != nil {
		t.Fatal(err)
	}
	source.(*Source).clock = &testClock{now: time.Now()}
	return source.(*Source)
}

// TestLocalCopy says that after each pull the copy's items are those that a read of the platform gives, and that only what has
// changed was asked for where that is enough.
func TestLocalCopy(t *testing.T) {
	shop := newDatedShop(t, 25)
	source := shop.source(t)
	copied := &sdk.MemoryCopy{}
	fields := []string{"sku", "name"}
	pull := func() error {
		shop.asked = nil
		return copied.Pull(t.Context(), source, sdk.NewPullRequest(fields, func(string) {}), false)
	}
	check := func(what string, full bool) {
		t.Helper()
		if err := pull(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		isFull := slices.Contains(shop.asked[:len(shop.asked)-1], "") || shop.asked[0] == ""
		if isFull != full {
			t.Errorf("%s: everything was read: %v; asked %q", what, isFull, shop.asked)
		}
		if got, want := assembled(t, copied, source, fields), shop.names(); !slices.Equal(got, want) {
			t.Errorf("%s: the copy has\n%q\nand the platform\n%q", what, got, want)
		}
	}
	check("the first", true)
	check("nothing has changed", false)
	shop.now = shop.now.Add(time.Hour)
	shop.products["P03"] = shop.now
	shop.products["P99"] = shop.now
	check("one has changed, and one is new", false)
	delete(shop.products, "P05")
	check("one was deleted", true)
	delete(shop.products, "P06")
	shop.products["P50"] = shop.now.Add(time.Minute)
	check("one was deleted, and one is new", true)

	shop.ignores = true
	shop.now = shop.now.Add(24 * time.Hour)
	for range 2 {
		shop.products["P03"] = shop.now
		if err := pull(); err == nil {
			continue // the first sees that P03 has changed
		} else if !strings.Contains(err.Error(), "it takes no notice of the parameter") {
			t.Error(err)
		}
		return
	}
	t.Error("a platform that takes no notice of the parameter is believed")
}

// TestChangesAreFound says that a refresh finds what a pull has not seen, whatever dates the pull has seen.
func TestChangesAreFound(t *testing.T) {
	fields := []string{"sku", "name"}
	for _, c := range []struct {
		name    string
		prepare func(s *datedShop)           // before the first pull
		during  func(s *datedShop)           // before its second page is read, when its first was
		after   func(s *datedShop)           // behind it
		clock   func(at time.Time) time.Time // the platform's, in its answers
	}{
		{name: "an entry that was read is changed, and a later one long after that",
			during: func(s *datedShop) {
				s.products["P03"], s.products["P24"] = s.now.Add(time.Minute), s.now.Add(20*time.Minute)
			}},
		{name: "an entry is dated far ahead",
			prepare: func(s *datedShop) { s.products["P07"] = s.now.AddDate(73, 0, 0) },
			after:   func(s *datedShop) { s.products["P03"] = s.now.Add(time.Minute) }},
		{name: "the platform's clock is behind the dates",
			clock: func(at time.Time) time.Time { return at.Add(-5 * time.Hour) },
			after: func(s *datedShop) { s.products["P03"] = s.now.Add(time.Minute) }},
		{name: "the platform's clock is ahead of the dates",
			clock: func(at time.Time) time.Time { return at.Add(5 * time.Hour) },
			after: func(s *datedShop) { s.products["P03"] = s.now.Add(time.Minute) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop := newDatedShop(t, 25)
			shop.date = shop.now
			if c.clock != nil {
				shop.date = c.clock(shop.now)
			}
			if c.prepare != nil {
				c.prepare(shop)
			}
			if c.during != nil {
				shop.looks = func(_ string, page int) {
					if page == 2 {
						c.during(shop)
						shop.looks = nil
					}
				}
			}
			source, copied := shop.source(t), &sdk.MemoryCopy{}
			for i := range 3 {
				shop.asked = nil
				if err := copied.Pull(t.Context(), source, sdk.NewPullRequest(fields, func(string) {}), false); err != nil {
					t.Fatalf("pull %d: %v", i+1, err)
				}
				if i == 0 && c.after != nil {
					c.after(shop)
				}
				if i > 0 && shop.asked[0] == "" {
					t.Errorf("pull %d reads everything", i+1)
				}
				shop.date = shop.date.Add(time.Hour)
			}
			if got, want := assembled(t, copied, source, fields), shop.names(); !slices.Equal(got, want) {
				t.Errorf("the copy has\n%q\nand the platform\n%q", got, want)
			}
		})
	}
}

func (s *datedShop) names() []string {
	var all []string
	for id, at := range s.products {
		all = append(all, id+" "+at.Format(time.RFC3339))
	}
	slices.Sort(all)
	return all
}

func assembled(t *testing.T, copied *sdk.MemoryCopy, source *Source, fields []string) []string {
	t.Helper()
	var all []string
	w, err := sdk.NewWriter(t.Context(), sdk.Known(fields...), func(b *catalog.Batch) error {
		for i := range b.Len() {
			all = append(all, b.Column(0).Value(i).Text()+" "+b.Column(1).Value(i).Text())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := copied.Assemble(t.Context(), source, sdk.NewReadRequest(fields, func(string) {}), w); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestReadOfDated says that a read without a copy gives the same items in the same order.
func TestReadOfDated(t *testing.T) {
	shop := newDatedShop(t, 25)
	got, err := sdktest.ReadFrom(t.Context(), shop.source(t), "sku", "name")
	if err != nil || len(got.Items) != 25 || !slices.IsSorted(got.Items) {
		t.Errorf("%q, %v", got.Items, err)
	}
}

// TestTimes says how times are read and written.
func TestTimes(t *testing.T) {
	at := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
	for format, texts := range map[string][]string{
		"rfc3339": {`"2026-11-28T10:00:00Z"`, `"2026-11-28T11:00:00+01:00"`},
		"unix":    {`1795860000`, `"1795860000"`},
		"unix_ms": {`1795860000000`},
	} {
		s := &sinceSettings{Format: format}
		s.path, _ = parsePath("$")
		for _, text := range texts {
			tree, err := decodeTree([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.of(tree); err != nil || !got.Equal(at) {
				t.Errorf("%s, %s: %v, %v", format, text, got, err)
			}
		}
		if want := strings.Trim(texts[0], `"`); s.write(at) != want {
			t.Errorf("%s: written %s, not %s", format, s.write(at), want)
		}
		for _, text := range []string{`"yesterday"`, `null`, `[]`, `-1`, `1e30`, `""`} {
			tree, err := decodeTree([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.of(tree); err == nil {
				t.Errorf("%s: %s is %v", format, text, got)
			}
		}
	}
}

// TestCheck says what is told of a platform that is there, and what of one that is not.
func TestCheck(t *testing.T) {
	all := catalogue(25)
	shop := newShop(t, func(_ http.ResponseWriter, r *http.Request) any {
		return object{"items": part(r, all, "offset", "limit"), "count": len(all)}
	})
	check := func(more sdktest.Settings) ([]sdk.Fact, error) {
		source, err := sdktest.Source(t.Context(), Connector(), shop.settings(more))
		if err != nil {
			t.Fatal(err)
		}
		source.(*Source).clock = &testClock{now: time.Now()}
		return source.(*Source).Check(t.Context())
	}
	facts, err := check(sdktest.Settings{"page": sdktest.Settings{"type": "offset", "size": 10, "total": "$.count"}})
	if err != nil || shop.requests.Load() != 1 || len(facts) != 4 || facts[1].Value != "10" || facts[2].Value != "25" || facts[3].Name != catalog.FactClock {
		t.Errorf("%v, %v", facts, err)
	}
	_, err = check(sdktest.Settings{"fields": map[string]string{"sku": "$.sku", "name": "$.title"}})
	wants(t, err, `item 1 (SKU "S-1"): field "name", path $.title: the path selects nothing`)
	all = nil
	_, err = check(sdktest.Settings{"items": "$.items[*]"})
	wants(t, err, "null")
}
