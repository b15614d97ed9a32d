package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// query reads a request's parameters and remembers the first that is wrong.
type query struct {
	values url.Values
	known  map[string]bool

	parameter, problem string // what is wrong, if something is
}

func queryOf(r *http.Request) *query {
	return &query{values: r.URL.Query(), known: map[string]bool{}}
}

func (q *query) wrong(parameter, problem string) {
	if q.problem == "" {
		q.parameter, q.problem = parameter, problem
	}
}

// text returns a parameter, "" if it was not given.
func (q *query) text(name string) string {
	q.known[name] = true
	return q.values.Get(name)
}

// list returns the parts of a comma-separated parameter, nil if it was not given.
func (q *query) list(name string) []string {
	if text := q.text(name); text != "" {
		return strings.Split(text, ",")
	}
	return nil
}

// number returns a whole number, and whether it was given.
func (q *query) number(name string) (int64, bool) {
	text := q.text(name)
	if text == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		q.wrong(name, "must be a whole number")
	}
	return n, err == nil
}

// numbers returns a comma-separated list of whole numbers, nil if it was not given.
func (q *query) numbers(name string) []int64 {
	var numbers []int64
	for _, part := range q.list(name) {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			q.wrong(name, "must be whole numbers with commas between them")
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// choices returns a comma-separated list of which each part must be allowed.
func (q *query) choices(name string, allowed ...string) []string {
	parts := q.list(name)
	for _, part := range parts {
		if !slices.Contains(allowed, part) {
			q.wrong(name, fmt.Sprintf("%q is not allowed", part))
		}
	}
	return parts
}

// page is which part of a list was asked for.
type page struct{ number, limit int }

// page reads page and limit; a limit above the most allowed becomes that, as in the vendor's API.
func (q *query) page(most int) page {
	p := page{1, min(50, most)}
	if n, given := q.number("page"); given {
		p.number = int(n)
	}
	if n, given := q.number("limit"); given {
		p.limit = min(int(n), most)
	}
	if p.number < 1 {
		q.wrong("page", "must be at least 1")
	}
	if p.limit < 1 {
		q.wrong("limit", "must be at least 1")
	}
	return p
}

// ok reports whether all parameters are right, and known; call it after the last one was read.
func (q *query) ok() bool {
	for name := range q.values {
		if !q.known[name] {
			q.wrong(name, "is not a valid filter parameter")
		}
	}
	return q.problem == ""
}

// cut returns the asked-for part of a list.
func cut[T any](list []T, p page) []T {
	from := min(max(p.number-1, 0)*p.limit, len(list))
	return list[from:min(from+p.limit, len(list))]
}

// sendPage writes part of a list of total entries as V3 does: count of them, with commas between.
func sendPage(w http.ResponseWriter, r *http.Request, entries []byte, count, total int, p page) {
	pages := (total + p.limit - 1) / p.limit
	link := func(number int) string {
		values := r.URL.Query()
		values.Set("page", strconv.Itoa(number))
		values.Set("limit", strconv.Itoa(p.limit))
		return "?" + values.Encode()
	}
	links := map[string]string{"current": link(p.number)}
	if p.number > 1 {
		links["previous"] = link(p.number - 1)
	}
	if p.number < pages {
		links["next"] = link(p.number + 1)
	}
	meta, err := json.Marshal(map[string]any{"pagination": map[string]any{
		"total": total, "count": count, "per_page": p.limit, "current_page": p.number, "total_pages": pages,
		"links": links}})
	if err != nil { // only plain values
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	body := make([]byte, 0, len(entries)+len(meta)+24)
	body = append(append(append(body, `{"data":[`...), entries...), `],"meta":`...)
	sendJSON(w, http.StatusOK, append(append(body, meta...), '}'))
}
