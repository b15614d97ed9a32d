package rest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// Standing is something that the configuration declares intentional: a block, or a line of a list.
type Standing struct {
	Block           string   `json:"block"`           // the name of the block, which several lines of a list share
	Reconciliations []string `json:"reconciliations"` // empty: all
	Rules           []string `json:"rules,omitempty"`
	Statuses        []string `json:"statuses,omitempty"`
	SKUs            []string `json:"skus"`  // the first ones
	Items           int      `json:"items"` // how many SKUs there are; 0: it is about any item
	Where           string   `json:"where,omitempty"`
	Values          []Value  `json:"values,omitempty"` // it holds as long as these are the item's
	Reason          string   `json:"reason"`
	Owner           string   `json:"owner,omitempty"`
	Starts          string   `json:"starts,omitempty"`
	Expires         string   `json:"expires,omitempty"`
	State           string   `json:"state"`
	File            string   `json:"file"`
	Line            int      `json:"line"`
	InList          bool     `json:"in_list"`
	Changeable      bool     `json:"changeable"` // it was written by accept: it can be taken back, and prolonged
}

// Value is a value of a side's field.
type Value struct {
	Side     string `json:"side"`
	Field    string `json:"field"`
	Value    string `json:"value"`
	Currency string `json:"currency,omitempty"`
}

// What an acceptance does today.
const (
	Holds    = "holds"
	Expiring = "expiring" // it holds, for ExpiringDays at most
	NotYet   = "not_yet"
	Expired  = "expired"
)

// ExpiringDays is how long an acceptance that expires still holds.
const ExpiringDays = 30

// MostSKUs is how many SKUs are named of a block.
const MostSKUs = 50

// Amendment is what is to become of acceptances that stand.
type Amendment struct {
	Reconciliation string
	Run            *report.Result // one of the reconciliation; nil: there is none
	Block          string         // the name of a block; or
	Items          []AcceptedItem // single ones
	Back           bool           // they are taken back; otherwise
	Until          time.Time      // the last day that they hold; zero: for ever
	Try            bool           // only say what would be
}

// Amended is what became, or would become, of them.
type Amended struct {
	File   string     `json:"file"`
	Count  int        `json:"count"`          // how many acceptances
	Before []Standing `json:"before"`         // the first of them, as they were
	After  []Standing `json:"after"`          // as they are; empty where they were taken back
	Gone   []string   `json:"gone,omitempty"` // lists of which nothing is left
	Covers *Covered   `json:"covers,omitempty"`
}

// Covered are the discrepancies of a run that acceptances had made intentional.
type Covered struct {
	Run   string         `json:"run"`
	Count int            `json:"count"`
	First []AcceptedItem `json:"first"`
}

// mostShown is how many of many are shown.
const mostShown = 50

// acceptances lists what is intentional.
func (a *API) acceptances(r *http.Request) (int, any, error) {
	offset, err := number(r, "offset", 0, 0, 1<<31-1)
	if err != nil {
		return 0, nil, err
	}
	limit, err := number(r, "limit", usualItems, 1, mostItems)
	if err != nil {
		return 0, nil, err
	}
	v := r.URL.Query()
	states := []string{Holds, Expiring, NotYet, Expired}
	if state := v.Get("state"); state != "" && !slices.Contains(states, state) {
		return 0, nil, wrong("state is %q, and can be %s", state, strings.Join(states, ", "))
	}
	list, mistake := a.Records.Standing(r.Context())
	said := []Standing{}
	total, expiring := 0, 0
	q := strings.ToLower(strings.TrimSpace(v.Get("q")))
	for _, s := range list {
		switch {
		case v.Get("reconciliation") != "" && len(s.Reconciliations) > 0 && !slices.Contains(s.Reconciliations, v.Get("reconciliation")),
			v.Get("block") != "" && s.Block != v.Get("block"),
			v.Get("sku") != "" && !slices.Contains(s.SKUs, v.Get("sku")),
			v.Get("rule") != "" && !slices.Contains(s.Rules, v.Get("rule")),
			q != "" && !s.has(q):
			continue
		}
		if s.State == Expiring {
			expiring++
		}
		if v.Get("state") != "" && s.State != v.Get("state") {
			continue
		}
		total++
		if total > offset && len(said) < limit {
			s.SKUs = s.SKUs[:min(len(s.SKUs), MostSKUs)]
			said = append(said, s)
		}
	}
	body := map[string]any{"total": total, "expiring": expiring, "offset": offset, "acceptances": said}
	if mistake != nil {
		body["mistake"] = mistake.Error()
	}
	return http.StatusOK, body, r.Context().Err()
}

// StandingIn returns those of what is intentional that are about a reconciliation and have a text in what people look for.
func StandingIn(list []Standing, reconciliation, text string) []Standing {
	text = strings.ToLower(text)
	var found []Standing
	for _, s := range list {
		if (len(s.Reconciliations) == 0 || slices.Contains(s.Reconciliations, reconciliation)) && (text == "" || s.has(text)) {
			found = append(found, s)
		}
	}
	return found
}

// has reports whether a text, in lower case, is in what people look for.
func (s *Standing) has(q string) bool {
	in := func(text string) bool { return strings.Contains(strings.ToLower(text), q) }
	return in(s.Block) || in(s.Reason) || in(s.Owner) || slices.ContainsFunc(s.SKUs, in)
}

// amending is what a request asks to become of acceptances.
type amending struct {
	Reconciliation string `json:"reconciliation"`
	Block          string `json:"block"`
	Items          []struct {
		SKU    string `json:"sku"`
		Rule   string `json:"rule"`
		Status string `json:"status"`
	} `json:"items"`
	Expires *string `json:"expires"`
	Try     bool    `json:"try"`
}

// mostAmended is how many single acceptances are changed at once.
const mostAmended = 200

// takeBack takes acceptances back.
func (a *API) takeBack(r *http.Request) (int, any, error) {
	var asked amending
	if err := read(r, &asked); err != nil {
		return 0, nil, err
	}
	if asked.Expires != nil {
		return 0, nil, wrong("expires says nothing of what is taken back: leave it out")
	}
	return a.amend(r, &asked, Amendment{Back: true})
}

// setUntil gives acceptances another last day.
func (a *API) setUntil(r *http.Request) (int, any, error) {
	var asked amending
	if err := read(r, &asked); err != nil {
		return 0, nil, err
	}
	if asked.Expires == nil {
		return 0, nil, wrong(`expires is missing: the last day, such as "2027-03-31", or "" for ever`)
	}
	day, err := lastDay(*asked.Expires)
	if err != nil {
		return 0, nil, err
	}
	return a.amend(r, &asked, Amendment{Until: day})
}

// lastDay reads the last day that an acceptance holds; "" is the zero day, for ever.
func lastDay(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if err != nil {
		return day, wrong("expires is a day such as 2027-03-31, not %q", text)
	}
	if !time.Now().Before(day.AddDate(0, 0, 1)) {
		return day, wrong("expires is %s, which is in the past", text)
	}
	return day, nil
}

func (a *API) amend(r *http.Request, asked *amending, to Amendment) (int, any, error) {
	switch {
	case (asked.Block == "") == (len(asked.Items) == 0):
		return 0, nil, wrong("say which acceptances: either items, or the name of a block")
	case len(asked.Items) > mostAmended:
		return 0, nil, wrong("these are %d, and at most %d are changed at once", len(asked.Items), mostAmended)
	case asked.Reconciliation == "":
		return 0, nil, wrong("the reconciliation is missing")
	}
	to.Reconciliation, to.Block, to.Try = asked.Reconciliation, asked.Block, asked.Try
	for _, it := range asked.Items {
		if (it.Rule == "") == (it.Status == "") {
			return 0, nil, wrong("say of %q either which rule, or which status", it.SKU)
		}
		if it.Status != "" && it.Status != verdict.PosOnly.String() && it.Status != verdict.StoreOnly.String() {
			return 0, nil, wrong("status is %q, and can be pos_only or store_only", it.Status)
		}
		to.Items = append(to.Items, AcceptedItem{SKU: it.SKU, What: it.Rule + it.Status, IsStatus: it.Status != ""})
	}
	last, err := a.Records.List(r.Context(), asked.Reconciliation, 1)
	if err != nil {
		return 0, nil, err
	}
	var run *screen.Run
	if len(last) > 0 {
		if _, run, err = a.openNamed(r, last[0].ID); err == nil {
			defer run.Done()
			to.Run = run.About()
		} else if to.Block == "" {
			return 0, nil, err // it is what tells the keys
		}
	}
	amended, err := a.Records.Amend(r.Context(), a.Actor(r), to)
	if err != nil {
		return 0, nil, err
	}
	if run != nil {
		if amended.Covers, err = covered(run, amended.Before, to.Items); err != nil {
			return 0, nil, err
		}
	}
	amended.Count = len(amended.Before)
	for _, list := range []*[]Standing{&amended.Before, &amended.After} {
		*list = slices.Clone((*list)[:min(len(*list), mostShown)])
		if *list == nil {
			*list = []Standing{}
		}
		for i := range *list {
			(*list)[i].SKUs = (*list)[i].SKUs[:min(len((*list)[i].SKUs), MostSKUs)]
		}
	}
	return http.StatusOK, amended, nil
}

// covered returns what of a run blocks had made intentional: of all items, or of those that are named.
func covered(run *screen.Run, blocks []Standing, items []AcceptedItem) (*Covered, error) {
	c := &Covered{Run: run.ID, First: []AcceptedItem{}}
	names := map[string]bool{}
	for _, b := range blocks {
		names[b.Block] = true
	}
	wanted := map[AcceptedItem]bool{}
	for _, it := range items {
		wanted[AcceptedItem{SKU: it.SKU, What: it.What}] = true
	}
	note := func(sku, what string) {
		it := AcceptedItem{SKU: sku, What: what}
		if len(wanted) > 0 && !wanted[it] {
			return
		}
		if c.Count++; len(c.First) < mostShown {
			c.First = append(c.First, it)
		}
	}
	positions, err := run.Excused()
	if err != nil {
		return nil, err
	}
	rules := run.About().Rules
	for part := range slices.Chunk(positions, 4096) {
		rows, err := run.Run.Rows(part)
		if err != nil {
			return nil, run.Failed(err)
		}
		for _, row := range rows {
			if row.Outcome == nil {
				continue
			}
			if in := row.Outcome.Intended; in != nil && names[in.Name] {
				note(row.SKU, row.Status.String())
			}
			for i, in := range row.Outcome.Intents {
				if in != nil && names[in.Name] && row.Outcome.Cells[i] == verdict.Intentional {
					note(row.SKU, rules[i].Code)
				}
			}
		}
	}
	return c, nil
}
