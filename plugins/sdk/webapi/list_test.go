package webapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// shelf is a platform with a list of items, which it gives in each way of paging.
type shelf struct {
	t *testing.T
	*server

	mu    sync.Mutex
	items []string
	most  int // of a page, whatever is asked for

	total, pages, more bool // what its answers say
	// spoil may change what answers a request, the n-th; nil if nothing does. It may change the items, too.
	spoil func(n int, a *shelfAnswer)
}

// shelfAnswer is what the shelf answers with.
type shelfAnswer struct {
	Items []string `json:"items"`
	Total *int64   `json:"total,omitempty"`
	Pages int64    `json:"pages,omitempty"`
	More  *bool    `json:"more,omitempty"`
	Next  *string  `json:"next"`

	link string
}

func newShelf(t *testing.T, n, most int) *shelf {
	s := &shelf{t: t, most: most}
	for i := range n {
		s.items = append(s.items, fmt.Sprintf("item %02d", i))
	}
	s.server = serve(t, s.answer)
	return s
}

func (s *shelf) answer(n int, w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	query := r.URL.Query()
	number := func(name string) int {
		n, _ := strconv.Atoi(query.Get(name))
		return n
	}
	from := number("offset")
	if query.Has("page") {
		from = (number("page") - 1) * s.most
	}
	if after := query.Get("after"); after != "" { // a cursor: the last item's name
		from, _ = slices.BinarySearch(s.items, after+"!")
	}
	from = min(from, len(s.items))
	to := min(from+s.most, len(s.items))
	a := shelfAnswer{Items: append([]string{}, s.items[from:to]...), Next: new(string)}
	if total := int64(len(s.items)); s.total {
		a.Total = &total
	}
	if s.pages {
		a.Pages = int64((len(s.items) + s.most - 1) / s.most)
	}
	if more := to < len(s.items); s.more {
		a.More = &more
	}
	if to < len(s.items) && to > 0 {
		a.Next = &s.items[to-1]
		a.link = fmt.Sprintf(`</v1/items?after=%s>; rel="next"`, url.QueryEscape(*a.Next))
	}
	if s.spoil != nil {
		s.spoil(n, &a)
	}
	if a.link != "" {
		w.Header().Set("Link", a.link)
	}
	if err := json.NewEncoder(w).Encode(a); err != nil {
		s.t.Error(err)
	}
}

// list is the shelf's list, for each way of paging.
func (s *shelf) list(way string) webapi.Paged[string] {
	list := &webapi.List[string]{Size: s.most, Key: func(item string) string { return item },
		Ask: func(at string) webapi.Request {
			r := webapi.Request{Path: "/items"}
			if parameter := map[string]string{"number": "page", "offset": "offset", "cursor": "after"}[way]; parameter != "" {
				r.Query = url.Values{parameter: {at}}
			}
			return r
		},
		Read: func(a *webapi.Answer) (webapi.Page[string], error) {
			var body shelfAnswer
			if err := webapi.Decode(a.Body, &body); err != nil {
				return webapi.Page[string]{}, err
			}
			if body.Items == nil || body.Next == nil {
				return webapi.Page[string]{}, errors.New("it has no items, or does not say what follows")
			}
			page := webapi.Page[string]{Items: body.Items, Total: body.Total, Pages: body.Pages, More: body.More, Next: *body.Next}
			if way == "link" {
				page.Next = webapi.NextLink(a)
			}
			return page, nil
		}}
	switch way {
	case "number":
		return list.ByNumber(1)
	case "offset":
		return list.ByOffset()
	case "cursor":
		return list.ByCursor()
	}
	return list.ByLink()
}

var ways = []string{"number", "offset", "cursor", "link"}

// TestListsAreWhole reads lists of any length in each way, from platforms that say more or less of them.
func TestListsAreWhole(t *testing.T) {
	for _, way := range ways {
		for _, told := range []string{"nothing", "total", "pages", "more", "total more"} {
			for _, n := range []int{0, 1, 2, 3, 4, 6, 7, 11} {
				for _, most := range []int{1, 3} {
					if way == "link" && (told == "nothing" || told == "pages") && n == most {
						continue // nothing proves that this is all: see TestAFullFirstPage
					}
					s := newShelf(t, n, most)
					s.total, s.pages, s.more = strings.Contains(told, "total"), told == "pages", strings.Contains(told, "more")
					client := s.client(nil)
					got, err := s.list(way).All(t.Context(), client.Session(nil))
					if diff := cmp.Diff(s.items, got); err != nil || diff != "" {
						t.Errorf("%d items by %s, %d a page, that tells %s: %v\n%s", n, way, most, told, err, diff)
					}
					got = nil
					err = s.list(way).Each(t.Context(), client.Session(nil), func(page []string) error {
						got = append(got, page...)
						return nil
					})
					if diff := cmp.Diff(s.items, got); err != nil || diff != "" {
						t.Errorf("each of %d items by %s, %d a page, that tells %s: %v\n%s", n, way, most, told, err, diff)
					}
					s.Close()
				}
			}
		}
	}
}

// TestListsThatAreNotWhole meets platforms that show less than there is, or the same again: once, which the reading survives, and each
// time, which fails it.
func TestListsThatAreNotWhole(t *testing.T) {
	no, yes := false, true
	for _, c := range []struct {
		name  string
		ways  string
		told  string
		spoil func(s *shelf, n int, a *shelfAnswer)
		want  string // of the error where each reading is spoiled
	}{
		{"a page is served twice", "cursor link", "", func(s *shelf, n int, a *shelfAnswer) {
			if n%4 == 2 {
				a.Items = s.items[:3]
			}
		}, "has nothing that did not come before, in each of 3 attempts"},
		{"a page is served twice", "number", "total", func(s *shelf, n int, a *shelfAnswer) {
			if a.Items[0] == "item 06" {
				a.Items = s.items[:3]
			}
		}, "nothing that did not come before, in each of 4 attempts"},
		{"the first page is served for every page", "number", "total", first, "nothing that did not come before"},
		{"the first page is served for every page", "number", "", first, "nothing that did not come before"},
		{"the first page is served for every page", "number", "pages", first, "nothing that did not come before"},
		{"the first page is served for every page", "number offset", "more", first, ", in each of "},
		{"the first page is served for every page", "offset", "", first, "page 2 does not begin with the last item of the page before"},
		{"the first page is served for every page", "offset", "total", first, "page 2 does not begin with the last item of the page before"},
		{"the first page is served for every page", "cursor link", "total", first, ", in each of 3 attempts"},
		{"the first page is served for every page", "cursor link", "", func(s *shelf, _ int, a *shelfAnswer) { a.Items = s.items[:3] }, ", in each of 3 attempts"},
		{"the total counts the page", "number", "", func(_ *shelf, _ int, a *shelfAnswer) {
			n := int64(len(a.Items))
			a.Total = &n
		}, "page 1 announces the 3 entries that it has, and page 2 has more"},
		{"the total counts the page", "offset", "", func(_ *shelf, _ int, a *shelfAnswer) {
			n := int64(len(a.Items))
			a.Total = &n
		}, "page 1 announces the 3 entries that it has, and page 2 has more"},
		{"the total counts the page", "number offset", "", func(_ *shelf, _ int, a *shelfAnswer) {
			n := int64(len(a.Items))
			a.Total, a.More = &n, &yes
		}, "page 1 has all items that are announced, and says that more follow"},
		{"the total is too small", "cursor link", "total", func(_ *shelf, _ int, a *shelfAnswer) { *a.Total = 3 },
			"the API says there are 3 entries but gave 10 different ones"},
		{"the total changes", "number offset cursor link", "total", func(_ *shelf, n int, a *shelfAnswer) { *a.Total += int64(n % 2) }, "it had 1"},
		{"the total is told on one page", "number offset cursor link", "total", func(_ *shelf, n int, a *shelfAnswer) {
			if a.Items[0] != "item 00" {
				a.Total = nil
			}
		}, "not each of its pages says how many items there are"},
		{"an empty page", "number", "total", emptied, "page 2 is empty, and page 3 is not"},
		{"an empty page", "number", "", emptied, "page 2 is empty, and page 3 is not"},
		{"an empty page", "number", "pages", emptied, "page 2 of 4 is empty"},
		{"an empty page", "offset", "", emptied, "page 2 is empty, though it was to begin with"},
		{"an empty page", "offset", "total", emptied, "page 2 is empty, though it was to begin with"},
		{"an empty page", "cursor link", "total", emptied, "the API says there are 10 entries but gave 7 different ones"},
		{"no items at all", "number offset cursor link", "total", func(_ *shelf, _ int, a *shelfAnswer) {
			a.Items = []string{}
			a.Next, a.link = new(string), ""
		}, " 10 entries "},
		{"more is announced, but no place", "cursor link", "more", func(_ *shelf, _ int, a *shelfAnswer) { a.Next, a.link, a.More = new(string), "", &yes },
			"page 1 says that more follow, but not where"},
		{"the end is told too early", "cursor link", "total more", func(_ *shelf, _ int, a *shelfAnswer) { a.More = &no }, ", in each of "},
		{"a loop of cursors", "cursor link", "", func(s *shelf, n int, a *shelfAnswer) {
			if strings.Contains(a.Items[0], "06") {
				*a = shelfAnswer{Items: []string{fmt.Sprintf("new item %d", n)}, Next: &s.items[2], link: "</v1/items?after=item+02>; rel=next"}
			}
		}, "page 3 leads back to a page that was read before"},
		{"pages of nothing", "cursor link", "", func(_ *shelf, n int, a *shelfAnswer) {
			next := fmt.Sprintf("item %d", n)
			*a = shelfAnswer{Items: []string{}, Next: &next, link: fmt.Sprintf("</v1/items?after=%d>; rel=next", n)}
		}, "101 pages in a row are empty"},
		{"an item comes twice", "cursor link number", "", func(s *shelf, _ int, a *shelfAnswer) {
			if a.Items = slices.Clone(a.Items); len(a.Items) > 1 && a.Items[0] != "item 00" {
				a.Items[0] = "item 00"
			}
		}, `item "item 00" came twice`},
	} {
		for _, way := range strings.Fields(c.ways) {
			t.Run(c.name+", "+way+", "+c.told, func(t *testing.T) {
				for _, lasting := range []bool{false, true} {
					s := newShelf(t, 10, 3)
					s.total, s.pages, s.more = strings.Contains(c.told, "total"), c.told == "pages", strings.Contains(c.told, "more")
					over := false // the first reading is
					s.spoil = func(n int, a *shelfAnswer) {
						if len(a.Items) == 0 && c.name != "pages of nothing" {
							return // behind the end there is nothing to spoil
						}
						if over = over || n > 1 && len(a.Items) > 0 && a.Items[0] == "item 00"; lasting || !over {
							c.spoil(s, n, a)
						}
					}
					client := s.client(func(config *webapi.Config) { one := int64(1); config.Pace.Concurrency = &one })
					got, err := s.list(way).All(t.Context(), client.Session(nil))
					if lasting {
						if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "GET /items: ") {
							t.Errorf("%d items, %v\nwant %s", len(got), err, c.want)
						}
					} else if diff := cmp.Diff(s.items, got); err != nil || diff != "" {
						t.Errorf("once: %v\n%s", err, diff)
					}
				}
			})
		}
	}
}

// first has each page be the first.
func first(s *shelf, _ int, a *shelfAnswer) {
	a.Items = s.items[:3]
	next := "item 02"
	a.Next, a.link = &next, `</v1/items?after=item+02>; rel="next"`
}

// emptied empties the second page.
func emptied(_ *shelf, _ int, a *shelfAnswer) {
	if at := a.Items[0]; at == "item 03" || at == "item 02" {
		a.Items = []string{}
	}
}

// TestAFullFirstPage takes no full page for a whole list that says nothing of what follows.
func TestAFullFirstPage(t *testing.T) {
	s := newShelf(t, 10, 3)
	s.spoil = func(_ int, a *shelfAnswer) { a.link = "" }
	got, err := s.list("link").All(t.Context(), s.client(nil).Session(nil))
	if want := "GET /items: its first page is full, and says neither how many items there are nor what follows; ask for pages of another size"; err == nil || err.Error() != want {
		t.Errorf("%d items, %v", len(got), err)
	}
}

// TestListsThatChange deletes and adds items between any two requests: those that were there all the time are read.
func TestListsThatChange(t *testing.T) {
	changes := map[string]func(s *shelf){
		"one goes":  func(s *shelf) { s.items = s.items[1:] },
		"one comes": func(s *shelf) { s.items = append(s.items, "item 99") },
		"one goes, one comes": func(s *shelf) {
			s.items = append(slices.Clone(s.items[:1]), s.items[2:]...)
			s.items = append(s.items, "item 99")
		},
		"one goes, one comes before": func(s *shelf) {
			s.items = append([]string{"item !!"}, append(slices.Clone(s.items[:4]), s.items[5:]...)...)
		},
	}
	for name, change := range changes {
		for _, way := range ways {
			for _, told := range []bool{false, true} {
				for at := 2; at < 26; at++ {
					most := 3
					if at%2 == 1 && way == "offset" {
						most = 1 // then pages cannot overlap
					}
					s := newShelf(t, 11, most)
					s.total = told
					s.spoil = func(n int, _ *shelfAnswer) {
						if n == at/2 {
							change(s)
						}
					}
					var got []string
					err := s.list(way).Each(t.Context(), s.client(nil).Session(nil), func(page []string) error {
						got = append(got, page...)
						return nil
					})
					slices.Sort(got)
					if double := len(slices.Compact(slices.Clone(got))) != len(got); err != nil || double {
						t.Errorf("%s at request %d, by %s, total %v: %v, an item twice: %v", name, at, way, told, err, double)
					}
					for i := 5; i < 11; i++ {
						if item := fmt.Sprintf("item %02d", i); !slices.Contains(got, item) {
							t.Errorf("%s at request %d, by %s, total %v: %s is missing of %q", name, at, way, told, item, got)
						}
					}
					s.Close()
				}
			}
		}
	}
}
