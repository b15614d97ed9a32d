package rest

import (
	"net/http"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// Run is a run that was kept.
type Run struct {
	ID             string       `json:"id"`
	Reconciliation string       `json:"reconciliation"`
	Began          time.Time    `json:"began"`
	Ended          time.Time    `json:"ended"`
	Previous       string       `json:"previous,omitempty"`
	Counts         store.Counts `json:"counts"`

	Sources  map[string]ReadSource `json:"sources,omitempty"` // by side: pos and store. Of a single run, as are the others below
	Rules    []Rule                `json:"rules,omitempty"`
	Warnings []Warning             `json:"warnings,omitempty"`
}

// ReadSource is what was read of a side.
type ReadSource struct {
	Connector string    `json:"connector"`
	Name      string    `json:"name"`
	Items     int64     `json:"items"`
	ReadAt    time.Time `json:"read_at"`
	File      string    `json:"file,omitempty"` // whose last change read_at is
	Copy      bool      `json:"local_copy,omitempty"`
	Skipped   int64     `json:"skipped,omitempty"`
}

// Rule is a column.
type Rule struct {
	Code     string `json:"code"`
	Title    string `json:"title"`
	Note     string `json:"note"`
	On       string `json:"on"`
	Severity string `json:"severity"`
}

// Warning is what people should know about a run.
type Warning struct {
	Source string `json:"source,omitempty"`
	Text   string `json:"text"`
}

func runOf(r store.Run) Run {
	return Run{ID: r.ID, Reconciliation: r.Reconciliation, Began: r.Began.UTC(), Ended: r.Ended.UTC(), Previous: r.Previous, Counts: r.Counts}
}

// mostRuns is how many runs are listed at most.
const mostRuns = 1000

func (a *API) runs(r *http.Request) (int, any, error) {
	most, err := number(r, "limit", 100, 1, mostRuns)
	if err != nil {
		return 0, nil, err
	}
	list, err := a.Records.List(r.Context(), r.URL.Query().Get("reconciliation"), most)
	if err != nil {
		return 0, nil, err
	}
	runs := []Run{}
	for _, run := range list {
		runs = append(runs, runOf(run))
	}
	return http.StatusOK, map[string]any{"runs": runs}, nil
}

// start begins an import, or finds the one that is under way.
func (a *API) start(r *http.Request) (int, any, error) {
	var asked struct {
		Reconciliation string `json:"reconciliation"`
	}
	if err := read(r, &asked); err != nil {
		return 0, nil, err
	}
	named := func() (*screen.Reconciliation, error) {
		list, mistake := a.Shop.Reconciliations(r.Context())
		at := slices.IndexFunc(list, func(of screen.Reconciliation) bool { return of.Name == asked.Reconciliation })
		switch {
		case at >= 0:
			return &list[at], nil
		case mistake != nil:
			return nil, wrong("the configuration has a mistake: %v", mistake)
		}
		return nil, missing("there is no reconciliation %q", asked.Reconciliation)
	}
	if _, err := named(); err != nil {
		return 0, nil, err
	}
	if err := a.Shop.Import(r.Context(), a.Actor(r), asked.Reconciliation); err != nil {
		return 0, nil, err
	}
	of, err := named()
	if err != nil {
		return 0, nil, err
	}
	return http.StatusAccepted, reconciliationOf(*of), nil
}

// open opens the run that a request names, which is to be given back with Done.
func (a *API) open(r *http.Request) (store.Run, *screen.Run, error) {
	return a.openNamed(r, r.PathValue("id"))
}

func (a *API) openNamed(r *http.Request, id string) (store.Run, *screen.Run, error) {
	of, err := a.Records.Find(r.Context(), id)
	if err != nil {
		return of, nil, err
	}
	kept, err := a.Shop.File(r.Context(), of.Reconciliation, of.ID)
	if err != nil {
		return of, nil, err
	}
	run, err := a.Shelf.Open(kept)
	return of, run, err
}

func (a *API) run(r *http.Request) (int, any, error) {
	of, run, err := a.open(r)
	if err != nil {
		return 0, nil, err
	}
	defer run.Done()
	said, about := runOf(of), run.About()
	said.Sources = map[string]ReadSource{}
	for _, side := range verdict.Sides {
		s := about.Source(side)
		said.Sources[side.String()] = ReadSource{s.Connector, s.Name, s.Items, s.ReadAt.UTC(), s.File, s.Copy, s.Skipped}
	}
	said.Rules = rulesOf(about)
	for _, w := range about.AllWarnings() {
		said.Warnings = append(said.Warnings, Warning{w.Source, w.Text})
	}
	return http.StatusOK, said, nil
}

func rulesOf(about *report.Result) []Rule {
	list := []Rule{}
	for _, rule := range about.Rules {
		list = append(list, Rule{rule.Code, rule.Title, rule.Note, rule.On.String(), rule.Severity.String()})
	}
	return list
}
