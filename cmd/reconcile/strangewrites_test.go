package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
)

// strangeAnswer is what something between reconcile and its store answers in place of the store.
type strangeAnswer struct {
	status int
	header [2]string
	body   string
	words  string // which tell a person what came
	stock  bool   // quantities are among what is written: that they are not there is known after a minute
}

// strangeAnswers are by the name that a storeDay has.
var strangeAnswers = map[string]strangeAnswer{
	"200 with a login page":       {200, html, "<!DOCTYPE html><html><head><title>Sign in &amp; go on</title></head><body><form></form></body></html>", `a page for a browser, "Sign in & go on"`, true},
	"200 with nothing":            {200, [2]string{}, "", "not the JSON that was expected", false},
	"204":                         {204, [2]string{}, "", "204", true},
	"201 with another item":       {201, asJSON, `{"data": [{"id": 7, "sku": "OTHER", "name": "Simpler 1", "price": 21, "inventory_level": 50}], "meta": {}}`, "201", true},
	"200 with another item":       {200, asJSON, `{"data": [{"id": 7, "sku": "OTHER", "name": "Simpler 1", "price": 21, "inventory_level": 50}], "meta": {}}`, "it does not ", false},
	"a redirect to a login page":  {302, [2]string{"Location", "/login"}, "", "302", true},
	"a redirect that keeps a PUT": {307, [2]string{"Location", "https://elsewhere.invalid/login"}, "", "307", false},
	"JSON that is cut off":        {200, asJSON, `{"data": [{"id": 1000000, "name": "Simp`, "not the JSON that was expected", false},
	"502 with a page":             {502, html, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>", "502 Bad Gateway", true},
}

var html, asJSON = [2]string{"Content-Type", "text/html; charset=utf-8"}, [2]string{"Content-Type", "application/json"}

// fault answers so. If the store did what it was asked for, nobody hears of it.
func (a strangeAnswer) fault(done bool) emulator.Fault {
	return func(w http.ResponseWriter, r *http.Request, store http.Handler) {
		if done {
			emulator.Done(http.StatusOK)(unheard{http.Header{}}, r, store)
		}
		if a.header[0] != "" {
			w.Header().Set(a.header[0], a.header[1])
		}
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	}
}

// unheard is an answer that nobody gets.
type unheard struct{ header http.Header }

func (u unheard) Header() http.Header            { return u.header }
func (u unheard) WriteHeader(int)                {}
func (u unheard) Write(data []byte) (int, error) { return len(data), nil }

// TestStrangeWrites has something else than the store answer all that is written, of products, variants and stock. Where the store has done
// nothing no change is called applied, and each says what came instead; where it has, only what it then holds is.
func TestStrangeWrites(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("it takes a while: set RECONCILE_TEST_LONG=1")
	}
	t.Parallel()
	var all sync.WaitGroup
	for _, name := range slices.Sorted(maps.Keys(strangeAnswers)) {
		a, store := newWatched(t, strangeItems, strangeAnswers[name].stock)
		all.Go(func() { // most of the time it waits for what is not there
			for _, done := range []bool{false, true} {
				if err := a.writtenStrangely(store, name, done); err != nil {
					t.Errorf("%s, done %v: %v", name, done, err)
				}
			}
		})
	}
	all.Wait()
}

const strangeItems = 4 // of each kind

// writtenStrangely applies a plan with such answers to what is written.
func (a *applying) writtenStrangely(store *watchedStore, name string, done bool) error {
	answer := strangeAnswers[name]
	desired := desiredOf(strangeItems, answer.stock)
	store.serve(storeDay{Items: strangeItems, Answer: name, Done: done})
	status, journal, said := a.applied(fmt.Sprint("data", done))
	seen := store.seen()
	if err := agree(journal, seen, desired, nil, false); err != nil {
		return err
	}
	if len(journal.Changes) != len(desired) || seen.Writes == 0 {
		return fmt.Errorf("status %d, %d of %d changes, %d writes\n%s", status, len(journal.Changes), len(desired), seen.Writes, said)
	}
	for _, c := range journal.Changes {
		what := c.Field + " of " + c.SKU
		switch {
		case done && c.Outcome == "applied" && seen.Holds[what] == desired[what]:
		case !done && c.Outcome != "applied" && c.Outcome != "unchanged" && strings.Contains(c.Reason, answer.words):
		default:
			return fmt.Errorf("%s is %s: %q, which is to say %q; the store has %s", what, c.Outcome, c.Reason, answer.words, seen.Holds[what])
		}
	}
	if status != map[bool]int{false: 2, true: 0}[done] {
		return fmt.Errorf("status %d\n%s", status, said)
	}
	return nil
}
