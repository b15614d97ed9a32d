package report

import (
	"encoding/csv"
	"encoding/json"
	"html"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	nethtml "golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// line is what a format says of an item.
type line struct {
	SKU, Name, Status, Cells string   // a letter a rule; "" where there are none
	Values                   []string // the values of the fields that N and I are about, as the format writes them
}

// readBack says how a format is read, and what becomes of texts in it.
type readBack struct {
	format string
	read   func(t *rapid.T, text string, r *Result) []line
	shown  func(string) string           // a text of the data
	values func(*Result, *Item) []string // nil: the format has values of all fields; see TestCSVReadBack
}

func readBacks() []readBack {
	same := func(s string) string { return s }
	return []readBack{
		{"csv", readCSV, same, nil},
		{"json", readJSON, same, nil},
		{"ndjson", readNDJSON, same, nil},
		{"xlsx", readXLSX, visible, nil},
		{"html", readHTML, visible, func(r *Result, it *Item) []string { return valuesOf(r, it, `"`, `"`, " · ") }},
		{"markdown", readMarkdown, visible, func(r *Result, it *Item) []string { return valuesOf(r, it, "“", "”", ", ") }},
	}
}

// TestReadBack makes results and reads them back from every format that says what each item is.
func TestReadBack(t *testing.T) {
	text := rapid.OneOf(
		rapid.StringMatching(`[a-zA-Z0-9 ]{0,12}`),
		rapid.SampledFrom([]string{"", " ", "=1+1", "00123", "1E5", "-5", "+a", "@ann", "#12", "<b>x</b>", "&amp;", "a|b", "`c`", "**d**", "_e_", "f_g",
			"<!-- -->", "</td>", "<script>", "\"q\"", "'r'", "a\nb", "a\r\nb", "\tx", " x  y ", "http://x.y", "www.x.y", "1. z", "1) z", "\\|", "$x$",
			"\u202ertl", "zero\u200bwidth", "👩‍🚀", "漢字", "e\u0301", "_x0041_", "\x01", "]]>", "<br>", "; , :", "(none)", "a@b.co", "\ufeff", "~~s~~"}),
		rapid.StringOf(rapid.RuneFrom([]rune("|\\`*_{}[]()<>#+-.!&\"'~ \t\n\r@=;:,/xX0"))),
	)
	rapid.Check(t, func(t *rapid.T) {
		r := drawResult(t, text)
		for _, f := range readBacks() {
			got := f.read(t, rapidText(t, f.format, r, Options{All: true, Raw: true}), r)
			var want []line
			list, _ := r.List()
			for _, it := range list {
				l := line{SKU: f.shown(it.SKU()), Name: f.shown(it.Name()), Status: it.Status.String()}
				if it.Outcome != nil {
					for _, c := range it.Outcome.Cells {
						l.Cells += c.String()
					}
				}
				if f.values != nil {
					l.Values = f.values(r, it)
				}
				want = append(want, l)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", f.format, diff)
			}
		}
	})
}

func rapidText(t *rapid.T, name string, r *Result, o Options) string {
	var b strings.Builder
	for _, f := range Formats() {
		if f.Name == name {
			if err := f.Write(&b, r, o); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.String()
}

// drawResult returns a result of a few items with two rules.
func drawResult(t *rapid.T, text *rapid.Generator[string]) *Result {
	r := &Result{Reconciliation: text.Draw(t, "reconciliation"), PosFields: fields("sku", "name", "price"), StoreFields: fields("name", "price")}
	r.Rules = []Rule{
		{Code: "N", Title: text.Draw(t, "title"), Note: text.Draw(t, "note"), Fields: refs("pos.name", "store.name")},
		{Code: "P", Title: "Price", Fields: refs("pos.price", "store.price")},
	}
	r.Warn(Warning{Source: text.Draw(t, "source"), Text: text.Draw(t, "warning")})
	price := rapid.SampledFrom([]any{nil, "0", "10.5", "-1", "123456789.123", "0.000001"})
	var list []Item
	for range rapid.IntRange(0, 4).Draw(t, "items") {
		pos := item{sku: text.Draw(t, "sku"), name: text.Draw(t, "name"), price: price.Draw(t, "price")}
		store := item{sku: pos.sku, name: text.Draw(t, "store name"), price: price.Draw(t, "store price")}
		it := Item{Status: rapid.SampledFrom([]verdict.Status{verdict.Matched, verdict.PosOnly, verdict.StoreOnly, verdict.Duplicate}).Draw(t, "status")}
		if it.Status != verdict.StoreOnly {
			it.Pos = side(t, pos)[0]
		}
		if it.Status == verdict.Matched || it.Status == verdict.StoreOnly {
			it.Store = side(t, store)[0]
		}
		if it.Status == verdict.Matched {
			it.Outcome = outcome(rapid.StringMatching(`[SNI-]{2}`).Draw(t, "cells"))
		}
		list = append(list, it)
	}
	r.Items = itemsOf(list)
	summarize(r)
	return r
}

// valuesOf returns what is said of the fields that N and I are about, written down a second time.
func valuesOf(r *Result, it *Item, open, shut, between string) (list []string) {
	if it.Outcome == nil {
		return nil
	}
	for i, cell := range it.Outcome.Cells {
		if cell != verdict.NotSynchronized && cell != verdict.Intentional {
			continue
		}
		for _, f := range r.Rules[i].fields() {
			names := map[bool]string{}
			names[true], names[false] = it.Pos.Value("name").Text(), it.Store.Value("name").Text()
			if names[true] != names[false] && signs.Look(names[true]) == signs.Look(names[false]) {
				names[true], names[false] = signs.Blanks(names[true]), signs.Blanks(names[false])
			}
			value := func(row Row, pos bool) string {
				switch v := row.Value(f.name); {
				case v.IsNull():
					return "unknown"
				case f.name == "name":
					return open + visible(names[pos]) + shut
				default:
					return v.Text()
				}
			}
			list = append(list, f.name+": pos "+value(it.Pos, true)+between+"store "+value(it.Store, false))
		}
	}
	return list
}

func readCSV(t *rapid.T, text string, r *Result) (list []line) {
	records, err := csv.NewReader(strings.NewReader(strings.ReplaceAll(text, "\r\n", "\r\r\n"))).ReadAll() // it drops one of them
	if err != nil {
		t.Fatal(err)
	}
	return cellsOf(records[1:], r)
}

// cellsOf reads rows that begin with sku, name, status and the rules.
func cellsOf(records [][]string, r *Result) (list []line) {
	for _, record := range records {
		record = append(record, make([]string, 3+len(r.Rules))...) // empty cells at the end may be missing
		list = append(list, line{SKU: record[0], Name: record[1], Status: record[2], Cells: strings.Join(record[3:3+len(r.Rules)], "")})
	}
	return list
}

type jsonLine struct {
	Type, SKU, Name, Status string
	Cells                   map[string]string
}

func (l *jsonLine) line(r *Result) line {
	cells := ""
	for _, rule := range r.Rules {
		cells += l.Cells[rule.Code]
	}
	return line{SKU: l.SKU, Name: l.Name, Status: l.Status, Cells: cells}
}

func readJSON(t *rapid.T, text string, r *Result) (list []line) {
	var all struct{ Items []jsonLine }
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	for _, l := range all.Items {
		list = append(list, l.line(r))
	}
	return list
}

func readNDJSON(t *rapid.T, text string, r *Result) (list []line) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, one := range lines {
		var l jsonLine
		if err := json.Unmarshal([]byte(one), &l); err != nil {
			t.Fatalf("%v in %s", err, one)
		}
		want := "item"
		switch i {
		case 0:
			want = "header"
		case len(lines) - 1:
			want = "summary"
		}
		if l.Type != want {
			t.Fatalf("line %d is of type %q, want %q", i+1, l.Type, want)
		}
		if want == "item" {
			list = append(list, l.line(r))
		}
	}
	return list
}

func readXLSX(t *rapid.T, text string, r *Result) []line {
	file, err := excelize.OpenReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := file.GetRows("Items", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, record := range records {
		if len(record) > 3 {
			records[i] = slices.Delete(record, 3, 4) // the result, which CSV does not have
		}
	}
	return cellsOf(records[1:], r)
}

func readHTML(t *rapid.T, text string, r *Result) (list []line) {
	doc, err := nethtml.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for node := range doc.Descendants() {
		if node.Data == "script" && (node.FirstChild == nil || node.FirstChild.Data != htmlScript) {
			t.Fatalf("there is a script: %v", node.FirstChild)
		}
		if node.Data != "tr" || node.Parent.Data != "tbody" || node.FirstChild.NextSibling == nil || len(node.Parent.Parent.Attr) == 0 ||
			node.Parent.Parent.Attr[0].Val != "items" {
			continue
		}
		var cells []string
		for cell := range node.ChildNodes() {
			cells = append(cells, strings.TrimSuffix(textOf(cell), "\n"))
		}
		l := line{SKU: cells[0], Name: cells[1], Status: cells[2], Cells: strings.Join(cells[4:4+len(r.Rules)], "")}
		if node.FirstChild.FirstChild != nil && node.FirstChild.FirstChild.Data == "span" {
			l.SKU = ""
		}
		for p := range node.LastChild.ChildNodes() {
			if p.Data == "p" {
				l.Values = append(l.Values, textOf(p))
			}
		}
		list = append(list, l)
	}
	return list
}

func textOf(n *nethtml.Node) string {
	if n.Type == nethtml.TextNode {
		return n.Data
	}
	var b strings.Builder
	for child := range n.ChildNodes() {
		b.WriteString(textOf(child))
	}
	if n.Data == "q" {
		return `"` + b.String() + `"`
	}
	return b.String()
}

func readMarkdown(t *rapid.T, text string, r *Result) (list []line) {
	_, table, ok := strings.Cut(text, "|---|\n")
	if !ok {
		return nil
	}
	for one := range strings.Lines(table) {
		if one == "\n" {
			break
		}
		cells := strings.Split(strings.Trim(one, "\n"), "|")
		if len(cells) != 7+len(r.Rules) {
			t.Fatalf("%d cells in %q", len(cells), one)
		}
		plain := func(s string) string {
			s = strings.ReplaceAll(strings.ReplaceAll(strings.Trim(s, " "), "<!-- -->", ""), "**", "")
			return html.UnescapeString(s)
		}
		l := line{SKU: plain(cells[1]), Name: plain(cells[2]), Status: plain(cells[3])}
		for _, c := range cells[5 : 5+len(r.Rules)] {
			l.Cells += plain(c)
		}
		if last := strings.Trim(cells[len(cells)-2], " "); last != "" {
			for _, part := range strings.Split(last, "<br>") {
				l.Values = append(l.Values, plain(part))
			}
		}
		list = append(list, l)
	}
	return slices.Clip(list)
}
