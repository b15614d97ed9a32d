package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// TestLastChosen has the page open on what was chosen last: filter, order and columns, but no search.
func TestLastChosen(t *testing.T) {
	s, _, b := newInventory(t, store.Viewer)
	const bare = "/inventory/bigcommerce"
	leads := func(want string) {
		t.Helper()
		r := s.get(b, bare)
		if got := r.Header.Get("Location"); got != want || want == "" && r.status != http.StatusOK || want != "" && r.status != http.StatusSeeOther {
			t.Errorf("it opens on %d %q, not on %q", r.status, got, want)
		}
	}
	leads("") // the first time on all items
	s.get(b, bare+"?show=rule.P&sort=-sku&details=1&q=LIGHT&row=2&item=LIGHT-F")
	leads(bare + "?details=1&show=rule.P&sort=-sku")
	s.get(b, bare+"/rows?show=rule.Q")
	s.get(b, bare+"?show=new&run=run-1")
	leads(bare + "?details=1&show=rule.P&sort=-sku") // a part of the page and an older run change nothing
	s.get(b, bare+"?show=rule.NOMORE&details=1")
	leads(bare + "?details=1")
	s.get(b, bare+"?show=all")
	leads("")
	if r := s.get(s.user("Eve", store.Viewer), bare); r.status != http.StatusOK {
		t.Errorf("somebody else: %d", r.status)
	}
	for _, cookie := range []string{"%zz", "show%3Drule.P%26sort%3Dnosuch%26run%3Drun-9", strings.Repeat("x", 2000)} {
		r := s.request("GET", bare, "")
		r.AddCookie(&http.Cookie{Name: chosenCookie, Value: cookie})
		if got := s.do(b, r); got.status != http.StatusOK && got.Header.Get("Location") != bare+"?show=rule.P" {
			t.Errorf("a cookie that is not ours: %d %s", got.status, got.Header.Get("Location"))
		}
	}
	// Every link of the page says what it leads to.
	for _, m := range regexp.MustCompile(`<a href="(/inventory/bigcommerce[^"]*)" data-go`).FindAllStringSubmatch(s.get(b, bare+"?sort=-sku").text, -1) {
		if !strings.Contains(m[1], "?") {
			t.Errorf("%s leads to what was chosen last", m[1])
		}
	}
}

// TestSince says since when an item has its oldest N; with a rule's filter on, since when it has that rule's.
func TestSince(t *testing.T) {
	s, of, b := newInventory(t, store.Viewer)
	stamps := func(query string) (list []string) {
		for _, m := range regexp.MustCompile(`datetime="([^"]*)" data-since`).FindAllStringSubmatch(s.get(b, "/inventory/bigcommerce"+query).text, -1) {
			list = append(list, m[1])
		}
		return list
	}
	at := func(hours time.Duration) string { return of.made.Add(-hours * time.Hour).UTC().Format(time.RFC3339) }
	for query, want := range map[string][]string{
		"?q=light":                 {at(73), at(73)},
		"?show=rule.P":             {at(17), at(37)}, // BK-ROAD-54, LIGHT-F
		"?show=rule.P&sort=since":  {at(37), at(17)},
		"?show=rule.P&sort=-since": {at(17), at(37)},
		"?show=rule.Q":             {at(14)},
		"?show=synchronized":       nil,
	} {
		if got := stamps(query); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	// Of which it is not known comes last, either way.
	for _, order := range []string{"since", "-since"} {
		if page := s.get(b, "/inventory/bigcommerce?sort="+order); !strings.HasPrefix(skus(page.text), "LIGHT-F LIGHT-R BK-ROAD-52 ") {
			t.Errorf("by %s: %s", order, skus(page.text))
		}
	}
	if page := s.get(b, "/inventory/bigcommerce?show=rule.P"); !strings.Contains(page.text, `title="Since when it is N in P"`) {
		t.Error("nothing says what the column is about")
	}
	_, why, _ := strings.Cut(s.get(b, "/inventory/bigcommerce/why?item=BK-ROAD-54&rule=Q").text, `id="cell-Q"`)
	if !strings.Contains(why, `datetime="`+at(14)+`" data-for`) || !strings.Contains(why, `datetime="`+at(17)+`" data-for`) {
		t.Errorf("why lacks since when the cells are N:\n%s", why)
	}
}
