package screen

import (
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// The keys of the columns that every table has. That of a rule is rulePrefix and its code.
const (
	skuColumn    = "sku"
	nameColumn   = "name"
	statusColumn = "status"
	itemColumn   = "item"
)

// Column is the head of a column.
type Column struct {
	Text  string
	Title string // what it stands for
	Sort  string // the order that it is part of, in the words of aria-sort
	To    Query  // the query with a click on it
	Red   int    // of a rule: how many cells are N
	Hot   bool   // there are such, and they ask for something
	Bar   Bar
}

// Heads are the heads of the table.
type Heads struct {
	SKU, Name, Status, Item, Since, Difference Column
	Rules                                      []Column
}

// Heads returns the heads of the columns.
func (r *Run) Heads(q Query) Heads {
	head := func(key, text, title string) Column {
		return Column{Text: text, Title: title, Sort: q.Direction(key), To: q.Sorting(key)}
	}
	h := Heads{SKU: head(skuColumn, "SKU", ""), Name: head(nameColumn, "Name", ""), Status: head(statusColumn, "Status", "Whether it was found on both sides"),
		Item: head(itemColumn, "Item", "The item as a whole: the first that holds of N, - for not checked, I and S")}
	h.Since = head(sinceColumn, "Since", "Since when it has its oldest N")
	h.Difference = head(impactColumn, "Difference", "What differs; sorted by it, the most money at risk comes first")
	if rule := r.ruleOf(q.Show); rule >= 0 {
		h.Since.Title = "Since when it is N in " + plain(r.About().Rules[rule].Code)
	}
	for i, rule := range r.About().Rules {
		c := head(rulePrefix+rule.Code, plain(rule.Code), plain(rule.Title))
		c.Bar = r.RuleBar(i)
		c.Red = r.red(i)
		c.Hot = c.Red > 0 && rule.Severity != verdict.Info
		h.Rules = append(h.Rules, c)
	}
	return h
}

// red is how many cells of a rule are N.
func (r *Run) red(rule int) int {
	c, err := r.counts()
	if err != nil {
		return 0 // Groups, which is asked for the same page, says so
	}
	return c.of[rulePrefix+r.About().Rules[rule].Code]
}

// Part is a part of a bar, in hundredths of its width.
type Part struct {
	Kind    string
	From, W float64
	Count   int
}

// Bar shows how many there are of which kind.
type Bar []Part

// barOf makes a bar of counts. What there is of is never too thin to be seen.
func barOf(kinds []string, counts []int) Bar {
	const thinnest = 3
	total, room := 0, 100.0
	for _, n := range counts {
		total += n
	}
	if total == 0 {
		return nil
	}
	widths := make([]float64, len(counts))
	large := 0
	for i, n := range counts {
		if w := 100 * float64(n) / float64(total); n > 0 && w < thinnest {
			widths[i] = thinnest
			room -= thinnest
		} else {
			large += n
		}
	}
	var bar Bar
	at := 0.0
	for i, n := range counts {
		if n == 0 {
			continue
		}
		if widths[i] == 0 {
			widths[i] = room * float64(n) / float64(large)
		}
		bar = append(bar, Part{Kind: kinds[i], From: at, W: widths[i], Count: n})
		at += widths[i]
	}
	return bar
}

// RuleBar shows how many cells of a rule are what.
func (r *Run) RuleBar(rule int) Bar {
	of := r.About().Summary.Rules[rule]
	return barOf([]string{kindN, kindNone, kindI, kindS}, []int{of[verdict.NotSynchronized], of[verdict.NotApplicable], of[verdict.Intentional], of[verdict.Synchronized]})
}

// Total is a count of the summary.
type Total struct {
	Kind, Text string
	Count      int
}

// Totals are how many items are what: together all of them.
func (r *Run) Totals() ([]Total, Bar) {
	s := &r.About().Summary
	list := []Total{
		{kindN, "not synchronized", s.Classes[verdict.Differs]},
		{kindNone, "not checked", s.Classes[verdict.Unchecked]},
		{kindNone, "not paired", s.Items - s.Status[verdict.Matched]},
		{kindI, "intentional", s.Classes[verdict.Excused]},
		{kindS, "synchronized", s.Classes[verdict.Agrees]},
	}
	var kinds []string
	var counts []int
	for _, t := range list {
		kinds, counts = append(kinds, t.Kind), append(counts, t.Count)
	}
	return list, barOf(kinds, counts)
}
