package screen

import (
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// The keys of ready-made filters. That of a rule's N is rulePrefix and its code; a status is its own key.
const (
	all        = "all"
	newItems   = "new"
	isParent   = "parent"
	meant      = "meant"
	unpaired   = "not_paired"
	rulePrefix = "rule."
)

// Filter is a ready-made filter.
type Filter struct {
	Key, Text string
	Code      string // of a rule, to stand beside the text; "" of others
	Rule      string // the same as the rules have it
	Count     int    // of all items: it depends on no other filter
	Current   bool
	Hot       bool // what is in it is not as it should be

	filter history.Filter
	within []int32 // what it finds, where a run's file does not know it; nil elsewhere
	nobody bool    // nothing at all
}

// Group are filters of one kind.
type Group struct {
	Title   string
	Filters []Filter
}

// filters returns the ready-made filters of a run, without counts.
func (r *Run) filters() []Group {
	class := func(c verdict.Class, text string) Filter {
		return Filter{Key: c.String(), Text: text, filter: history.Filter{Classes: []verdict.Class{c}}}
	}
	show := Group{Title: "Show", Filters: []Filter{{Key: all, Text: "All items"}, class(verdict.Differs, "Not synchronized")}}
	show.Filters[1].Hot = true
	if r.Before {
		show.Filters = append(show.Filters, Filter{Key: newItems, Text: "New since the last run", within: r.New, nobody: len(r.New) == 0})
	}
	show.Filters = append(show.Filters, class(verdict.Unchecked, "Not checked"), class(verdict.Excused, "Intentional"), class(verdict.Agrees, "Synchronized"))
	causes := Group{Title: "By cause"}
	for i, rule := range r.About().Rules {
		causes.Filters = append(causes.Filters, Filter{Key: rulePrefix + rule.Code, Text: plain(rule.Title), Code: plain(rule.Code), Rule: rule.Code,
			Hot: rule.Severity != verdict.Info, filter: history.Filter{Cells: []history.Cells{{Rule: i, Marks: []history.Mark{history.Red}}}}})
	}
	pairing := Group{Title: "Not paired", Filters: []Filter{{Key: unpaired, Text: "To be looked at", filter: history.Filter{Open: true}}}}
	for _, status := range verdict.Statuses {
		if status != verdict.Matched {
			pairing.Filters = append(pairing.Filters, Filter{Key: status.String(), Text: r.statusText(status), filter: history.Filter{Statuses: []verdict.Status{status}}})
		}
	}
	return []Group{show, causes, pairing}
}

// counts are how many items each ready-made filter finds.
type counts struct{ of map[string]int }

func (r *Run) count() (*counts, error) {
	c := &counts{of: map[string]int{}}
	for _, g := range r.filters() {
		for _, f := range g.Filters {
			n, err := r.found(&f)
			if err != nil {
				return nil, err
			}
			c.of[f.Key] = n
		}
	}
	return c, nil
}

func (r *Run) found(f *Filter) (int, error) {
	switch {
	case f.nobody:
		return 0, nil
	case f.within != nil:
		return len(f.within), nil
	case f.Key == all:
		return r.Items(), nil
	}
	return r.Count(f.filter)
}

// Groups returns the ready-made filters that find something, and that which is chosen.
func (r *Run) Groups(q Query) ([]Group, error) {
	c, err := r.counts()
	if err != nil {
		return nil, err
	}
	groups := r.filters()
	for i := range groups {
		g := &groups[i]
		for j := range g.Filters {
			f := &g.Filters[j]
			f.Count, f.Current = c.of[f.Key], f.Key == q.Show || f.Key == all && q.Show == ""
			f.Hot = f.Hot && f.Count > 0
		}
		// The first ones are always there, so that nobody looks for them.
		if g.Title != "Show" {
			g.Filters = slices.DeleteFunc(g.Filters, func(f Filter) bool { return f.Count == 0 && !f.Current })
		}
	}
	return slices.DeleteFunc(groups, func(g Group) bool { return len(g.Filters) == 0 }), nil
}

// filterOf returns the filter with a key. Of a rule or a filter that this run has not, it finds nothing: all would be another answer
// than was asked for.
func (r *Run) filterOf(key string) Filter {
	if key == "" {
		key = all
	}
	for _, g := range r.filters() {
		for _, f := range g.Filters {
			if f.Key == key {
				return f
			}
		}
	}
	text, _ := strings.CutPrefix(key, rulePrefix)
	return Filter{Key: key, Text: plain(text), nobody: true}
}
