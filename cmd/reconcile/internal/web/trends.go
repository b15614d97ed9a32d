package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// trends are how the counts of a reconciliation went from run to run.
type trends struct {
	menu
	screen.Reconciliation
	place
	Damage string // of the last run: there are no bars then
	Whole  []trend
	Rules  []trend
	Runs   []store.Run // the newest first
	Codes  []string    // of the rules, for the table of runs
}

// trend is how one count went.
type trend struct {
	Code, Text string // Code is "" of what is no rule
	Kind       string // by which the style knows it
	Line       *screen.Line
	Bar        screen.Bar
	Link       string // what is counted
}

// How many runs a trend shows, and a spark of the overview.
const (
	trendRuns = 100
	sparkRuns = 30
)

func (s *Server) trendsPage(w http.ResponseWriter, r *http.Request) {
	m, of, ok := s.named(w, r)
	if !ok {
		return
	}
	p := &trends{menu: m, Reconciliation: of, place: place{inventoryPath(of.Name), "trends"}}
	if s.Records != nil {
		var err error
		if p.Runs, err = s.Records.List(r.Context(), of.Name, trendRuns); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	link := func(show string) string { return screen.Query{Show: show}.Address(p.Path) }
	line := func(count func(store.Counts) int) *screen.Line {
		return lineOf(p.Runs, func(c store.Counts) (int, bool) { return count(c), true })
	}
	p.Whole = []trend{
		{Text: "Not synchronized", Kind: "N", Line: line(func(c store.Counts) int { return c.NotSynchronized }), Link: link("not_synchronized")},
		{Text: "Not checked", Kind: "X", Line: line(func(c store.Counts) int { return c.NotChecked }), Link: link("not_checked")},
		{Text: "Not paired", Kind: "X", Line: line(func(c store.Counts) int { return c.NotPaired }), Link: link("not_paired")},
		{Text: "Intentional", Kind: "I", Line: line(func(c store.Counts) int { return c.Intentional }), Link: link("intentional")},
		{Text: "Synchronized", Kind: "S", Line: line(func(c store.Counts) int { return c.Synchronized }), Link: link("synchronized")},
	}
	if of.Last != nil {
		run, err := s.shelf.Open(*of.Last)
		if err == nil {
			defer run.Done()
			for i, rule := range run.About().Rules {
				p.Rules = append(p.Rules, trend{Code: rule.Code, Text: rule.Title, Kind: "N", Bar: run.RuleBar(i), Link: link("rule." + rule.Code),
					Line: lineOf(p.Runs, func(c store.Counts) (n int, has bool) { n, has = c.Rules[rule.Code]; return n, has })})
				p.Codes = append(p.Codes, rule.Code)
			}
		} else if p.Damage, ok = screen.Damage(err); !ok {
			s.fail(w, r, err)
			return
		}
	}
	s.showTo(w, r, "trends", frame{Title: of.Title + ": trends", Page: p})
}

// lineOf draws a count of runs, the newest of which comes first. Of a run that has it not, such as one from before there was a rule,
// nothing is drawn.
func lineOf(runs []store.Run, count func(store.Counts) (int, bool)) *screen.Line {
	var points []screen.Point
	for _, run := range slices.Backward(runs) {
		if n, has := count(run.Counts); has {
			points = append(points, screen.Point{At: run.Ended, Count: n})
		}
	}
	return screen.LineOf(points)
}

// From and To are when the first and the last run was made.
func (p *trends) From() time.Time { return p.Runs[len(p.Runs)-1].Ended }

// To is when the last run was made.
func (p *trends) To() time.Time { return p.Runs[0].Ended }

// Red is how many cells of a rule were N in a run.
func (p *trends) Red(run store.Run, code string) string {
	if n, has := run.Counts.Rules[code]; has {
		return grouped(strconv.Itoa(n))
	}
	return "–" // there was no such rule
}

// RunLink is the table of a run.
func (p *trends) RunLink(id string) string { return screen.Query{Run: id}.Address(p.Path) }
