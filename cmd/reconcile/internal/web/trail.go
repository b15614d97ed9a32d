package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// trail is what the page of the audit trail shows.
type trail struct {
	Who, What, Text, From, To string // what is looked for
	Mistake                   string
	Authors, Kinds            []string // to choose from
	Entries                   []store.Entry
	Newest, Older             string // addresses of other pages; "" if there is none

	Verified bool // it was looked whether the trail is whole
	Head     store.Head
	Findings []store.Finding
}

// trailRows is how many entries a page has.
const trailRows = 100

// trailPage shows the audit trail, the newest entry first.
func (s *Server) trailPage(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	p := &trail{Who: v.Get("who"), What: v.Get("what"), Text: strings.TrimSpace(v.Get("q")), From: v.Get("from"), To: v.Get("to")}
	of := store.Search{Who: p.Who, What: p.What, Text: p.Text, Most: trailRows + 1}
	if of.Before, _ = strconv.ParseInt(v.Get("before"), 10, 64); of.Before < 0 {
		of.Before = 0
	}
	of.From = p.day(p.From, 0)
	of.To = p.day(p.To, 1)
	var err error
	if p.Entries, err = s.Store.Browse(r.Context(), of); err != nil {
		s.fail(w, r, err)
		return
	}
	at := func(before int64) string {
		to := url.Values{}
		for name, text := range map[string]string{"who": p.Who, "what": p.What, "q": p.Text, "from": p.From, "to": p.To} {
			if text != "" {
				to.Set(name, text)
			}
		}
		if before > 0 {
			to.Set("before", strconv.FormatInt(before, 10))
		}
		return "/audit?" + to.Encode()
	}
	if len(p.Entries) > trailRows {
		p.Entries = p.Entries[:trailRows]
		p.Older = at(p.Entries[trailRows-1].Number)
	}
	if of.Before > 0 {
		p.Newest = at(0)
	}
	if p.Authors, p.Kinds, err = s.Store.Authors(r.Context()); err != nil {
		s.fail(w, r, err)
		return
	}
	if p.Verified = v.Get("verify") == "1"; p.Verified {
		if p.Head, p.Findings, err = s.Store.Verify(r.Context()); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	s.showTo(w, r, "audit", frame{Title: "Audit trail", Here: "audit", Page: p})
}

// day reads a day of the form, and so many days after it.
func (p *trail) day(text string, after int) time.Time {
	if text == "" {
		return time.Time{}
	}
	day, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if err != nil {
		p.Mistake = strconv.Quote(text) + " is no day such as 2027-03-31."
		return time.Time{}
	}
	return day.AddDate(0, 0, after)
}

// Filtered reports whether not all entries are looked for.
func (p *trail) Filtered() bool { return p.Who+p.What+p.Text+p.From+p.To != "" }
