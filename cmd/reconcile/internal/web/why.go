package web

import (
	"net/http"
	"net/url"
	"strconv"
)

// whyPart answers with what stands beside the table of an item, for the page's script.
func (s *Server) whyPart(w http.ResponseWriter, r *http.Request) {
	s.looked(w, r, func(p *inventory) error { return s.opened(r, p) }, "why")
}

// opened looks the opened item up. That there is none in this run is no failure: a link may be older.
func (s *Server) opened(r *http.Request, p *inventory) error {
	item, err := p.Run.Locate(p.Query)
	if err != nil {
		return err
	}
	if p.Missing = item < 0; p.Missing {
		return nil
	}
	p.Opened, err = p.Run.Why(item, p.Query.Rule)
	if err != nil || p.Opened.Item == nil {
		return err
	}
	list, err := s.Shop.Explain(r.Context(), p.Name, p.Run.About(), p.Opened.Item)
	if err != nil {
		s.Log.Warn("explain an item", "reconciliation", p.Name, "error", err) // what the run itself has is shown all the same
	}
	p.Opened.Explain(list)
	p.Standings, err = s.standings(r, p.Name, p.Opened)
	return err
}

// Standing is what made a rule's cell of the opened item intentional, or, with "", its status; nil if nothing did.
func (p *inventory) Standing(rule string) *acceptanceCard {
	if of, is := p.Standings[rule]; is {
		return &of
	}
	return nil
}

// PastLink is where the API has what the opened item was in the runs that were kept.
func (p *inventory) PastLink() string {
	v := url.Values{"sku": {p.Opened.SKU}, "position": {strconv.Itoa(p.Opened.Position)}}
	return "/api/v1/runs/" + url.PathEscape(p.Run.ID) + "/history?" + v.Encode()
}

// acceptance is what the form to accept something is about.
type acceptance struct {
	Run, SKU string
	At       int
	Rule     string // ""; that the item is on one side alone
}

// Acceptance is what the form is about that accepts a rule's cell of the opened item, or, with "", its status.
func (p *inventory) Acceptance(rule string) acceptance {
	return acceptance{p.Run.ID, p.Opened.SKU, p.Opened.Position, rule}
}
