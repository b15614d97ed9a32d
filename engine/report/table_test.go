package report

import (
	"strings"
	"testing"
)

func table(t testing.TB, r *Result, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := format(t, "table").Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTable(t *testing.T) {
	for _, c := range []struct {
		name    string
		why     string
		options Options
		change  func(*Result)
	}{
		{"80", "the usual terminal", Options{Width: 80}, nil},
		{"60", "a narrow terminal: names shrink, statuses are short", Options{Width: 60}, nil},
		{"120", "names have room", Options{Width: 120}, nil},
		{"200", "nothing need be cut; running text stays readable", Options{Width: 200, All: true}, nil},
		{"pipe", "a file: nothing is cut", Options{}, nil},
		{"color", "escape codes take no width", Options{Width: 80, Color: true}, nil},
		{"details", "values and notes below each item", Options{Width: 80, Details: true}, nil},
		{"details-color", "the same in colour, wide", Options{Width: 160, Details: true, Color: true}, nil},
		{"details-pipe", "the same, into a file", Options{Details: true}, nil},
		{"rows", "a limit says how many more there are", Options{Width: 80, MaxRows: 2}, nil},
		{"filter", "one column's items; the summary is of all", Options{Width: 80, Rules: []string{"IV"}}, nil},
		{"filter-none", "a filter that leaves nothing says so", Options{Width: 80, Rules: []string{"P"}, SKUs: []string{"GTR-0001"}}, nil},
		{"synchronized", "nothing to show is good news", Options{Width: 80}, func(r *Result) {
			r.Items = itemsOf([]Item{*listOf(t, r)[10]})
			summarize(r)
		}},
		{"empty", "no item at all is not good news", Options{Width: 80}, func(r *Result) {
			r.Items = nil
			r.Pos.Items, r.Store.Items = 0, 0
			summarize(r)
		}},
		{"one-rule", "a status has room though there is one narrow column", Options{Width: 80}, only(0)},
		{"no-rule", "statuses alone", Options{Width: 80, All: true}, only()},
		{"many-rules", "columns that do not fit are left out, and named", Options{Width: 60}, func(r *Result) {
			for i := range 4 {
				for _, rule := range shopRules() {
					rule.Code += string(rune('a' + i))
					r.Rules = append(r.Rules, rule)
				}
			}
			for _, it := range listOf(t, r) {
				if o := it.Outcome; o != nil {
					for range 4 {
						o.Cells = append(o.Cells, outcome("SSSSSSSS").Cells...)
					}
				}
			}
			summarize(r)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := sample(t)
			if c.change != nil {
				c.change(r)
			}
			golden(t, "table-"+c.name+".txt", table(t, r, c.options))
		})
	}
}

// only leaves the given rules of a result.
func only(rules ...int) func(*Result) {
	return func(r *Result) {
		var kept []Rule
		for _, i := range rules {
			kept = append(kept, r.Rules[i])
		}
		r.Rules = kept
		list, err := r.List()
		if err != nil {
			panic(err)
		}
		for _, it := range list {
			if o := it.Outcome; o != nil {
				left := &Outcome{}
				for _, rule := range rules {
					left.Cells = append(left.Cells, o.Cells[rule])
				}
				it.Outcome = left
			}
		}
		summarize(r)
	}
}
