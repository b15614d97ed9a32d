package webapi_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// numbers is a platform with a list of numbers, and what it does with a request.
type numbers struct {
	mu       sync.Mutex
	held     []int64 // ascending
	size     int     // of a page
	requests int
	change   func(request int) // called at each request, with the lock held

	noBehind bool // it takes no notice of the number that a page begins behind
	noPages  bool // nor of a page's
	noTotal  bool
}

func (n *numbers) ask(_ context.Context, _ *webapi.Session, at webapi.Behind) (page webapi.Page[int64], err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests++
	if n.change != nil {
		n.change(n.requests)
	}
	from := at.Number
	if n.noBehind {
		from = 0
	}
	behind, _ := slices.BinarySearch(n.held, from+1)
	skip := (at.Page - 1) * n.size
	if n.noPages {
		skip = 0
	}
	list := n.held[behind:]
	total := int64(len(list))
	list = list[min(skip, len(list)):]
	page.Items = slices.Clone(list[:min(n.size, len(list))])
	if !n.noTotal {
		page.Total = &total
	}
	return page, nil
}

func (n *numbers) single(_ context.Context, wanted []int64) (found []int64, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests++
	for _, number := range wanted {
		if _, is := slices.BinarySearch(n.held, number); is {
			found = append(found, number)
		}
	}
	return found, nil
}

func (n *numbers) list() *webapi.Ascending[int64] {
	return &webapi.Ascending[int64]{What: "GET /numbers", Number: func(i *int64) int64 { return *i }, Ask: n.ask, Size: n.size,
		Single: n.single, Few: 5, Parallel: 2}
}

func newSession() *webapi.Session { return webapi.New(webapi.Config{}).Session(nil) }

// drawNumbers draws ascending numbers, dense or not.
func drawNumbers(t *rapid.T, most int) (all []int64) {
	number := rapid.Int64Range(0, 50).Draw(t, "before the first")
	steps := rapid.SampledFrom([][]int64{{1}, {1, 1, 1, 2}, {1, 7}, {1, 1, 1, 1, 1, 900}}).Draw(t, "steps")
	for range rapid.IntRange(0, most).Draw(t, "items") {
		number += rapid.SampledFrom(steps).Draw(t, "step")
		all = append(all, number)
	}
	return all
}

// TestAscendingWhileItChanges lets items come and go at any request: each that was there all the time is handed on, and none that
// never was. After says where the reading has come to.
func TestAscendingWhileItChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := &numbers{held: drawNumbers(t, 80), size: rapid.IntRange(1, 6).Draw(t, "page")}
		n.noPages = rapid.IntRange(0, 4).Draw(t, "the API") == 0
		stays, ever, newest := map[int64]bool{}, map[int64]bool{}, int64(100_000)
		for _, number := range n.held {
			stays[number], ever[number] = true, true
		}
		changes := rapid.MapOfN(rapid.IntRange(1, 40), rapid.IntRange(-1000, 1000), 0, 10).Draw(t, "changes")
		n.change = func(request int) {
			place, ok := changes[request]
			switch {
			case !ok:
			case place < 0 && len(n.held) > 0:
				at := -place % len(n.held)
				delete(stays, n.held[at])
				n.held = slices.Delete(n.held, at, at+1)
			case place >= 0:
				newest++
				ever[newest] = true
				n.held = append(n.held, newest)
			}
		}
		list, seen := n.list(), map[int64]bool{}
		err := list.Each(t.Context(), newSession(), func(page []int64, left int64) error {
			n.mu.Lock() // requests are under way that change what stays
			defer n.mu.Unlock()
			if left < 0 {
				t.Errorf("%d items are left", left)
			}
			for _, number := range page {
				if !ever[number] {
					t.Errorf("%d never was there", number)
				}
				seen[number] = true
			}
			for number := range stays {
				if number <= list.After && !seen[number] {
					t.Errorf("%d is before %d, and was not handed on", number, list.After)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for number := range stays {
			if !seen[number] {
				t.Errorf("%d was there all the time, and was not read", number)
			}
		}
	})
}

// TestAscendingOfALesserAPI reads a list whose platform knows no order: that is told, and nothing is read that way.
func TestAscendingOfALesserAPI(t *testing.T) {
	n := &numbers{held: []int64{1, 2, 3, 4, 5, 6, 7}, size: 2, noBehind: true, noPages: true}
	if err := n.list().Each(t.Context(), newSession(), func([]int64, int64) error { return nil }); !errors.Is(err, webapi.ErrUnordered) {
		t.Errorf("error %v", err)
	}
	n.noTotal = true
	if all, err := n.list().All(t.Context(), newSession(), nil); !errors.Is(err, webapi.ErrUnordered) {
		t.Errorf("%v, error %v", all, err)
	}
}

// TestAllWithoutATotal reads lists of which nobody says how many items there are, several pages at a time: each item comes once, in order,
// and hardly more is asked for than one page after the other would take.
func TestAllWithoutATotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := &numbers{held: drawNumbers(t, 300), size: rapid.IntRange(1, 20).Draw(t, "page"), noTotal: true}
		got, err := n.list().All(t.Context(), newSession(), nil)
		if err != nil || !slices.Equal(got, n.held) {
			t.Fatalf("%v, want %v; error %v", got, n.held, err)
		}
		if pages := len(n.held)/n.size + 1; n.requests > 2*pages+8 {
			t.Errorf("%d requests for %d pages", n.requests, pages)
		}
	})
}
