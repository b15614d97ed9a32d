package rest

import (
	"net/http"

	"github.com/reconcilehq/reconcile/engine/history"
)

// Comparison is what has changed from one run to another.
type Comparison struct {
	Before          string         `json:"before"`
	After           string         `json:"after"`
	SettingsChanged bool           `json:"settings_changed"`
	RulesChanged    []string       `json:"rules_changed"`
	BeforeNothing   string         `json:"before_compared_nothing,omitempty"` // why, if it did: what only one of them has is neither new nor resolved
	AfterNothing    string         `json:"after_compared_nothing,omitempty"`
	Counts          map[string]int `json:"counts"` // by change
	Total           int            `json:"total"`  // of findings, those that persist aside
	Offset          int            `json:"offset"`
	Findings        []Changed      `json:"findings"`
}

// Changed is what became of a discrepancy, or of an item that is not matched.
type Changed struct {
	Change   string `json:"change"`
	SKU      string `json:"sku"`
	Name     string `json:"name"`
	Status   string `json:"status"`
	Rule     string `json:"rule,omitempty"`     // "": it is the item's status
	Position *int32 `json:"position,omitempty"` // in the run after; left out if it is not there
}

// compare says what has changed in a run since another, or since the one before it.
func (a *API) compare(r *http.Request) (int, any, error) {
	of, after, err := a.open(r)
	if err != nil {
		return 0, nil, err
	}
	defer after.Done()
	with := r.URL.Query().Get("with")
	if with == "" {
		with = of.Previous
	}
	if with == "" {
		return 0, nil, &Problem{http.StatusConflict, "no_previous", "There is no run before this one: name another one with the parameter with."}
	}
	offset, err := number(r, "offset", 0, 0, 1<<31-1)
	if err != nil {
		return 0, nil, err
	}
	limit, err := number(r, "limit", usualItems, 1, mostItems)
	if err != nil {
		return 0, nil, err
	}
	other, before, err := a.openNamed(r, with)
	if err != nil {
		return 0, nil, err
	}
	defer before.Done()
	if other.Reconciliation != of.Reconciliation {
		return 0, nil, wrong("the two runs are of two reconciliations, %q and %q", other.Reconciliation, of.Reconciliation)
	}
	c, err := history.Compare(before.Run, after.Run)
	if err != nil {
		return 0, nil, err
	}
	said := Comparison{Before: other.ID, After: of.ID, SettingsChanged: c.Settings, RulesChanged: append([]string{}, c.Rules...), BeforeNothing: c.Nothing[0], AfterNothing: c.Nothing[1], Counts: map[string]int{}, Offset: offset, Findings: []Changed{}}
	for _, change := range history.Changes {
		said.Counts[change.String()] = 0
	}
	for _, f := range c.Findings {
		said.Counts[f.Change.String()]++
		if f.Change == history.Persisting {
			continue
		}
		said.Total++
		if said.Total <= offset || len(said.Findings) == limit {
			continue
		}
		found := Changed{Change: f.Change.String(), Status: f.Status.String(), Rule: f.Rule}
		from, at := after.Run, f.After
		if at < 0 {
			from, at = before.Run, f.Before
		} else {
			found.Position = &at
		}
		row, err := from.Row(int(at))
		if err != nil {
			return 0, nil, err
		}
		found.SKU, found.Name = row.SKU, row.Name
		said.Findings = append(said.Findings, found)
	}
	return http.StatusOK, said, nil
}
