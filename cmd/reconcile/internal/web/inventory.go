package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// pageRows is how many rows a page has, and a part of it that a script asks for at most.
const pageRows = 100

// inventory is what the page of a reconciliation shows.
type inventory struct {
	menu
	screen.Reconciliation
	Path      string
	Query     screen.Query
	Run       *screen.Run // nil: there is none yet
	Damage    string      // what is wrong with the run's file; "" if nothing is. There is no Run then.
	Newest    bool        // it is the last one that there is
	MayAccept bool        // whoever looks may accept discrepancies
	Sides     []side
	Lag       string // how far apart the sides are in age; "" if that does not matter

	Groups []screen.Group
	Heads  screen.Heads
	Totals []screen.Total
	Bar    screen.Bar
	Total  int // rows that the query leaves
	From   int // the first row on the page, from 1; 0 if there is none
	To     int
	Rows   []screen.Row
	Filter string // what is chosen, in words
	Opened *screen.Why
	// Standings are what made cells of the opened item intentional, by rule; of "" its status.
	Standings map[string]acceptanceCard
	Risks     screen.Sums // the money at risk, by currency; nil where nobody has looked
	Missing   bool        // an item was asked for that this run has not
	Columns   int

	Elsewhere string // where what was chosen last is shown; "": here
}

// side is one side in the head of the page.
type side struct {
	Connector, Source string
	Items             int64
	ReadAt            time.Time
	File              string // whose last change that is
	Copy, Master      bool
	Old               bool // much older than the other one
	Skipped           int64
}

// menu is what the button Import Skus offers.
type menu struct {
	All     []screen.Reconciliation
	May     bool   // whoever looks may import
	Plans   bool   // whoever looks may plan
	Mistake string // of the configuration
}

func (s *Server) menu(r *http.Request) (menu, error) {
	m := menu{May: callerOf(r).role.May(store.Operator)}
	m.Plans = m.May && s.Mending != nil
	if s.Shop == nil {
		return m, nil
	}
	list, err := s.Shop.Reconciliations(r.Context())
	if err != nil {
		m.Mistake = err.Error()
	}
	m.All = list
	return m, r.Context().Err()
}

// named returns what there is of the reconciliation that a request is about. If there is none the request is answered.
func (s *Server) named(w http.ResponseWriter, r *http.Request) (menu, screen.Reconciliation, bool) {
	m, err := s.menu(r)
	if err != nil {
		s.fail(w, r, err)
		return m, screen.Reconciliation{}, false
	}
	at := slices.IndexFunc(m.All, func(c screen.Reconciliation) bool { return c.Name == r.PathValue("name") })
	if at < 0 {
		text := "There is no reconciliation " + strconv.Quote(r.PathValue("name")) + "."
		if m.Mistake != "" {
			text += " The configuration has a mistake: " + m.Mistake
		}
		s.refuse(w, r, http.StatusNotFound, "not_found", text)
		return m, screen.Reconciliation{}, false
	}
	return m, m.All[at], true
}

// open opens the run that a query is about; nil if there is none yet.
func (s *Server) open(r *http.Request, name, run string) (*screen.Run, error) {
	if s.Shop == nil {
		return nil, screen.ErrNoRun
	}
	kept, err := s.Shop.File(r.Context(), name, run)
	if err == nil {
		return s.shelf.Open(kept)
	}
	if run == "" && errors.Is(err, screen.ErrNoRun) {
		return nil, nil
	}
	return nil, err
}

// looked answers with what look makes of the run that a request is about: with a part of the page, or with the whole of it if part is "".
func (s *Server) looked(w http.ResponseWriter, r *http.Request, look func(p *inventory) error, part string) {
	name := r.PathValue("name")
	p := &inventory{Reconciliation: screen.Reconciliation{Name: name, Title: name}, Path: inventoryPath(name), Query: screen.ReadQuery(r.URL.Query())}
	if part == "" { // a part does without the menu, for which the configuration is read
		var ok bool
		if p.menu, p.Reconciliation, ok = s.named(w, r); !ok {
			return
		}
	}
	p.MayAccept = callerOf(r).role.May(store.Admin) && s.Records != nil
	p.Plans = callerOf(r).role.May(store.Operator) && s.Mending != nil
	run, err := s.open(r, name, p.Query.Run)
	switch {
	case errors.Is(err, screen.ErrNoRun):
		s.refuse(w, r, http.StatusNotFound, "no_run", "There is no such run of "+p.Title+". It may have been made too long ago to be kept.")
		return
	case err != nil:
		if !s.damaged(r, p, err, part) {
			s.fail(w, r, err)
			return
		}
	case run != nil:
		defer run.Done()
		p.Run, p.Newest = run, p.Query.Run == "" || p.Reconciliation.Last == nil || run.ID == p.Reconciliation.Last.ID
		if err := look(p); err != nil && !s.damaged(r, p, run.Failed(err), part) {
			s.fail(w, r, run.Failed(err))
			return
		}
	case part != "":
		s.refuse(w, r, http.StatusNotFound, "no_run", "Nothing was imported here yet.")
		return
	}
	if p.Elsewhere != "" {
		http.Redirect(w, r, p.Elsewhere, http.StatusSeeOther)
		return
	}
	f := frame{Title: p.Title, Page: p}
	if p.Damage != "" {
		s.showAs(w, r, http.StatusInternalServerError, "inventory", f) // no program is to take it for a table without items
		return
	}
	s.showPart(w, r, "inventory", part, f)
}

// damaged has the page say what is wrong with the file of its run: somebody can import anew from there. It is false where something else
// went wrong, and for a part of the page, which is nothing without the run.
func (s *Server) damaged(r *http.Request, p *inventory, err error, part string) (is bool) {
	if part != "" {
		return false
	}
	if p.Damage, is = screen.Damage(err); is {
		s.Log.Error("read a run", "path", r.URL.Path, "error", err)
		p.Run = nil
		p.Newest = p.Query.Run == "" || p.Reconciliation.Last != nil && p.Query.Run == p.Reconciliation.Last.ID
	}
	return is
}

// MayTick reports whether whoever looks may tick rows.
func (p *inventory) MayTick() bool { return p.MayAccept || p.Plans }

// TickText says what ticks are for.
func (p *inventory) TickText() string {
	switch {
	case !p.Plans:
		return "Tick items to accept several at once"
	case !p.MayAccept:
		return "Tick items to plan what would mend them"
	}
	return "Tick items to accept or plan several at once"
}

func inventoryPath(name string) string { return "/inventory/" + url.PathEscape(name) }

// inventoryPage shows the table of a reconciliation.
func (s *Server) inventoryPage(w http.ResponseWriter, r *http.Request) {
	s.looked(w, r, func(p *inventory) error {
		if p.Elsewhere = s.choose(w, r, p); p.Elsewhere != "" {
			return nil
		}
		if p.Newest {
			p.Run.Prepare()
		}
		p.sides(s.Now())
		var err error
		if p.Groups, err = p.Run.Groups(p.Query); err != nil {
			return err
		}
		for _, g := range p.Groups {
			for _, f := range g.Filters {
				if f.Current {
					p.Filter = f.Text
				}
			}
		}
		p.Heads = p.Run.Heads(p.Query)
		p.Totals, p.Bar = p.Run.Totals()
		if err := p.rows(p.Query.Row, pageRows); err != nil {
			return err
		}
		if p.Query.Opened() {
			return s.opened(r, p)
		}
		return nil
	}, "")
}

// rowsPart answers with rows of the table alone, for the page's script.
func (s *Server) rowsPart(w http.ResponseWriter, r *http.Request) {
	s.looked(w, r, func(p *inventory) error {
		return p.rows(p.Query.Row, pageRows)
	}, "rows")
}

// rows takes rows of the table. Beyond the end are the last ones.
func (p *inventory) rows(from, n int) error {
	list, err := p.Run.List(p.Query)
	if err != nil {
		return err
	}
	p.Total = list.Total
	if from >= list.Total {
		from = max(list.Total-n, 0)
	}
	p.Rows, err = p.Run.Rows(list, p.Query, p.Path, from, n)
	if len(p.Rows) > 0 {
		p.From, p.To = p.Rows[0].Number, p.Rows[len(p.Rows)-1].Number
	}
	p.Columns = len(p.Run.About().Rules)
	return err
}

func (p *inventory) sides(now time.Time) {
	about := p.Run.About()
	p.Lag = about.Lag()
	for _, v := range verdict.Sides {
		from := about.Source(v)
		p.Sides = append(p.Sides, side{Connector: from.Connector, Source: from.Name, Items: from.Items, ReadAt: from.ReadAt, File: from.File, Copy: from.Copy,
			Master: v == verdict.Pos, Old: now.Sub(from.ReadAt) > oldAfter, Skipped: from.Skipped})
	}
}

// oldAfter is the age from which on a side's is set off: much can have been sold since.
const oldAfter = 24 * time.Hour

// Warnings are what people should know about the run.
func (p *inventory) Warnings() []report.Warning { return p.Run.About().AllWarnings() }

// Previous and Next are the pages before and after this one; "" if there is none.
func (p *inventory) Previous() string {
	if p.From <= 1 {
		return ""
	}
	q := p.Query
	q.Row = max(p.From-1-pageRows, 0)
	return q.Address(p.Path)
}

// Next is the page after this one.
func (p *inventory) Next() string {
	if p.To >= p.Total {
		return ""
	}
	q := p.Query
	q.Row = p.To
	return q.Address(p.Path)
}

// Link is the page with another query.
func (p *inventory) Link(q screen.Query) string { return q.Address(p.Path) }

// Unfiltered is the page with all items.
func (p *inventory) Unfiltered() string {
	q := p.Query.Showing("")
	q.Search = ""
	return q.Address(p.Path)
}

// Everywhere is the page with all items in which the search finds something to look for; "" if that is this one.
func (p *inventory) Everywhere() string {
	q := p.Query.Showing("")
	if q.Search == "" || p.Query.Show == "" || p.Query.Show == "all" {
		return ""
	}
	return q.Address(p.Path)
}

// TwinLink is the page with another row of the opened item's key opened.
func (p *inventory) TwinLink(t screen.Twin) string {
	q := p.Query
	q.Item, q.At, q.Rule = t.SKU, &t.Position, ""
	return q.Address(p.Path)
}

// Closed is the page with nothing opened.
func (p *inventory) Closed() string { return p.Query.Closed().Address(p.Path) }

// CellLink is the page with another cell of the opened item.
func (p *inventory) CellLink(code string) string {
	q := p.Query
	q.Rule = code
	return q.Address(p.Path)
}

// IsOpened reports whether the item at a position is the one that is opened.
func (p *inventory) IsOpened(position int) bool {
	return p.Opened != nil && p.Opened.Position == position
}

// NameOf is what a side is called.
func (p *inventory) NameOf(side int) string { return p.Run.Name(verdict.Sides[side]) }

// Of is the table's part of a page's address: which run, and which of its items in which order.
func (p *inventory) Of() string {
	q := p.Query.Closed()
	q.Row, q.Run = 0, p.Run.ID
	return q.Values().Encode()
}
