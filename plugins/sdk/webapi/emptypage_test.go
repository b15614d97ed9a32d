package webapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// book is a platform whose pages are these texts, by their places; of the others page says what they are.
func book(t *testing.T, pages map[string]string, page func(at string) string) (*webapi.Client, func() int) {
	asked := 0
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		asked++
		at := r.URL.Query().Get("at")
		body, ok := pages[at]
		if !ok && page != nil {
			body = page(at)
		}
		write(w, body)
	})
	return webapi.New(webapi.Config{URL: s.URL, Clock: &sdktest.Clock{}}), func() int { return asked }
}

// whole reads a list of such pages, by cursor, link or number, and returns the identifiers.
func whole(t *testing.T, c *webapi.Client, way, total string) ([]string, error) {
	list := &webapi.List[*webapi.Entry]{Ask: webapi.At("/w", "at"), Key: webapi.Key("id"), Read: webapi.Members[*webapi.Entry]("items", total, "next")}
	paged := list.ByCursor()
	switch way {
	case "link":
		paged = list.ByLink()
	case "number":
		list.Read = func(a *webapi.Answer) (page webapi.Page[*webapi.Entry], err error) {
			var answer struct {
				Items []*webapi.Entry
				More  *bool
			}
			err = webapi.Decode(a.Body, &answer)
			return webapi.Page[*webapi.Entry]{Items: answer.Items, More: answer.More}, err
		}
		paged = list.ByNumber(1)
	}
	var ids []string
	err := paged.Each(t.Context(), c.Session(nil), func(page []*webapi.Entry) error {
		for _, e := range page {
			ids = append(ids, e.Text("id"))
		}
		return nil
	})
	return ids, err
}

// TestAnEmptyPageIsNoEnd reads lists with empty pages that say themselves that they are not the last, and gives up where such pages never end.
func TestAnEmptyPageIsNoEnd(t *testing.T) {
	for way, pages := range map[string]map[string]string{
		"cursor": {"": `{"items": [], "next": "2"}`, "2": `{"items": [{"id": 1}], "next": "3"}`, "3": `{"items": [], "next": "4"}`, "4": `{"items": [{"id": 2}], "next": null}`},
		"link":   {"": `{"items": [{"id": 1}], "next": "?at=2"}`, "2": `{"items": [], "next": "?at=3"}`, "3": `{"items": [{"id": 2}], "next": null}`},
		"number": {"1": `{"items": [], "more": true}`, "2": `{"items": [{"id": 1}], "more": true}`, "3": `{"items": [], "more": true}`, "4": `{"items": [{"id": 2}], "more": true}`, "5": `{"items": [], "more": false}`},
	} {
		client, _ := book(t, pages, nil)
		if got, err := whole(t, client, way, ""); err != nil || !slices.Equal(got, []string{"1", "2"}) {
			t.Errorf("by %s: %q, %v", way, got, err)
		}
		client, asked := book(t, nil, func(at string) string {
			n, _ := strconv.Atoi(at)
			next := map[string]string{"link": fmt.Sprintf("?at=%d", n+1), "cursor": strconv.Itoa(n + 1)}[way]
			return fmt.Sprintf(`{"items": [], "next": %q, "more": true}`, next)
		})
		if got, err := whole(t, client, way, ""); err == nil || !strings.Contains(err.Error(), "101 pages in a row are empty, in each of ") {
			t.Errorf("by %s, without end: %q, %v", way, got, err)
		}
		if asked() > 500 {
			t.Errorf("by %s, without end: %d requests", way, asked())
		}
	}
}

// TestTheNextPageIsNeverFound says that a wrong place of the cursor is named, and no busy store.
func TestTheNextPageIsNeverFound(t *testing.T) {
	for _, way := range []string{"cursor", "link"} {
		client, _ := book(t, nil, func(string) string { return `{"items": [{"id": 1}, {"id": 2}], "total": 5, "paging": {"next": "2"}}` })
		_, err := whole(t, client, way, "total")
		const want = `GET /w: the API says there are 5 entries but gave 2 different ones, in each of 3 attempts; its first page has nothing at "next", where the place of the next page is looked for: see where an answer has it`
		if err == nil || err.Error() != want {
			t.Errorf("by %s: %v", way, err)
		}
		// null is there, and says that this is the last page: then the list may have changed.
		client, _ = book(t, nil, func(string) string { return `{"items": [{"id": 1}, {"id": 2}], "total": 5, "next": null}` })
		if _, err := whole(t, client, way, "total"); err == nil || !strings.Contains(err.Error(), "says there are 5 entries but gave 2 different ones, in each of 3 attempts; try again when the store is quieter") {
			t.Errorf("by %s, null: %v", way, err)
		}
	}
	client, _ := book(t, nil, func(string) string { return `{"items": [{"id": 1}], "total": 1}` })
	if got, err := whole(t, client, "cursor", "total"); err != nil || len(got) != 1 {
		t.Errorf("a page that is all: %q, %v", got, err)
	}
}
