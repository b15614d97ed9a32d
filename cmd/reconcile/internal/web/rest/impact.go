package rest

import (
	"net/http"
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/impact"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// Impact is what is at risk with an item, or with many.
type Impact struct {
	Currency string          `json:"currency,omitempty"` // left out where it is not known
	Amount   catalog.Decimal `json:"amount"`             // price and oversold
	Price    catalog.Decimal `json:"price"`              // the difference of the prices, for each unit on hand
	Oversold catalog.Decimal `json:"oversold"`           // the price of the units that are online and not there
	Units    catalog.Decimal `json:"units"`              // how many these are
}

func impactOf(i impact.Impact) *Impact {
	return &Impact{string(i.Currency), i.Amount(), i.Price, i.Oversold, i.Units}
}

// ImpactSum is what is at risk in a currency.
type ImpactSum struct {
	Impact
	Items int `json:"items"`
}

// impact answers with what is at risk with the items that a filter and a search leave: the sum of each currency, and the worst items.
func (a *API) impact(r *http.Request) (int, any, error) {
	_, run, err := a.open(r)
	if err != nil {
		return 0, nil, err
	}
	defer run.Done()
	offset, err := number(r, "offset", 0, 0, 1<<31-1)
	if err != nil {
		return 0, nil, err
	}
	limit, err := number(r, "limit", usualItems, 1, mostItems)
	if err != nil {
		return 0, nil, err
	}
	show := r.URL.Query().Get("show")
	if keys := run.FilterKeys(); show != "" && !slices.Contains(keys, show) {
		return 0, nil, wrong("show is %q, which this run has not: it has %q", show, keys)
	}
	q := screen.ReadQuery(r.URL.Query())
	q.Sort = "impact"
	list, err := run.List(q)
	if err != nil {
		return 0, nil, err
	}
	positions, sums, err := run.AtRisk(list.Positions())
	if err != nil {
		return 0, nil, err
	}
	said := []ImpactSum{}
	for _, s := range sums {
		said = append(said, ImpactSum{Impact{string(s.Currency), s.Amount, s.Price, s.Oversold, s.Units}, s.Items})
	}
	items, err := itemsOf(run, show, positions[min(offset, len(positions)):min(offset+limit, len(positions))])
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]any{"total": len(positions), "offset": offset, "sums": said, "items": items}, nil
}
