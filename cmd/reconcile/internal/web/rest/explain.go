package rest

import (
	"net/http"
)

// Explanation is why the cells of an item are what they are.
type Explanation struct {
	Item  Item       `json:"item"`
	Pages []ItemPage `json:"pages,omitempty"`
	Rules []RuleWhy  `json:"rules"`
}

// ItemPage is where a side's platform shows an item.
type ItemPage struct {
	Side string `json:"side"`
	URL  string `json:"url"`
}

// RuleWhy is why a rule's cell is what it is.
type RuleWhy struct {
	Rule      string   `json:"rule"`
	Cell      string   `json:"cell"`
	Cause     string   `json:"cause"`
	Note      string   `json:"note,omitempty"`      // what to do, if it is N
	Condition string   `json:"condition,omitempty"` // as the rules of today have it; left out if they say something else than when the run was made
	Filled    string   `json:"filled,omitempty"`    // with the values put in
	Excuses   []string `json:"excuses,omitempty"`   // what makes it intentional, or nearly does
}

// explain says why an item's cells are what they are.
func (a *API) explain(r *http.Request) (int, any, error) {
	of, run, err := a.open(r)
	if err != nil {
		return 0, nil, err
	}
	defer run.Done()
	at, _, err := located(r, run)
	if err != nil {
		return 0, nil, err
	}
	why, err := run.Why(at, r.URL.Query().Get("rule"))
	if err != nil {
		return 0, nil, err
	}
	if why.Item != nil {
		// Rules that cannot be read today leave what the run itself has.
		if told, err := a.Shop.Explain(r.Context(), of.Reconciliation, run.About(), why.Item); err == nil {
			why.Explain(told)
		}
	}
	items, err := itemsOf(run, "", []int32{int32(at)})
	if err != nil {
		return 0, nil, err
	}
	said := Explanation{Item: items[0], Rules: []RuleWhy{}}
	for _, page := range why.Pages {
		said.Pages = append(said.Pages, ItemPage{page.Side.String(), page.URL})
	}
	for _, rule := range why.Rules {
		w := RuleWhy{Rule: rule.Code, Cell: rule.Letter, Cause: rule.Cause, Note: rule.Note}
		if rule.Told != nil {
			w.Condition, w.Filled, w.Excuses = rule.Told.Condition, rule.Told.Filled, rule.Told.Excuses
		}
		said.Rules = append(said.Rules, w)
	}
	return http.StatusOK, said, nil
}
