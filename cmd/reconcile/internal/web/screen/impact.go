package screen

import (
	"cmp"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/impact"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// impactColumn is the key by which the table is sorted by the money that is at risk: the most first.
const impactColumn = "impact"

// Impacts are what is at risk with the items of a run.
type Impacts struct {
	positions []int32 // in ascending order
	amounts   []amount
	Sums      []Sum // by currency, that of most items first
}

// amount is what is at risk with an item; of is the place of its currency in the sums.
type amount struct {
	total catalog.Decimal
	of    int32
}

// Sum is what is at risk with items in a currency.
type Sum struct {
	Currency                       catalog.Currency // "" where it is not known
	Items                          int
	Amount, Price, Oversold, Units catalog.Decimal
}

func (s *Sum) add(i impact.Impact) {
	s.Items++
	s.Amount, s.Price, s.Oversold, s.Units = s.Amount.Add(i.Amount()), s.Price.Add(i.Price), s.Oversold.Add(i.Oversold), s.Units.Add(i.Units)
}

// Sums are sums of money, each of its own currency: they are never added up.
type Sums []Sum

// Add adds what is at risk with an item to the sum of its currency, and returns the place of that.
func (s *Sums) Add(i impact.Impact) int {
	at := slices.IndexFunc(*s, func(of Sum) bool { return of.Currency == i.Currency })
	if at < 0 {
		at = len(*s)
		*s = append(*s, Sum{Currency: i.Currency})
	}
	(*s)[at].add(i)
	return at
}

// Impacts returns what is at risk with the items of the run. The first time it reads the values of all that is not synchronized.
func (r *Run) Impacts() (*Impacts, error) {
	all, err := r.impacts()
	if err != nil {
		return nil, r.Failed(err)
	}
	return all, nil
}

func (r *Run) weigh() (*Impacts, error) {
	positions, err := r.Filter(history.Filter{Classes: []verdict.Class{verdict.Differs}, Statuses: []verdict.Status{verdict.Matched}})
	if err != nil {
		return nil, err
	}
	all, sums, n := &Impacts{}, Sums{}, 0
	for it, err := range r.Only(positions).Items {
		if err != nil {
			return nil, err
		}
		if i, some := impact.Of(r.About(), it); some {
			all.positions = append(all.positions, positions[n])
			all.amounts = append(all.amounts, amount{i.Amount(), int32(sums.Add(i))})
		}
		n++
	}
	all.Sums = sums
	return all, nil
}

// of returns what is at risk with the item at a position; false if nothing is.
func (i *Impacts) of(position int32) (amount, bool) {
	at, found := slices.BinarySearch(i.positions, position)
	if !found {
		return amount{}, false
	}
	return i.amounts[at], true
}

// byImpact reports whether a sort key is that one, and whether it is turned round.
func byImpact(sort string) (is, turned bool) {
	column, turned := strings.CutPrefix(sort, "-")
	return column == impactColumn, turned
}

// sortByImpact sorts positions, which ascend, by what is at risk: the most first, currency by currency, and what is none last.
func (r *Run) sortByImpact(positions []int32, turned bool) error {
	all, err := r.Impacts()
	if err != nil {
		return err
	}
	type weighed struct {
		position int32
		some     bool
		amount
	}
	list := make([]weighed, len(positions))
	for i, p := range positions {
		a, some := all.of(p)
		list[i] = weighed{p, some, a}
	}
	slices.SortStableFunc(list, func(a, b weighed) int {
		switch {
		case a.some != b.some && a.some:
			return -1
		case a.some != b.some:
			return 1
		case !a.some:
			return 0
		}
		return cmp.Or(-cmp.Compare(all.Sums[a.of].Items, all.Sums[b.of].Items), cmp.Compare(a.of, b.of), b.total.Cmp(a.total))
	})
	for i, w := range list {
		positions[i] = w.position
	}
	if turned {
		slices.Reverse(positions)
	}
	return nil
}

// AtRisk returns those of some items with which money is at risk, in the order that is given, and the sums of these.
func (r *Run) AtRisk(positions []int32) (list []int32, sums Sums, err error) {
	all, err := r.Impacts()
	if err != nil {
		return nil, nil, err
	}
	for _, p := range positions {
		if _, some := all.of(p); some {
			list = append(list, p)
		}
	}
	if len(list) == len(all.positions) {
		return list, all.Sums, nil
	}
	ascending := slices.Sorted(slices.Values(list))
	for it, err := range r.Only(ascending).Items {
		if err != nil {
			return nil, nil, r.Failed(err)
		}
		if i, some := impact.Of(r.About(), it); some {
			sums.Add(i)
		}
	}
	return list, sums, nil
}

// risk says how much money is at risk with an item, whose values are there; "" if none is, or that cannot be said.
func (r *Run) risk(it *report.Item) string {
	i, some := impact.Of(r.About(), it)
	if !some {
		return ""
	}
	text := amountText(i.Amount(), i.Currency)
	if i.Units.Sign() > 0 {
		text += ", " + i.Units.String() + " oversold"
	}
	return text
}

func amountText(d catalog.Decimal, of catalog.Currency) string {
	return strings.TrimSpace(money(d, of) + " " + string(of))
}

// Text is the sum in words.
func (s Sum) Text() string { return amountText(s.Amount, s.Currency) }
