package history

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/near"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// about is what a file says of its run as a whole, as JSON. What others may rename has a type of its own here, and a name that is not
// known is an error, so that no change elsewhere changes the file unseen.
type about struct {
	Reconciliation string           `json:"reconciliation"`
	Settings       string           `json:"settings,omitempty"`
	Sources        [2]aboutSource   `json:"sources"`
	MadeAt         time.Time        `json:"made_at"`
	MaxSkew        time.Duration    `json:"max_skew,omitempty"`
	Rules          []aboutRule      `json:"rules"`
	Summary        aboutSummary     `json:"summary"`
	Warnings       []report.Warning `json:"warnings,omitempty"`
	Unused         []report.Intent  `json:"unused,omitempty"`
	Doubts         []report.Doubt   `json:"doubts,omitempty"`
	Near           *near.Found      `json:"near,omitempty"`
	KeyText        string           `json:"key_text,omitempty"`
	KeyOfLines     bool             `json:"key_of_lines,omitempty"`
}

// aboutSource is one side.
type aboutSource struct {
	Connector  string    `json:"connector"`
	Name       string    `json:"name"`
	Items      int64     `json:"items"`
	ReadAt     time.Time `json:"read_at"`
	File       string    `json:"file,omitempty"`
	Copy       bool      `json:"copy,omitempty"`
	Skipped    int64     `json:"skipped,omitempty"`
	Unreadable int64     `json:"unreadable,omitempty"`
	ItemPage   string    `json:"item_page,omitempty"`

	Currencies map[string]catalog.Currency `json:"currencies,omitempty"` // of amounts, by field
	Units      map[string]catalog.Measure  `json:"units,omitempty"`      // of weights and lengths, by field
	Fields     []aboutField                `json:"fields"`               // of its rows; nil where it has none
	Compared   []aboutField                `json:"compared"`             // those that the rules read
}

type aboutField struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Doc  string `json:"doc,omitempty"`
}

type aboutRule struct {
	Code     string            `json:"code"`
	Title    string            `json:"title"`
	Note     string            `json:"note,omitempty"`
	On       string            `json:"on"`
	Severity string            `json:"severity"`
	Meaning  string            `json:"meaning,omitempty"`
	Fields   []report.FieldRef `json:"fields,omitempty"`
	Range    hcl.Range         `json:"range"`
}

// aboutSummary are the counts. Maps that a summary has by numbers are lists here.
type aboutSummary struct {
	Items            int              `json:"items"`
	Status           map[string]int   `json:"status"`
	Rows             map[string][]int `json:"rows"`
	Intended         map[string]int   `json:"intended"`
	Parents          map[string]int   `json:"parents"`
	Unreadable       []int            `json:"unreadable"`
	Classes          map[string]int   `json:"classes"`
	Rules            []map[string]int `json:"rules"`
	Explained        []map[int]int    `json:"explained"`
	Unknown          []int            `json:"unknown"`
	Unchecked        []int            `json:"unchecked"`
	UncheckedSingles int              `json:"unchecked_singles"`
}

// aboutOf returns what is kept of a result. The schemas are those of its rows, which the first rows tell.
func aboutOf(r *report.Result, schemas [2]*catalog.Schema) *about {
	a := &about{Reconciliation: r.Reconciliation, Settings: r.Settings, MadeAt: r.MadeAt, MaxSkew: r.MaxSkew, Warnings: r.AllWarnings(),
		Doubts: r.Doubts, Near: r.Near, KeyText: r.KeyText, KeyOfLines: r.KeyOfLines, Summary: summaryOf(&r.Summary)}
	for _, side := range verdict.Sides {
		s := r.Source(side)
		a.Sources[side] = aboutSource{Connector: s.Connector, Name: s.Name, Items: s.Items, ReadAt: s.ReadAt, File: s.File, Copy: s.Copy,
			Skipped: s.Skipped, Unreadable: s.Unreadable, Currencies: s.Currencies, Units: s.Units}
		if schemas[side] != nil {
			a.Sources[side].Fields = aboutFields(schemas[side].Fields())
		}
		a.Sources[side].Compared = aboutFields(*r.FieldsOf(side))
		if s.ItemPage != nil {
			a.Sources[side].ItemPage = s.ItemPage.String()
		}
	}
	for _, rule := range r.Rules {
		a.Rules = append(a.Rules, aboutRule{Code: rule.Code, Title: rule.Title, Note: rule.Note, On: rule.On.String(),
			Severity: rule.Severity.String(), Meaning: rule.Meaning, Fields: rule.Fields, Range: rule.Range})
	}
	for _, in := range r.Unused {
		a.Unused = append(a.Unused, *in)
	}
	return a
}

// named returns counts by the names of what they are of.
func named[K fmt.Stringer](keys []K, counts []int) map[string]int {
	m := map[string]int{}
	for i, k := range keys {
		if counts[i] != 0 {
			m[k.String()] = counts[i]
		}
	}
	return m
}

func summaryOf(s *report.Summary) aboutSummary {
	a := aboutSummary{Items: s.Items, Status: named(verdict.Statuses[:], s.Status[:]), Rows: map[string][]int{},
		Intended: named(verdict.Statuses[:], s.Intended[:]), Parents: named(verdict.Statuses[:], s.Parents[:]), Unreadable: s.Unreadable[:],
		Classes: named(verdict.Classes[:], s.Classes[:]), Explained: s.Explained, Unknown: s.Unknown, Unchecked: s.Unchecked,
		UncheckedSingles: s.UncheckedSingles}
	for i, rows := range s.Rows {
		if rows != [2]int{} {
			a.Rows[verdict.Statuses[i].String()] = rows[:]
		}
	}
	for _, of := range s.Rules {
		cells := map[string]int{}
		for c, n := range of {
			cells[c.String()] = n
		}
		a.Rules = append(a.Rules, cells)
	}
	return a
}

// summary returns the counts as a report has them.
func (a *aboutSummary) summary() report.Summary {
	s := report.Summary{Items: a.Items, Explained: a.Explained, Unknown: a.Unknown, Unchecked: a.Unchecked, UncheckedSingles: a.UncheckedSingles}
	for i, status := range verdict.Statuses {
		name := status.String()
		s.Status[i], s.Intended[i], s.Parents[i] = a.Status[name], a.Intended[name], a.Parents[name]
		copy(s.Rows[i][:], a.Rows[name])
	}
	copy(s.Unreadable[:], a.Unreadable)
	for i, class := range verdict.Classes {
		s.Classes[i] = a.Classes[class.String()]
	}
	for _, of := range a.Rules {
		cells := map[verdict.Cell]int{}
		for _, c := range verdict.Cells {
			if n, ok := of[c.String()]; ok {
				cells[c] = n
			}
		}
		s.Rules = append(s.Rules, cells)
	}
	return s
}

// result returns what package report shows, without items. It also returns the schemas of the rows of both sides.
func (a *about) result() (*report.Result, [2]*catalog.Schema, error) {
	r := &report.Result{Reconciliation: a.Reconciliation, Settings: a.Settings, MadeAt: a.MadeAt, MaxSkew: a.MaxSkew, Doubts: a.Doubts, Near: a.Near,
		KeyText: a.KeyText, KeyOfLines: a.KeyOfLines, Summary: a.Summary.summary(), Warnings: a.Warnings, Whole: true, Brief: true}
	var schemas [2]*catalog.Schema
	for _, side := range verdict.Sides {
		s := a.Sources[side]
		*r.Source(side) = report.Source{Connector: s.Connector, Name: s.Name, Items: s.Items, ReadAt: s.ReadAt, File: s.File, Copy: s.Copy,
			Skipped: s.Skipped, Unreadable: s.Unreadable, Currencies: s.Currencies, Units: s.Units}
		if s.ItemPage != "" {
			page, err := catalog.ParseItemPage(s.ItemPage)
			if err != nil {
				return nil, schemas, fmt.Errorf("the address of an item's page: %w", err)
			}
			r.Source(side).ItemPage = page
		}
		fields, err := catalogFields(s.Fields)
		if err != nil {
			return nil, schemas, err
		}
		if schemas[side], err = catalog.NewSchema(fields...); err != nil {
			return nil, schemas, err
		}
		if *r.FieldsOf(side), err = catalogFields(s.Compared); err != nil {
			return nil, schemas, err
		}
	}
	for _, from := range a.Rules {
		rule := report.Rule{Code: from.Code, Title: from.Title, Note: from.Note, Meaning: from.Meaning, Fields: from.Fields, Range: from.Range}
		for _, status := range verdict.Statuses {
			if status.String() == from.On {
				rule.On = status
			}
		}
		for _, severity := range verdict.Severities {
			if severity.String() == from.Severity {
				rule.Severity = severity
			}
		}
		r.Rules = append(r.Rules, rule)
	}
	for i := range a.Unused {
		r.Unused = append(r.Unused, &a.Unused[i])
	}
	return r, schemas, nil
}

func aboutFields(fields []catalog.Field) (list []aboutField) {
	for _, f := range fields {
		list = append(list, aboutField{f.Name, f.Type.String(), f.Doc})
	}
	return list
}

func catalogFields(fields []aboutField) (list []catalog.Field, err error) {
	for _, f := range fields {
		typ, err := catalog.ParseType(f.Type)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", f.Name, err)
		}
		list = append(list, catalog.Field{Name: f.Name, Type: typ, Doc: f.Doc})
	}
	return list, nil
}
