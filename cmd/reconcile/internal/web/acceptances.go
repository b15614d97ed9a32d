package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// acceptances is what the page shows of all that is intentional in a reconciliation.
type acceptances struct {
	menu
	screen.Reconciliation
	place
	MayAccept bool
	State     string // which are shown; "": all
	Search    string
	States    []stateFilter
	Cards     []acceptanceCard
	Total     int
	From      int // the first one on the page, from 1; 0 if there is none
	Previous  string
	Next      string

	names map[string]string // of the sides, by what programs call them; nil if they are not known
}

// place is where a page of a reconciliation stands among the others.
type place struct {
	Path string // of the table
	Tab  string // "", acceptances, trends or journal
}

// stateFilter is a ready-made filter of acceptances.
type stateFilter struct {
	Key, Text string
	Count     int
	Current   bool
	Link      string
}

// acceptanceRows is how many acceptances a page has.
const acceptanceRows = 50

var stateWords = []struct{ key, text string }{{"", "All"}, {rest.Holds, "Holds"}, {rest.Expiring, "Expires soon"}, {rest.Expired, "Expired"}, {rest.NotYet, "Not yet"}}

func (s *Server) acceptancesPage(w http.ResponseWriter, r *http.Request) {
	m, of, ok := s.named(w, r)
	if !ok {
		return
	}
	v := r.URL.Query()
	p := &acceptances{menu: m, Reconciliation: of, place: place{inventoryPath(of.Name), "acceptances"}, State: v.Get("state"), Search: strings.TrimSpace(v.Get("q")),
		MayAccept: callerOf(r).role.May(store.Admin)}
	if of.Last != nil {
		if run, err := s.shelf.Open(*of.Last); err == nil { // of a damaged run the page of items tells
			p.names = map[string]string{}
			for _, side := range verdict.Sides {
				p.names[side.String()] = run.Name(side)
			}
			run.Done()
		}
	}
	var list []rest.Standing
	if s.Records != nil {
		list, _ = s.Records.Standing(r.Context()) // a mistake in the configuration is said by the menu
	}
	list = rest.StandingIn(list, of.Name, p.Search)
	counts := map[string]int{}
	for _, a := range list {
		counts[a.State]++
	}
	counts[""] = len(list)
	address := func(state string, from int) string {
		to := url.Values{}
		for name, text := range map[string]string{"state": state, "q": p.Search} {
			if text != "" {
				to.Set(name, text)
			}
		}
		if from > 0 {
			to.Set("from", strconv.Itoa(from+1))
		}
		return p.Path + "/acceptances?" + to.Encode()
	}
	for _, word := range stateWords {
		p.States = append(p.States, stateFilter{word.key, word.text, counts[word.key], word.key == p.State, address(word.key, 0)})
	}
	if p.State != "" {
		list = slices.DeleteFunc(list, func(a rest.Standing) bool { return a.State != p.State })
	}
	p.Total = len(list)
	from, _ := strconv.Atoi(v.Get("from"))
	from = min(max(from-1, 0), max(p.Total-1, 0))
	for _, a := range list[from:min(from+acceptanceRows, p.Total)] {
		p.Cards = append(p.Cards, acceptanceCard{Standing: a, Reconciliation: of.Name, MayAccept: p.MayAccept})
	}
	if len(p.Cards) > 0 {
		p.From = from + 1
	}
	if from > 0 {
		p.Previous = address(p.State, max(from-acceptanceRows, 0))
	}
	if from+acceptanceRows < p.Total {
		p.Next = address(p.State, from+acceptanceRows)
	}
	s.showTo(w, r, "acceptances", frame{Title: of.Title + ": acceptances", Page: p})
}

// NameOf is what people call a side.
func (p *acceptances) NameOf(side string) string {
	if name := p.names[side]; name != "" {
		return name
	}
	return side
}

// acceptanceCard is an acceptance as a page shows it, or another thing that the configuration declares intentional.
type acceptanceCard struct {
	rest.Standing
	Reconciliation string
	MayAccept      bool   // whoever looks may take it back, or prolong it
	SKU, Rule      string // the one cell that is looked at; "": all that it is about
	Status         string // in place of a rule
}

// What is what it is about: rules, or statuses, in words.
func (a acceptanceCard) What() string {
	if a.Rule != "" {
		return a.Rule
	}
	list := append(slices.Clone(a.Rules), a.Statuses...)
	if len(list) == 0 {
		return "everything"
	}
	return strings.ReplaceAll(strings.Join(list, ", "), "_", " ")
}

// Named are the SKUs that are named, as a text, and Others how many more there are.
func (a acceptanceCard) Named() string { return strings.Join(a.SKUs[:min(len(a.SKUs), 8)], ", ") }

// Others is how many SKUs are not named.
func (a acceptanceCard) Others() int { return max(a.Items-min(len(a.SKUs), 8), 0) }

// StateText is what it does today, in words.
func (a acceptanceCard) StateText() string {
	for _, word := range stateWords {
		if word.key == a.State {
			return word.text
		}
	}
	return a.State
}

// Single is the item that is taken back alone, where others stand in the same place; "" if all of the block is.
func (a acceptanceCard) Single() string {
	switch {
	case a.SKU != "" && a.Items > 0:
		return a.SKU
	case a.InList && len(a.SKUs) == 1:
		return a.SKUs[0]
	}
	return ""
}

// SingleRule is the rule of that item, SingleStatus its status: one of them is "".
func (a acceptanceCard) SingleRule() string {
	if a.Rule == "" && a.Status == "" && len(a.Rules) > 0 {
		return a.Rules[0]
	}
	return a.Rule
}

// SingleStatus is the status that is accepted of the item; "" if it is a rule's cell.
func (a acceptanceCard) SingleStatus() string {
	if a.Rule == "" && a.Status == "" && len(a.Rules) == 0 && len(a.Statuses) > 0 {
		return a.Statuses[0]
	}
	return a.Status
}

// standings are what is intentional, as the page of whoever looks shows it beside an item: those that made cells of it so, by rule, and
// with "" the one that says that it is meant to be of one side.
func (s *Server) standings(r *http.Request, name string, w *screen.Why) (map[string]acceptanceCard, error) {
	blocks := map[string]string{} // by rule
	if w.Block != "" {
		blocks[""] = w.Block
	}
	for _, rule := range w.Rules {
		if rule.Block != "" {
			blocks[rule.Code] = rule.Block
		}
	}
	if len(blocks) == 0 || s.Records == nil {
		return nil, nil
	}
	list, _ := s.Records.Standing(r.Context()) // where the configuration has a mistake, what is known of it
	found := map[string]acceptanceCard{}
	for rule, block := range blocks {
		for _, a := range list {
			about := a.Items == 0 || slices.Contains(a.SKUs, w.SKU) || slices.Contains(a.SKUs, w.PairedBy)
			if a.Block != block || !about {
				continue
			}
			one := acceptanceCard{Standing: a, Reconciliation: name, MayAccept: callerOf(r).role.May(store.Admin), SKU: w.SKU, Rule: rule}
			if rule == "" {
				one.Status = w.StatusKey
			}
			found[rule] = one
			break
		}
	}
	return found, r.Context().Err()
}
