package report

import (
	"bufio"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// csvLines writes a line for each item: sku, name, status, a column for each rule code, then pos.<field> and store.<field>
// for each field that the rules use; at last, with Options.Unchecked, unknown: what was unknown to which rule, as
// "Q: store.qoh; P: pos.price". Rule columns are empty where the rule is not about items of that status. Values read as Value.Text
// writes them, null as nothing. Lines end with "\n".
//
// Unless the options ask for raw text, a spreadsheet takes no text for a formula: one that begins with = + - @ of any width, a tab or
// the end of a line gets an apostrophe before it, and what would act on a terminal or turn the text around is replaced by a sign.
type csvLines struct {
	out        *bufio.Writer
	text       []byte // of the line
	raw        bool
	unknown    *Result // of which it is told what was unknown; nil: it is not
	rules      int
	pos, store *reader
}

func newCSV(out *bufio.Writer, r *Result, o Options) (itemWriter, error) {
	l := &csvLines{out: out, raw: o.Raw, rules: len(r.Rules), pos: newReader(names(r.PosFields)), store: newReader(names(r.StoreFields))}
	if o.listsUnchecked() {
		l.unknown = r
	}
	if o.BOM {
		l.text = append(l.text, "\ufeff"...)
	}
	l.header(r)
	return l, l.write()
}

func (l *csvLines) item(it *Item) error {
	l.line(it)
	return l.write()
}

func (l *csvLines) end(rest) error { return nil }

// write writes the line that was made, and makes room for the next.
func (l *csvLines) write() error {
	_, err := l.out.Write(l.text)
	l.text = l.text[:0]
	return err
}

func names(fields []catalog.Field) []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.Name
	}
	return list
}

func (l *csvLines) header(r *Result) {
	header := []string{"sku", "name", "status"}
	for _, rule := range r.Rules {
		header = append(header, rule.Code)
	}
	for _, f := range r.PosFields {
		header = append(header, "pos."+f.Name)
	}
	for _, f := range r.StoreFields {
		header = append(header, "store."+f.Name)
	}
	if l.unknown != nil {
		header = append(header, "unknown")
	}
	for _, field := range header {
		l.field(field)
	}
	l.endLine()
}

func (l *csvLines) line(it *Item) {
	l.field(it.SKU())
	l.field(it.Name())
	l.field(it.Status.String())
	for i := range l.rules { // cells need no quotes
		if it.Outcome != nil && it.Outcome.Cells[i] != verdict.NotThere {
			l.text = append(l.text, it.Outcome.Cells[i].String()...)
		}
		l.text = append(l.text, ',')
	}
	l.values(l.pos, it.Pos)
	l.values(l.store, it.Store)
	if l.unknown != nil {
		l.field(l.unknown.unknownOf(it))
	}
	l.endLine()
}

func (l *csvLines) values(from *reader, row Row) {
	for f := range from.fields {
		switch c := from.column(row, f).(type) {
		case *catalog.Strings:
			l.field(c.At(row.I))
		case *catalog.Numbers, *catalog.Bools: // they need no quotes
			l.text = append(appendText(l.text, c, row.I), ',')
		case *catalog.Maps:
			l.dict(&from.dicts[f], c, row.I)
		default:
			start := len(l.text)
			l.text = appendText(l.text, c, row.I)
			text := string(l.text[start:])
			l.text = l.text[:start]
			l.field(text)
		}
	}
}

// dicts are the fields that were made of the maps of a column, by their places in it. Many items share a few.
type dicts struct {
	column *catalog.Maps
	fields [][]byte
}

// dict writes a map as field does.
func (l *csvLines) dict(known *dicts, c *catalog.Maps, i int) {
	index := c.Index()
	if index == nil {
		l.field(string(appendText(nil, c, i)))
		return
	}
	if c != known.column {
		known.column, known.fields = c, make([][]byte, c.Plain().Len())
	}
	at := index[i]
	if known.fields[at] == nil {
		start := len(l.text)
		l.field(string(appendText(nil, c, i)))
		known.fields[at] = append([]byte{}, l.text[start:]...)
		return
	}
	l.text = append(l.text, known.fields[at]...)
}

// field writes a field, and the comma behind it.
func (l *csvLines) field(s string) {
	quotes, suspect := needsQuotes(s)
	if suspect && !l.raw {
		s = disarmed(s)
	}
	if quotes {
		l.text = appendQuotes(l.text, s)
	} else {
		l.text = append(l.text, s...)
	}
	l.text = append(l.text, ',')
}

// formulas are what a text begins with that a spreadsheet takes for a formula, or may after it has left white space out. Some take
// the full-width signs for the others.
const formulas = "=+-@\t\r\n＝＋－＠"

// disarmed returns a text that neither a spreadsheet nor a terminal acts on.
func disarmed(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); strings.ContainsRune(formulas, first) {
		s = "'" + s
	}
	return signs.Data(s)
}

// endLine puts the line's end in place of the last comma.
func (l *csvLines) endLine() { l.text[len(l.text)-1] = '\n' }

// needsQuotes reports whether programs would read a field otherwise, or as something else, without quotes: those that know
// RFC 4180, those that trim space, and a database that takes \. for the end. suspect is true if the field may have to be disarmed.
func needsQuotes(s string) (quotes, suspect bool) {
	if s == "" {
		return false, false
	}
	var classes byte
	if !allPlain(s, ',') {
		for i := range len(s) {
			classes |= csvClasses[s[i]]
		}
	}
	suspect = classes&csvSuspect != 0
	switch s[0] {
	case '=', '+', '-', '@', '\n':
		suspect = true
	}
	if classes&csvQuotes != 0 {
		return true, suspect
	}
	if s[0] < utf8.RuneSelf {
		return s[0] <= ' ' && unicode.IsSpace(rune(s[0])) || s == `\.`, suspect
	}
	first, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(first), suspect
}

// What a byte says of the field that it is in.
const (
	csvQuotes  = 1 << iota // the field needs quotes
	csvSuspect             // it is, or begins, a character that may act on a terminal
)

var csvClasses = func() (classes [256]byte) {
	for c := range classes {
		if c < ' ' && c != '\n' || c == 0x7f {
			classes[c] |= csvSuspect
		}
	}
	for _, c := range []byte{0xc2, 0xd8, 0xe2, 0xef} { // C1 controls, U+061C, U+2000 to U+2FFF, U+F000 to U+FFFF
		classes[c] |= csvSuspect
	}
	for _, c := range ",\"\n\r" {
		classes[c] |= csvQuotes
	}
	return classes
}()

func appendQuotes(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for {
		at := strings.IndexByte(s, '"')
		if at < 0 {
			break
		}
		dst = append(append(dst, s[:at]...), `""`...)
		s = s[at+1:]
	}
	return append(append(dst, s...), '"')
}

// unknownOf says what was unknown of an item: "Q: store.qoh; P: pos.price". It is "" if nothing was.
func (r *Result) unknownOf(it *Item) string {
	var parts []string
	for i := range r.Rules {
		if text := r.unknownText(it, i); text != "" {
			parts = append(parts, r.Rules[i].Code+": "+text)
		}
	}
	return strings.Join(parts, "; ")
}
