package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// A browser keeps what was chosen of a reconciliation last: the page opens on it. A search is not part of that. It was about one item,
// and who comes back would wonder where the others are.

// chosenCookie is the cookie that keeps it, for the page of that reconciliation alone.
const (
	chosenCookie = "chosen"
	chosenFor    = 365 * 24 * 60 * 60 // seconds
	longest      = 1000               // bytes of it: more is not what this server has written
)

// choose notes what is chosen by an address, and returns where to go if it chooses nothing: "" if that is the right place.
func (s *Server) choose(w http.ResponseWriter, r *http.Request, p *inventory) (elsewhere string) {
	if r.URL.RawQuery != "" {
		if p.Query.Run == "" { // an older run was looked at for its own sake
			kept := screen.Query{Show: p.Query.Show, Sort: p.Query.Sort, Details: p.Query.Details}
			http.SetCookie(w, &http.Cookie{Name: chosenCookie, Value: url.QueryEscape(kept.Values().Encode()), Path: p.Path, HttpOnly: true, Secure: s.overTLS(r),
				SameSite: http.SameSiteLaxMode, MaxAge: chosenFor})
		}
		return ""
	}
	cookie, err := r.Cookie(chosenCookie)
	if err != nil || len(cookie.Value) > longest {
		return ""
	}
	text, err := url.QueryUnescape(cookie.Value)
	if err != nil {
		return ""
	}
	v, err := url.ParseQuery(text)
	if err != nil {
		return ""
	}
	was := screen.ReadQuery(v)
	kept := screen.Query{Show: was.Show, Sort: was.Sort, Details: was.Details}
	if kept.Show != "" && !slices.Contains(p.Run.FilterKeys(), kept.Show) {
		kept.Show = "" // a rule that is no more would show an empty table
	}
	if kept.Sort != "" && !p.Run.Sortable(kept.Sort) {
		kept.Sort = ""
	}
	if kept == (screen.Query{}) {
		return ""
	}
	return kept.Address(p.Path)
}
