package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// importSkus begins to compare anew, and leads to where that can be watched.
func (s *Server) importSkus(w http.ResponseWriter, r *http.Request) {
	_, of, ok := s.named(w, r)
	if !ok {
		return
	}
	if err := s.Shop.Import(r.Context(), s.actor(r), of.Name); err != nil {
		s.fail(w, r, err)
		return
	}
	to := inventoryPath(of.Name)
	if v, err := url.ParseQuery(r.PostFormValue("stay")); err == nil && len(v) > 0 { // the page's script says what is looked at
		q := screen.ReadQuery(v)
		q.Run = "" // the results that come are the last ones
		to = q.Address(to)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// bandPart answers with how far an import is, for the page's script.
func (s *Server) bandPart(w http.ResponseWriter, r *http.Request) {
	m, of, ok := s.named(w, r)
	if !ok {
		return
	}
	p := &inventory{menu: m, Reconciliation: of, Path: inventoryPath(of.Name)}
	if of.Last != nil {
		w.Header().Set("X-Last-Run", of.Last.ID)
		if run, err := s.shelf.Open(*of.Last); err == nil {
			run.Done()
		} else {
			p.Damage, _ = screen.Damage(err)
		}
	}
	s.showPart(w, r, "inventory", "band", frame{Page: p})
}

// overview shows all reconciliations.
type overview struct {
	menu
	Rows []overviewRow
}

type overviewRow struct {
	screen.Reconciliation
	Path   string
	Damage string // what is wrong with the file of the last run; "" if nothing is
	Items  int    // 0: no run
	Totals []screen.Total
	Bar    screen.Bar
	Red    int
	New    int
	Spark  *screen.Line // how many were not synchronized, from run to run; nil if that is not known
}

// Begin reports whether nothing was ever compared, so that whoever may import is told to begin with that.
func (p *overview) Begin() bool {
	return p.May && p.Mistake == "" && len(p.Rows) > 0 && !slices.ContainsFunc(p.Rows, func(r overviewRow) bool { return r.Last != nil || r.Importing != nil || r.Failure != nil })
}

// Said are the counts of which there are some, as a text.
func (r overviewRow) Said() string {
	var parts []string
	for _, t := range r.Totals {
		if t.Count > 0 {
			parts = append(parts, grouped(strconv.Itoa(t.Count))+" "+t.Text)
		}
	}
	return strings.Join(parts, ", ")
}

// home is where somebody begins who has logged in.
func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	m, err := s.menu(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := &overview{menu: m}
	for _, of := range m.All {
		row := overviewRow{Reconciliation: of, Path: inventoryPath(of.Name)}
		if of.Last != nil {
			if err := s.sum(&row); err != nil {
				var is bool
				if row.Damage, is = screen.Damage(err); !is {
					s.fail(w, r, err)
					return
				}
				s.Log.Error("read a run", "path", r.URL.Path, "error", err)
			}
		}
		if s.Records != nil {
			runs, err := s.Records.List(r.Context(), of.Name, sparkRuns)
			if err != nil {
				s.fail(w, r, err)
				return
			}
			row.Spark = lineOf(runs, func(c store.Counts) (int, bool) { return c.NotSynchronized, true })
		}
		p.Rows = append(p.Rows, row)
	}
	s.showTo(w, r, "home", frame{Title: "Inventory", Page: p})
}

// sum takes the counts of a reconciliation's last run.
func (s *Server) sum(row *overviewRow) error {
	run, err := s.shelf.Open(*row.Last)
	if err != nil {
		return err
	}
	defer run.Done()
	row.Items, row.New = run.Items(), len(run.New)
	row.Totals, row.Bar = run.Totals()
	row.Red = row.Totals[0].Count
	return nil
}
