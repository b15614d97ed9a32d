package screen

import (
	"net/url"
	"strconv"
	"strings"
)

// Query is what the address of a page asks for. The zero Query is the whole table from its beginning.
type Query struct {
	Run     string // "": the last one
	Show    string // the key of a ready-made filter; "" is all items
	Search  string // in SKU and name
	Sort    string // the key of a column, with - before it if the order is turned round; "" is the order of the report
	Details bool   // the rules' columns
	Row     int    // the first row that is in sight, from 0
	Item    string // the SKU of the item that is opened, where At is not nil or it is not ""
	At      *int   // where the item is in the run
	Rule    string // the cell that is looked at
}

// longestSearch is how much of a search is taken, in bytes.
const longestSearch = 1000

// ReadQuery reads a query. What makes no sense is left out: old links lead to something, too.
func ReadQuery(v url.Values) Query {
	q := Query{Run: v.Get("run"), Show: v.Get("show"), Search: strings.TrimSpace(v.Get("q")), Sort: v.Get("sort"), Details: v.Get("details") == "1",
		Item: v.Get("item"), Rule: v.Get("rule")}
	if len(q.Search) > longestSearch {
		q.Search = strings.ToValidUTF8(q.Search[:longestSearch], "")
	}
	if q.Show == all {
		q.Show = ""
	}
	if n, err := strconv.Atoi(v.Get("row")); err == nil && n > 1 {
		q.Row = n - 1
	}
	if n, err := strconv.Atoi(v.Get("at")); err == nil && n >= 0 {
		q.At = &n
	}
	return q
}

// Values are the query as an address has it.
func (q Query) Values() url.Values {
	v := url.Values{}
	set := func(name, text string) {
		if text != "" {
			v.Set(name, text)
		}
	}
	set("run", q.Run)
	set("show", q.Show)
	set("q", q.Search)
	set("sort", q.Sort)
	if q.Details {
		v.Set("details", "1")
	}
	if q.Row > 0 {
		v.Set("row", strconv.Itoa(q.Row+1))
	}
	set("item", q.Item)
	if q.At != nil {
		v.Set("at", strconv.Itoa(*q.At))
	}
	set("rule", q.Rule)
	return v
}

// Address is the query behind a page's path. It always says something: the bare path opens on what was chosen last.
func (q Query) Address(path string) string {
	v := q.Values()
	if len(v) == 0 {
		v.Set("show", all)
	}
	return path + "?" + v.Encode()
}

// Opened reports whether an item is to be shown beside the table.
func (q Query) Opened() bool { return q.Item != "" || q.At != nil }

// Closed is the query without an item that is opened.
func (q Query) Closed() Query {
	q.Item, q.At, q.Rule = "", nil, ""
	return q
}

// Filtering is what of the query says which items there are, and in which order.
func (q Query) Filtering() Query {
	return Query{Run: q.Run, Show: q.Show, Search: q.Search, Sort: q.Sort}
}

// Showing is the query with another filter, from the first row on.
func (q Query) Showing(filter string) Query {
	q = q.Closed()
	q.Show, q.Row = filter, 0
	return q
}

// Sorting is the query with a click on the head of a column: sorted by it, then the other way round, then in the order of the report.
func (q Query) Sorting(column string) Query {
	q = q.Closed()
	q.Row = 0
	switch q.Sort {
	case column:
		q.Sort = "-" + column
	case "-" + column:
		q.Sort = ""
	default:
		q.Sort = column
	}
	return q
}

// Direction says how the table is sorted by a column, in the words of aria-sort.
func (q Query) Direction(column string) string {
	switch q.Sort {
	case column:
		return "ascending"
	case "-" + column:
		return "descending"
	}
	return "none"
}
