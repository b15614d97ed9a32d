package rest

import (
	"net/http"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// TrendRun is what a run found, in few numbers.
type TrendRun struct {
	ID     string                    `json:"id"`
	Ended  time.Time                 `json:"ended"`
	Counts store.Counts              `json:"counts"`
	Cells  map[string]map[string]int `json:"cells"` // by rule, then by what the cell says; empty where the run's file cannot be read
}

// trends are the counts of runs that were asked for: a file never changes.
type trends struct {
	mu sync.Mutex
	of map[string]trend // by run
}

type trend struct {
	rules []Rule
	cells map[string]map[string]int
}

// mostTrends is of how many runs counts are kept in memory.
const mostTrends = 2000

func (t *trends) get(id string) (trend, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	of, known := t.of[id]
	return of, known
}

func (t *trends) put(id string, of trend) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil || len(t.of) >= mostTrends {
		t.of = map[string]trend{}
	}
	t.of[id] = of
}

// trend answers with the counts of the last runs of a reconciliation, the newest first.
func (a *API) trend(r *http.Request) (int, any, error) {
	most, err := number(r, "runs", 30, 1, 200)
	if err != nil {
		return 0, nil, err
	}
	runs, err := a.Records.List(r.Context(), r.PathValue("name"), most)
	if err != nil {
		return 0, nil, err
	}
	if len(runs) == 0 {
		return 0, nil, missing("no run of %q was kept", r.PathValue("name"))
	}
	list, rules := []TrendRun{}, []Rule{}
	for _, of := range runs {
		counted, err := a.counted(r, of)
		if err != nil {
			return 0, nil, err
		}
		if len(rules) == 0 { // those of the newest run that can be read
			rules = append(rules, counted.rules...)
		}
		list = append(list, TrendRun{ID: of.ID, Ended: of.Ended.UTC(), Counts: of.Counts, Cells: counted.cells})
	}
	return http.StatusOK, map[string]any{"rules": rules, "runs": list}, nil
}

func (a *API) counted(r *http.Request, of store.Run) (trend, error) {
	if known, is := a.trends.get(of.ID); is {
		return known, nil
	}
	run, err := a.Records.Open(r.Context(), of)
	if err != nil {
		if _, is := unreadable(err); is { // the counts are known all the same
			return trend{cells: map[string]map[string]int{}}, nil
		}
		return trend{}, err
	}
	defer run.Close() //nolint:errcheck // it was only read
	counted := trend{rulesOf(run.About()), cellsOf(run.About())}
	a.trends.put(of.ID, counted)
	return counted, nil
}

func cellsOf(about *report.Result) map[string]map[string]int {
	by := map[string]map[string]int{}
	for i, rule := range about.Rules {
		counts := map[string]int{}
		for _, c := range []verdict.Cell{verdict.Synchronized, verdict.NotSynchronized, verdict.Intentional, verdict.NotApplicable} {
			counts[c.String()] = 0
			if i < len(about.Summary.Rules) {
				counts[c.String()] = about.Summary.Rules[i][c]
			}
		}
		by[rule.Code] = counts
	}
	return by
}
