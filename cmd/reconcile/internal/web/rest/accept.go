package rest

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// Acceptance is what is declared intentional, and why.
type Acceptance struct {
	Findings      []Finding
	Reason, Owner string
	Expires       time.Time // the last day that it holds; zero: for ever
	Pin           bool      // it holds only as long as the values stay
	PassOver      bool      // what is accepted already is passed over, and no mistake
	Expect        int       // how many there are to be: of another number nothing is accepted; 0: any
	Try           bool      // only say what would be
}

// Finding is a cell of an item, or, where Rule is "", that the item is on one side alone.
type Finding struct {
	Item *report.Item
	Rule string
}

// Accepted is what was, or would be, declared intentional.
type Accepted struct {
	File string         `json:"file"`           // that says so
	List string         `json:"list,omitempty"` // that lists them, where there are many
	What []AcceptedItem `json:"accepted"`

	Count   int `json:"count"`   // how many these are
	Already int `json:"already"` // how many others that a filter finds are accepted already
}

// AcceptedItem is one of them.
type AcceptedItem struct {
	SKU  string `json:"sku"`
	What string `json:"what"` // a rule's code, or a status

	IsStatus bool `json:"-"` // of what is asked for
}

// mostAccepted is how much is accepted at once: more is for reconcile accept --all-current.
const mostAccepted = 10_000

// accept declares discrepancies intentional: those that are listed, or a rule's N of all items that a filter leaves.
func (a *API) accept(r *http.Request) (int, any, error) {
	var asked struct {
		Items []struct {
			SKU      string `json:"sku"`
			Position *int   `json:"position"`
			Rule     string `json:"rule"`
		} `json:"items"`
		Show    string `json:"show"`
		Search  string `json:"q"`
		Rule    string `json:"rule"`
		Reason  string `json:"reason"`
		Owner   string `json:"owner"`
		Expires string `json:"expires"`
		Pin     *bool  `json:"pin"`
		Count   int    `json:"count"`
		Try     bool   `json:"try"`
	}
	if err := read(r, &asked); err != nil {
		return 0, nil, err
	}
	who := a.Actor(r)
	wanted := Acceptance{Reason: strings.TrimSpace(asked.Reason), Owner: strings.TrimSpace(asked.Owner), Pin: asked.Pin == nil || *asked.Pin, Expect: asked.Count, Try: asked.Try}
	if wanted.Owner == "" {
		wanted.Owner = who.Name
	}
	if wanted.Reason == "" && !asked.Try {
		return 0, nil, wrong("the reason is missing: whoever reads the report will ask why")
	}
	day, err := lastDay(asked.Expires)
	if err != nil {
		return 0, nil, err
	}
	wanted.Expires = day
	of, run, err := a.open(r)
	if err != nil {
		return 0, nil, err
	}
	defer run.Done()
	add := func(at int, rule string) error {
		it, err := run.Item(at)
		if errors.Is(err, report.ErrNoValues) {
			return wrong("the item at %d is synchronized: there is nothing to accept", at)
		}
		wanted.Findings = append(wanted.Findings, Finding{it, rule})
		return err
	}
	for _, item := range asked.Items {
		at, err := run.Locate(screen.Query{Item: item.SKU, At: item.Position})
		if err != nil {
			return 0, nil, err
		}
		if at < 0 {
			return 0, nil, missing("there is no item with the SKU %q in this run, or not at that position", item.SKU)
		}
		if err := add(at, item.Rule); err != nil {
			return 0, nil, err
		}
	}
	if len(asked.Items) == 0 {
		positions, err := filtered(run, asked.Show, asked.Search, asked.Rule)
		if err != nil {
			return 0, nil, err
		}
		if len(positions) > mostAccepted {
			return 0, nil, wrong("these are %d, more than %d: reconcile accept --all-current accepts so many", len(positions), mostAccepted)
		}
		wanted.PassOver = true
		for it, err := range run.Only(positions).Items { // of these the values were kept
			if err != nil {
				return 0, nil, run.Failed(err)
			}
			wanted.Findings = append(wanted.Findings, Finding{it, asked.Rule})
		}
	}
	if len(wanted.Findings) == 0 {
		return 0, nil, wrong("there is nothing to accept: no such cell is N")
	}
	accepted, err := a.Records.Accept(r.Context(), who, of.Reconciliation, run.About(), wanted)
	if err != nil {
		return 0, nil, err
	}
	accepted.Count = len(accepted.What)
	return http.StatusOK, accepted, nil
}

// filtered returns the items that a filter and a search leave of which a rule's cell is N; of rule "", those of one side that are not meant
// to be.
func filtered(run *screen.Run, show, search, rule string) ([]int32, error) {
	if show == "" && search == "" {
		return nil, wrong("say what to accept: items, or what a filter (show) or a search (q) leaves")
	}
	if keys := run.FilterKeys(); show != "" && !slices.Contains(keys, show) {
		return nil, wrong("show is %q, which this run has not: it has %q", show, keys)
	}
	list, err := run.List(screen.Query{Show: show, Search: search})
	if err != nil {
		return nil, err
	}
	f := history.Filter{Within: list.Positions()}
	if f.Within == nil {
		f.Within = []int32{}
	}
	if rule == "" {
		f.Open, f.Statuses = true, []verdict.Status{verdict.PosOnly, verdict.StoreOnly}
		return run.Filter(f)
	}
	for i, known := range run.About().Rules {
		if known.Code == rule {
			f.Cells = []history.Cells{{Rule: i, Marks: []history.Mark{history.Red}}}
			return run.Filter(f)
		}
	}
	return nil, wrong("the run has no rule %q", rule)
}
