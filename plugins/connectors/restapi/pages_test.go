package restapi

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

type pageCase struct {
	name   string
	page   sdktest.Settings
	more   sdktest.Settings // other settings
	items  int              // of the catalogue
	answer func(w http.ResponseWriter, r *http.Request, all []any) any
	err    []string
}

func (c pageCase) run(t *testing.T) {
	all := catalogue(c.items)
	shop := newShop(t, func(w http.ResponseWriter, r *http.Request) any { return c.answer(w, r, all) })
	settings := shop.settings(c.more)
	settings["page"] = c.page
	got, err := read(t, settings)
	wants(t, err, c.err...)
	if len(c.err) > 0 {
		return
	}
	if len(got.Items) != c.items {
		t.Fatalf("%d items, not %d", len(got.Items), c.items)
	}
	for i, item := range got.Items {
		if want := fmt.Sprintf(`{"sku":"S-%d","price":%d.1,"id":"%d"}`, i+1, i+1, i+1); item != want {
			t.Fatalf("item %d is %s, not %s", i+1, item, want)
		}
	}
}

func byOffset(total bool) func(http.ResponseWriter, *http.Request, []any) any {
	return func(_ http.ResponseWriter, r *http.Request, all []any) any {
		answer := object{"items": part(r, all, "offset", "limit")}
		if total {
			answer["count"] = len(all)
		}
		return answer
	}
}

// numbered returns a page by its number, of size entries.
func pageOf(r *http.Request, all []any, size int) []any {
	n, _ := strconv.Atoi(r.URL.Query().Get("page"))
	from := min(max(n-1, 0)*size, len(all))
	return all[from:min(from+size, len(all))]
}

// TestPages says that lists are read whole in each way of paging, or that the read fails.
func TestPages(t *testing.T) {
	offset := sdktest.Settings{"type": "offset", "size": 10}
	number := sdktest.Settings{"type": "number", "size": 10, "size_param": ""}
	with := func(page sdktest.Settings, more ...any) sdktest.Settings {
		all := sdktest.Settings{}
		for name, value := range page {
			all[name] = value
		}
		for i := 0; i < len(more); i += 2 {
			all[more[i].(string)] = more[i+1]
		}
		return all
	}
	cursor := sdktest.Settings{"type": "cursor", "size": 10, "cursor": "$.next"}
	byCursor := func(absent bool, last any) func(http.ResponseWriter, *http.Request, []any) any {
		return func(_ http.ResponseWriter, r *http.Request, all []any) any {
			from, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("cursor"), "c"))
			answer := object{"items": all[from:min(from+10, len(all))], "next": last}
			if from+10 < len(all) {
				answer["next"] = fmt.Sprintf("c%d", from+10)
			} else if absent {
				delete(answer, "next")
			}
			return answer
		}
	}
	byLink := func(w http.ResponseWriter, r *http.Request, all []any) any {
		from, _ := strconv.Atoi(r.URL.Query().Get("after"))
		if from+10 < len(all) {
			w.Header().Set("Link", fmt.Sprintf(`<http://%s/items?after=%d>; rel="next"`, r.Host, from+10))
		}
		return object{"items": all[from:min(from+10, len(all))]}
	}
	for _, c := range []pageCase{
		{name: "none", page: sdktest.Settings{"type": "none"}, items: 25, answer: byOffset(false)},
		{name: "none, of a list that has pages by its total", page: sdktest.Settings{"type": "none", "total": "$.count"}, items: 25, answer: func(_ http.ResponseWriter, _ *http.Request, all []any) any {
			return object{"items": all[:10], "count": len(all)}
		}, err: []string{"the API says there are 25 entries but gave 10: the list comes in pages"}},
		{name: "none, of a list that has pages by a link", page: sdktest.Settings{"type": "none"}, items: 25, answer: byLink, err: []string{"the answer's header says that there is more than the 10 entries"}},
		{name: "none, of a list that has pages by a header", page: sdktest.Settings{"type": "none"}, items: 25, answer: func(w http.ResponseWriter, _ *http.Request, all []any) any {
			w.Header().Set("X-Total-Count", "25")
			return object{"items": all[:10]}
		}, err: []string{"the answer's header says that there is more than the 10 entries"}},
		{name: "none, of a list that says that more follows", page: sdktest.Settings{"type": "none", "more": "$.more"}, items: 25, answer: func(_ http.ResponseWriter, _ *http.Request, all []any) any {
			return object{"items": all[:10], "more": true}
		}, err: []string{"the answer says that more follows"}},
		{name: "none, with an entry twice", page: sdktest.Settings{"type": "none"}, items: 2, answer: func(_ http.ResponseWriter, _ *http.Request, all []any) any {
			return object{"items": []any{all[0], all[0]}}
		}, err: []string{`the entry "1" comes twice`}},
		{name: "none, with an entry twice that nothing names", page: sdktest.Settings{"type": "none"}, more: sdktest.Settings{"fields": map[string]string{"sku": "$.sku"}}, items: 2, answer: func(_ http.ResponseWriter, _ *http.Request, all []any) any {
			return object{"items": []any{all[0], all[1], all[0]}}
		}, err: []string{"entry 3 is the same as entry 1"}},

		{name: "offset, with a total", page: with(offset, "total", "$.count"), items: 95, answer: byOffset(true)},
		{name: "offset, one full page", page: with(offset, "total", "$.count"), items: 10, answer: byOffset(true)},
		{name: "offset, without a total", page: offset, items: 95, answer: byOffset(false)},
		{name: "offset, without a total, all pages full", page: offset, items: 28, answer: byOffset(false)},
		{name: "offset, of an API that gives fewer at a time", page: with(offset, "size", 200, "total", "$.count"), items: 25, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			page := part(r, all, "offset", "limit")
			return object{"items": page[:min(len(page), 10)], "count": len(all)}
		}},
		{name: "offset, a total that the pages do not come to", page: with(offset, "total", "$.count"), items: 25, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			return object{"items": part(r, all[:20], "offset", "limit"), "count": len(all)}
		}, err: []string{"the API says there are 25 entries but gave 20 different ones, in each of 3 attempts"}},
		{name: "offset, a total that is not there", page: with(offset, "total", "$.total"), items: 25, answer: byOffset(true), err: []string{"page 1 of GET /items", "page.total: the path $.total selects nothing"}},
		{name: "offset, a total that changes", page: with(offset, "total", "$.count"), items: 25, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			page := part(r, all, "offset", "limit")
			return object{"items": page, "count": len(all) + len(r.URL.Query().Get("offset"))}
		}, err: []string{"it had 26 items, and then 27"}},
		{name: "offset, of an API that takes no notice of it", page: offset, items: 25, answer: func(_ http.ResponseWriter, _ *http.Request, all []any) any {
			return object{"items": all[:10]}
		}, err: []string{"does not begin with the last item of the page before"}},
		{name: "offset, a short page that is not the last", page: offset, items: 35, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			page := part(r, all, "offset", "limit")
			if r.URL.Query().Get("offset") == "9" {
				page = page[:5]
			}
			return object{"items": page}
		}, err: []string{"a page has fewer entries than the first (10), and another follows it"}},

		{name: "number, with a total in a header", page: with(number, "total_header", "X-WP-Total"), items: 95, answer: func(w http.ResponseWriter, r *http.Request, all []any) any {
			w.Header().Set("X-WP-Total", strconv.Itoa(len(all)))
			return object{"items": pageOf(r, all, 10)}
		}},
		{name: "number, without a total", page: number, items: 95, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			return object{"items": pageOf(r, all, 10)}
		}},
		{name: "number, that says whether there are more", page: with(number, "more", "$.more"), items: 30, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			n, _ := strconv.Atoi(r.URL.Query().Get("page"))
			return object{"items": pageOf(r, all, 10), "more": n*10 < len(all)}
		}},
		{name: "number, from 0", page: with(number, "first", 0), items: 25, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			n, _ := strconv.Atoi(r.URL.Query().Get("page"))
			from := min(n*10, len(all))
			return object{"items": all[from:min(from+10, len(all))]}
		}},
		{name: "number, the first page for every page", page: number, items: 25, answer: func(_ http.ResponseWriter, _ *http.Request, all []any) any {
			return object{"items": all[:10]}
		}, err: []string{"page 2 has nothing that did not come before"}},
		{name: "number, the last page for every page behind", page: number, items: 25, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			n, _ := strconv.Atoi(r.URL.Query().Get("page"))
			from := min(n-1, 2) * 10
			return object{"items": all[from:min(from+10, len(all))]}
		}, err: []string{"a page has fewer entries than the first (10), and another follows it"}},
		{name: "number, a short page that is not the last", page: number, items: 35, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			page := pageOf(r, all, 10)
			if r.URL.Query().Get("page") == "2" {
				page = page[:7]
			}
			return object{"items": page}
		}, err: []string{"a page has fewer entries than the first (10), and another follows it"}},
		{name: "number, that says something else than whether there are more", page: with(number, "more", "$.more"), items: 30, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			return object{"items": pageOf(r, all, 10), "more": "no"}
		}, err: []string{`page.more: the path $.more selects the text "no", where true or false is expected`}},

		{name: "cursor, null in the last page", page: cursor, items: 95, answer: byCursor(false, nil)},
		{name: "cursor, an empty text in the last page", page: cursor, items: 30, answer: byCursor(false, "")},
		{name: "cursor, left out of the last page", page: cursor, items: 95, answer: byCursor(true, nil), err: []string{"page.cursor, path $.next: the page has nothing there", "omitted = true"}},
		{name: "cursor, left out of the last page, as it may be", page: with(cursor, "omitted", true), items: 95, answer: byCursor(true, nil)},
		{name: "cursor, left out of the last page, which says that it is the last", page: with(cursor, "more", "$.more"), items: 95, answer: func(w http.ResponseWriter, r *http.Request, all []any) any {
			answer := byCursor(true, nil)(w, r, all).(object)
			_, answer["more"] = answer["next"]
			return answer
		}},
		{name: "cursor, left out of a page in the middle", page: cursor, items: 95, answer: func(w http.ResponseWriter, r *http.Request, all []any) any {
			answer := byCursor(true, nil)(w, r, all).(object)
			if r.URL.Query().Get("cursor") == "c30" {
				delete(answer, "next")
			}
			return answer
		}, err: []string{"page.cursor, path $.next: the page has nothing there"}},
		{name: "cursor, left out of a later page that is empty", page: cursor, items: 95, answer: func(w http.ResponseWriter, r *http.Request, all []any) any {
			if r.URL.Query().Get("cursor") == "c30" {
				return object{"items": []any{}}
			}
			return byCursor(false, nil)(w, r, all)
		}, err: []string{"page.cursor, path $.next: the page has nothing there"}},
		{name: "cursor, left out of the only page", page: cursor, items: 5, answer: byCursor(true, nil), err: []string{"page.cursor, path $.next: the page has nothing there", "omitted = true"}},
		{name: "cursor, left out of the only page, as it may be", page: with(cursor, "omitted", true), items: 5, answer: byCursor(true, nil)},
		{name: "cursor, a path that is not the right one", page: with(cursor, "cursor", "$.nxet"), items: 95, answer: byCursor(false, nil), err: []string{"page.cursor, path $.nxet: the page has nothing there"}},
		{name: "cursor, that comes again", page: cursor, items: 95, answer: func(_ http.ResponseWriter, _ *http.Request, all []any) any {
			return object{"items": all[:10], "next": "c10"}
		}, err: []string{"page 2 has nothing that did not come before"}},
		{name: "cursor, that is the last entry's id", page: with(cursor, "cursor", "$.items[-1:].id", "cursor_param", "after", "more", "$.more"), items: 95, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			from, _ := strconv.Atoi(r.URL.Query().Get("after"))
			return object{"items": all[from:min(from+10, len(all))], "more": from+10 < len(all)}
		}},
		{name: "cursor, with a total that is not reached", page: with(cursor, "total", "$.count"), items: 95, answer: func(_ http.ResponseWriter, _ *http.Request, all []any) any {
			return object{"items": all[:10], "next": nil, "count": 95}
		}, err: []string{"the API says there are 95 entries but gave 10 different ones"}},

		{name: "link in the header", page: sdktest.Settings{"type": "link", "size": 10, "omitted": true}, items: 95, answer: byLink},
		{name: "link, missing from the last page", page: sdktest.Settings{"type": "link", "size": 10}, items: 95, answer: byLink, err: []string{"the header Link: the page has nothing there", "omitted = true"}},
		{name: "link, missing from the only page", page: sdktest.Settings{"type": "link", "size": 10}, items: 5, answer: byLink, err: []string{"the header Link: the page has nothing there", "omitted = true"}},
		{name: "link, missing from the only page, as it may be", page: sdktest.Settings{"type": "link", "size": 10, "omitted": true}, items: 5, answer: byLink},
		{name: "link, missing from a full page", page: sdktest.Settings{"type": "link", "size": 10, "omitted": true}, items: 10, answer: byLink, err: []string{"its first page is full, and says neither how many items there are nor what follows"}},
		{name: "link, missing from a page without entries", page: sdktest.Settings{"type": "link", "size": 10}, items: 25, answer: func(w http.ResponseWriter, r *http.Request, all []any) any {
			if r.URL.Query().Get("from") != "" { // a mishap: there are 25
				return object{"items": []any{}}
			}
			w.Header().Set("Link", `<?from=10>; rel="next"`)
			return object{"items": all[:10]}
		}, err: []string{"the header Link: the page has nothing there", "omitted = true"}},
		{name: "link in the body, relative to what was asked", page: sdktest.Settings{"type": "link", "size": 10, "next": "$.links.next"}, items: 95, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			from, _ := strconv.Atoi(r.URL.Query().Get("after"))
			var next any
			if from+10 < len(all) {
				next = fmt.Sprintf("?after=%d", from+10)
			}
			return object{"items": all[from:min(from+10, len(all))], "links": object{"next": next}}
		}},
		{name: "link, to another host", page: sdktest.Settings{"type": "link", "size": 10}, items: 95, answer: func(w http.ResponseWriter, _ *http.Request, all []any) any {
			w.Header().Set("Link", `<https://evil.example/items?after=10>; rel="next"`)
			return object{"items": all[:10]}
		}, err: []string{"evil.example, which does not get the credentials"}},

		{name: "the list is not there", page: offset, items: 25, answer: func(http.ResponseWriter, *http.Request, []any) any {
			return object{"data": []any{}, "status": "ok"}
		}, err: []string{"items: the path $", "selects nothing, where a list is expected; the answer has the members data, status"}},
		{name: "the list is not there in a later page", page: with(offset, "more", "$.more"), items: 25, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			if r.URL.Query().Get("offset") != "0" {
				return object{"message": "too busy"}
			}
			return object{"items": all[:10], "more": true}
		}, err: []string{"page 2 of GET /items: items: the path $", "selects nothing, where a list is expected; the answer has the members message"}},
		{name: "the list is null", page: offset, items: 25, answer: func(http.ResponseWriter, *http.Request, []any) any {
			return object{"items": nil}
		}, err: []string{"selects null, where a list is expected"}},
		{name: "nothing for credentials that do not reach", page: offset, items: 25, answer: func(http.ResponseWriter, *http.Request, []any) any {
			return object{"items": []any{}}
		}, err: []string{"the API answered without a single item", "allow_empty = true"}},
		{name: "nothing, of an API that counts", page: with(offset, "total", "$.count"), items: 0, answer: byOffset(true)},
		{name: "nothing, of an API that counts, in one answer", page: sdktest.Settings{"type": "none", "total": "$.count"}, items: 0, answer: byOffset(true)},
		{name: "a byte order mark", page: sdktest.Settings{"type": "none"}, items: 1, answer: func(http.ResponseWriter, *http.Request, []any) any {
			return "\ufeff" + `{"items":[{"id":1,"sku":"S-1","price":1.1}]}`
		}},
		{name: "cursor, empty pages that lead on", page: cursor, items: 25, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			from, empty := strings.CutPrefix(r.URL.Query().Get("cursor"), "e")
			at, _ := strconv.Atoi(from)
			switch {
			case !empty && at > 0: // each second page
				return object{"items": all[at-10 : min(at, len(all))], "next": map[bool]any{true: "e" + from}[at < len(all)]}
			default:
				return object{"items": []any{}, "next": strconv.Itoa(at + 10)}
			}
		}},
		{name: "cursor, empty pages without end", page: cursor, items: 25, answer: func(_ http.ResponseWriter, r *http.Request, _ []any) any {
			at, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
			return object{"items": []any{}, "next": strconv.Itoa(at + 1)}
		}, err: []string{"101 pages in a row are empty, in each of 3 attempts"}},
		{name: "number, empty pages that say that more follow", page: with(number, "more", "$.more"), items: 20, answer: func(_ http.ResponseWriter, r *http.Request, all []any) any {
			page := map[string][]any{"2": all[:10], "4": all[10:]}[r.URL.Query().Get("page")]
			return object{"items": append([]any{}, page...), "more": r.URL.Query().Get("page") != "4"}
		}},
		{name: "cursor, never found, though there is a total", page: with(cursor, "cursor", "$.meta.next", "total", "$.count"), items: 25, answer: func(_ http.ResponseWriter, _ *http.Request, all []any) any {
			return object{"items": all[:10], "count": len(all), "paging": object{"next": "c10"}}
		}, err: []string{"the API says there are 25 entries but gave 10 different ones", "its first page has nothing at page.cursor, path $.meta.next, where the place of the next page is looked for"}},
		{name: "nothing, as it may be", page: offset, more: sdktest.Settings{"allow_empty": true}, items: 0, answer: byOffset(false)},
		{name: "a login page", page: offset, items: 25, answer: func(w http.ResponseWriter, _ *http.Request, _ []any) any {
			w.Header().Set("Content-Type", "text/html")
			return "<!doctype html><title>Log in</title>"
		}, err: []string{"page 1 of GET /items: the answer is a web page, where JSON is expected: a login page"}},
		{name: "an answer that breaks off", page: offset, items: 25, answer: func(http.ResponseWriter, *http.Request, []any) any {
			return `{"items":[{"sku":"A"`
		}, err: []string{"the answer is not the JSON that was expected: unexpected EOF"}},
		{name: "a member that is there twice", page: offset, items: 25, answer: func(http.ResponseWriter, *http.Request, []any) any {
			return `{"items":[{"sku":"A","sku":"B"}]}`
		}, err: []string{`an object has the member "sku" twice`}},
		{name: "an error with status 200", page: offset, more: sdktest.Settings{"errors": "$.error.message"}, items: 25, answer: func(http.ResponseWriter, *http.Request, []any) any {
			return object{"error": object{"message": "no such shop"}, "items": []any{}}
		}, err: []string{"the API answers with an error: no such shop"}},
		{name: "no error with status 200", page: offset, more: sdktest.Settings{"errors": "$.error"}, items: 25, answer: func(w http.ResponseWriter, r *http.Request, all []any) any {
			return object{"error": nil, "items": part(r, all, "offset", "limit")}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t)
		})
	}
}

// TestPermanentErrorsAreTriedOnce says that an answer that would be the same the next time is not asked for again.
func TestPermanentErrorsAreTriedOnce(t *testing.T) {
	for name, answer := range map[string]any{
		"a login page":         "<html>",
		"the list is missing":  object{"data": []any{}},
		"an item has no price": object{"items": []any{object{"id": 1, "sku": "A"}}},
	} {
		shop := newShop(t, func(http.ResponseWriter, *http.Request) any { return answer })
		if _, err := read(t, shop.settings(nil)); err == nil || shop.requests.Load() != 1 {
			t.Errorf("%s: %d requests, error %v", name, shop.requests.Load(), err)
		}
	}
}
