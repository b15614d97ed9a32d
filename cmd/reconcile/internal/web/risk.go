package web

import (
	"net/http"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// riskPart answers with the money that is at risk with a run, for the page's script: the first time that takes longer than a page may.
func (s *Server) riskPart(w http.ResponseWriter, r *http.Request) {
	s.looked(w, r, func(p *inventory) error {
		all, err := p.Run.Impacts()
		if err == nil {
			p.Risks = all.Sums
		}
		return err
	}, "risk")
}

// Worst is the query with all items, the worst first.
func (p *inventory) Worst() screen.Query {
	q := p.Query.Showing("")
	q.Sort, q.Search = "impact", ""
	return q
}
