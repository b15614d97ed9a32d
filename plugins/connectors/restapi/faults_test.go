package restapi

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// spoils are what becomes of one answer. Each gets a good one.
var spoils = map[string]func(w http.ResponseWriter, r *http.Request, good *httptest.ResponseRecorder){
	"an error that passes": func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		w.WriteHeader(http.StatusBadGateway)
	},
	"a refusal": func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		w.WriteHeader(http.StatusForbidden)
	},
	"too many requests": func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		w.WriteHeader(http.StatusTooManyRequests)
	},
	"no body": func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {},
	"no content": func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		w.WriteHeader(http.StatusNoContent)
	},
	"a web page":          spoilText(func(string) string { return "<html><title>Log in</title></html>" }),
	"half of the text":    spoilText(func(text string) string { return text[:len(text)/2] }),
	"an empty object":     spoilText(func(string) string { return "{}" }),
	"null":                spoilText(func(string) string { return "null" }),
	"an error of its own": spoilText(func(string) string { return `{"error": "too busy", "items": []}` }),
	"no list":             spoilText(func(text string) string { return strings.Replace(text, `"items"`, `"itens"`, 1) }),
	"one entry less": spoilText(func(text string) string {
		return text[:strings.Index(text, `{"id"`)] + text[strings.Index(text, `},{`)+2:]
	}),
	"no entries": spoilText(func(text string) string {
		return text[:strings.Index(text, "[")+1] + text[strings.LastIndex(text, "]"):]
	}),
	"a value of another type": spoilText(func(text string) string { return strings.Replace(text, `"price":`, `"price":[],"was":`, 1) }),
	"the first page once more": func(w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		first := r.Clone(r.Context())
		first.URL.RawQuery = ""
		first.Header.Set("Again", "yes")
		answerOf(w, first)
	},
	"the connection breaks": func(_ http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		panic(http.ErrAbortHandler)
	},
}

func spoilText(change func(string) string) func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
	return func(w http.ResponseWriter, _ *http.Request, good *httptest.ResponseRecorder) {
		for name, values := range good.Header() {
			w.Header()[name] = values
		}
		_, _ = w.Write([]byte(change(good.Body.String())))
	}
}

// faultEntries is how many entries the platform of this test has: the last page is not full.
const faultEntries = 33

// answerOf answers any way of paging: ten entries from an offset, of a page, or behind a cursor.
func answerOf(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	from, _ := strconv.Atoi(q.Get("offset"))
	if n, err := strconv.Atoi(q.Get("page")); err == nil {
		from = (n - 1) * 10
	}
	if n, err := strconv.Atoi(q.Get("cursor")); err == nil {
		from = n
	}
	from = min(max(from, 0), faultEntries)
	to := min(from+10, faultEntries)
	var list []string
	for i := from; i < to; i++ {
		list = append(list, fmt.Sprintf(`{"id":%d,"sku":"S-%02d","price":%d.10}`, i, i, i))
	}
	next := "null"
	if to < faultEntries {
		next = fmt.Sprintf(`"%d"`, to)
		w.Header().Set("Link", fmt.Sprintf(`<?cursor=%d>; rel="next"`, to))
	} else {
		w.Header().Set("Link", `<?cursor=0>; rel="first"`)
	}
	w.Header().Set("X-Total-Count", strconv.Itoa(faultEntries))
	fmt.Fprintf(w, `{"count":%d,"more":%v,"next":%s,"items":[%s]}`, faultEntries, to < faultEntries, next, strings.Join(list, ","))
}

// TestEveryFaultAtEveryRequest spoils each answer of a read, in each way, once, and with RECONCILE_TEST_LONG for good, in each way of
// paging. What comes out is the whole catalogue, or an error; never a part of it.
func TestEveryFaultAtEveryRequest(t *testing.T) {
	var whole []string
	for i := range faultEntries {
		whole = append(whole, fmt.Sprintf(`{"sku":"S-%02d","price":%d.1,"id":"%d"}`, i, i, i))
	}
	for name, page := range map[string]sdktest.Settings{
		"offset":           {"type": "offset", "size": 10},
		"offset and total": {"type": "offset", "size": 10, "total": "$.count"},
		"offset and more":  {"type": "offset", "size": 10, "more": "$.more"},
		"number":           {"type": "number", "size": 10},
		"number and total": {"type": "number", "size": 10, "total_header": "X-Total-Count"},
		"number and more":  {"type": "number", "size": 10, "more": "$.more"},
		"cursor":           {"type": "cursor", "size": 10, "cursor": "$.next"},
		"cursor and total": {"type": "cursor", "size": 10, "cursor": "$.next", "total": "$.count"},
		"link":             {"type": "link", "size": 10},
		"link and total":   {"type": "link", "size": 10, "total": "$.count"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proven := strings.Contains(name, "total") // without one, an entry that an answer lacks cannot be missed
			good, failed := 0, 0
			for at := int64(0); ; at++ {
				reached := false
				for fault, spoil := range spoils {
					for _, forGood := range []bool{false, true} {
						if forGood && os.Getenv("RECONCILE_TEST_LONG") == "" {
							continue
						}
						items, touched, err := readSpoilt(t, page, at, forGood, spoil)
						slices.Sort(items) // one that was missed at first comes last
						reached = reached || touched
						switch {
						case err != nil:
							failed++
						case slices.Equal(items, whole):
							good++
						case !proven && (fault == "one entry less" || fault == "no entries") && len(items) < len(whole):
							// Of a list without a total nothing tells that an answer has lost entries, unless the next pages show it.
						default:
							t.Errorf("request %d, %s, for good: %v: %d items and no error", at, fault, forGood, len(items))
						}
					}
				}
				if !reached {
					break
				}
			}
			if good == 0 || failed == 0 {
				t.Errorf("%d reads came through and %d failed: the faults are none", good, failed)
			}
		})
	}
}

// readSpoilt reads the catalogue while one answer, or each from it on, is spoilt. touched says whether it came to that.
func readSpoilt(t *testing.T, page sdktest.Settings, at int64, forGood bool, spoil func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder)) (items []string, touched bool, err error) {
	t.Helper()
	var count, spoilt atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := count.Add(1) - 1
		if n < at || n > at && !forGood {
			answerOf(w, r)
			return
		}
		spoilt.Add(1)
		good := httptest.NewRecorder()
		answerOf(good, r)
		if strings.Count(good.Body.String(), `{"id"`) < 2 {
			answerOf(w, r) // nothing to spoil
			return
		}
		spoil(w, r, good)
	}))
	defer server.Close()
	got, err := read(t, sdktest.Settings{"base_url": server.URL, "path": "/", "items": "$.items[*]", "errors": "$.error",
		"fields": map[string]string{"sku": "$.sku", "id": "$.id", "price": "$.price"}, "page": page})
	return got.Items, spoilt.Load() > 0, err
}
