package report

import (
	"encoding/csv"
	"io"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// CSV writes a line for each item: sku, name, status, a column for each rule code, then pos.<field> and store.<field>
// for each field that the rules use. Rule columns are empty unless the item is matched. Values read as Value.Text
// writes them, null as nothing. Lines end with "\n".
func CSV(w io.Writer, r *Result, o Options) error {
	lines := csv.NewWriter(w)
	l := newCSVLine(r)
	if err := lines.Write(l.header(r)); err != nil {
		return err
	}
	for it, err := range r.Shown(o) {
		if err != nil {
			return err
		}
		if err := lines.Write(l.item(it)); err != nil {
			return err
		}
	}
	lines.Flush()
	return lines.Error()
}

// csvLine makes the records, all in one slice.
type csvLine struct {
	record     []string
	rules      int
	pos, store *reader

	// The texts of values that are not strings are written one behind the other, to become one string a line.
	text  []byte
	spans []span
}

type span struct{ field, end int }

func newCSVLine(r *Result) *csvLine {
	return &csvLine{
		record: make([]string, 3+len(r.Rules)+len(r.PosFields)+len(r.StoreFields)),
		rules:  len(r.Rules),
		pos:    newReader(names(r.PosFields)),
		store:  newReader(names(r.StoreFields)),
	}
}

func names(fields []catalog.Field) []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.Name
	}
	return list
}

func (l *csvLine) header(r *Result) []string {
	header := append(l.record[:0], "sku", "name", "status")
	for _, rule := range r.Rules {
		header = append(header, rule.Code)
	}
	for _, f := range r.PosFields {
		header = append(header, "pos."+f.Name)
	}
	for _, f := range r.StoreFields {
		header = append(header, "store."+f.Name)
	}
	return header
}

func (l *csvLine) item(it *Item) []string {
	l.record[0], l.record[1], l.record[2] = it.SKU(), it.Name(), it.Status.String()
	for i := range l.rules {
		l.record[3+i] = ""
		if it.Outcome != nil {
			l.record[3+i] = it.Outcome.Cells[i].String()
		}
	}
	l.text, l.spans = l.text[:0], l.spans[:0]
	l.values(3+l.rules, l.pos, it.Pos)
	l.values(3+l.rules+len(l.pos.fields), l.store, it.Store)

	text, start := string(l.text), 0
	for _, s := range l.spans {
		l.record[s.field] = text[start:s.end]
		start = s.end
	}
	return l.record
}

func (l *csvLine) values(at int, from *reader, row Row) {
	for f := range from.fields {
		column := from.column(row, f)
		if c, ok := column.(*catalog.Strings); ok {
			l.record[at+f] = c.At(row.I)
			continue
		}
		l.text = appendText(l.text, column, row.I)
		l.spans = append(l.spans, span{at + f, len(l.text)})
	}
}
