package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Script is a list of faults for certain requests, for people and for tests that say in a line what goes wrong and when.
// Each entry reads [PATH@]WHICH=FAULT.
//
// WHICH counts requests, from 1, of those whose path below the store holds PATH if one is given: "3" is the third, "2-5" those from the
// second to the fifth, "4-" all from the fourth on, "/10" each tenth. FAULT is an HTTP status (500, 204, ...), "429" with
// and "bare-429" without the headers that say how long to wait, "html", "reset", "lost" (what was asked for is done,
// and the connection breaks), "truncated", "cut-short", or "shift", which answers well and then deletes the store's first product and adds another, so that what is paged moves.
type Script []scripted

type scripted struct {
	path              string
	first, last, each int // last 0: no end; each 0: every one
	fault             string
	status            int
}

// plainFaults are the faults that need no server, by name.
var plainFaults = map[string]func() Fault{"bare-429": BareTooManyRequests, "html": HTML, "reset": Reset, "lost": Lost,
	"truncated": Truncated, "cut-short": CutShort, "429": func() Fault { return TooManyRequests(1000) }}

// ParseScript reads entries as Script describes them.
func ParseScript(entries ...string) (Script, error) {
	var script Script
	for _, entry := range entries {
		s, err := parseScripted(entry)
		if err != nil {
			return nil, fmt.Errorf("fault %q: %w", entry, err)
		}
		script = append(script, s)
	}
	return script, nil
}

func parseScripted(entry string) (s scripted, err error) {
	which, fault, ok := strings.Cut(entry, "=")
	if !ok {
		return s, fmt.Errorf("it reads [PATH@]WHICH=FAULT, such as 3=500 or orders@1-2=reset")
	}
	if path, rest, ok := strings.Cut(which, "@"); ok {
		s.path, which = path, rest
	}
	s.first, s.last, s.each, err = parseWhich(which)
	if err != nil {
		return s, err
	}
	s.fault = strings.ToLower(strings.TrimSpace(fault))
	if plainFaults[s.fault] == nil && s.fault != "shift" {
		if s.status, err = strconv.Atoi(s.fault); err != nil || s.status < 200 || s.status > 599 {
			return s, fmt.Errorf("%q is none of the faults: an HTTP status, 429, bare-429, html, reset, lost, truncated, cut-short, shift", fault)
		}
	}
	return s, nil
}

func parseWhich(text string) (first, last, each int, err error) {
	text = strings.TrimSpace(text)
	number := func(text string) int {
		n, e := strconv.Atoi(text)
		if e != nil || n < 1 {
			err = fmt.Errorf("%q is not which requests: 3, 2-5, 4- or /10", text)
		}
		return n
	}
	from, to, isRange := strings.Cut(text, "-")
	switch {
	case strings.HasPrefix(text, "/"):
		return 1, 0, number(text[1:]), err
	case !isRange:
		n := number(text)
		return n, n, 0, err
	case to == "":
		return number(from), 0, 0, err
	}
	first, last = number(from), number(to)
	if err == nil && last < first {
		err = fmt.Errorf("%q ends before it begins", text)
	}
	return first, last, 0, err
}

// WithScript lets things go wrong as the script says. Of entries that hit the same request the first counts.
func WithScript(script Script) Option {
	return func(s *Server) {
		var mu sync.Mutex
		counts := make([]int, len(script))
		s.faults = func(_ int, r *http.Request) (fault Fault) {
			mu.Lock()
			defer mu.Unlock()
			for i, entry := range script {
				if !strings.Contains(strings.TrimPrefix(r.URL.Path, "/stores/"+s.hash), entry.path) {
					continue
				}
				counts[i]++
				if fault == nil && entry.hits(counts[i]) {
					fault = entry.of(s)
				}
			}
			return fault
		}
	}
}

// Changes reports whether one of the faults changes the store.
func (s Script) Changes() bool {
	return slices.ContainsFunc(s, func(e scripted) bool { return e.fault == "shift" })
}

func (e scripted) hits(n int) bool {
	return n >= e.first && (e.last == 0 || n <= e.last) && (e.each == 0 || n%e.each == 0)
}

func (e scripted) of(s *Server) Fault {
	switch {
	case e.fault == "shift":
		return After(func() { _ = s.Update(shift) }) // a catalogue that was served can be served with one product less
	case e.status != 0:
		return Status(e.status)
	}
	return plainFaults[e.fault]()
}

// shift deletes the first product and adds one at the end.
func shift(c *Catalog) {
	if len(c.Products) == 0 {
		return
	}
	newest := c.Products[len(c.Products)-1].ID + 1
	name := fmt.Sprintf("Added %d", newest)
	c.Products = append(c.Products[1:], &Product{ID: newest, SKU: strings.ToUpper(strings.ReplaceAll(name, " ", "-")), Name: name, Stock: Units(1)})
}
