package report

import (
	"bufio"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/row"
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
	out   *bufio.Writer
	of    *Result
	raw   bool
	tells bool // what was unknown

	text  []byte     // of the line
	own   [2]*reader // by side: SKU and name
	sides [2]*reader // by side: the fields
	kept  keptFields
	known []knownCells
}

func newCSV(out *bufio.Writer, r *Result, o Options) (itemWriter, error) {
	l := &csvLines{out: out, of: r, raw: o.Raw, tells: o.listsUnchecked()}
	l.open()
	if o.BOM {
		l.text = append(l.text, "\ufeff"...)
	}
	l.header(r)
	return l, l.write()
}

// open makes what one goroutine needs.
func (l *csvLines) open() {
	for side, fields := range [2][]catalog.Field{l.of.PosFields, l.of.StoreFields} {
		l.own[side], l.sides[side] = newReader([]string{"sku", "name"}), newReader(names(fields))
	}
}

func (l *csvLines) item(it *Item) error {
	l.line(it)
	return l.write()
}

func (l *csvLines) end(rest) error { return nil }

// fork implements forker.
func (l *csvLines) fork() Appender {
	own := &csvLines{of: l.of, raw: l.raw, tells: l.tells}
	own.open()
	return func(dst []byte, it *Item) []byte {
		own.text = dst
		own.line(it)
		return own.text
	}
}

// join implements forker.
func (l *csvLines) join(int) {}

// block implements forker.
func (l *csvLines) block(lines []byte) error {
	_, err := l.out.Write(lines)
	return err
}

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
	if l.tells {
		header = append(header, "unknown")
	}
	for _, field := range header {
		l.field(field)
	}
	l.endLine()
}

func (l *csvLines) line(it *Item) {
	kept := it.Pos.Kept != nil && it.Store.Kept != nil
	if kept {
		l.kept.turn(l.sides, [2]*row.View{it.Pos.Kept, it.Store.Kept})
	}
	from := [3]int{len(l.text)}
	if kept && l.kept.own[0] >= 0 {
		l.field(row.Text(it.Pos.Kept.At(l.kept.own[0])))
	} else {
		l.field(l.sku(it))
	}
	from[1] = len(l.text)
	if kept && l.kept.own[1] >= 0 {
		l.field(row.Text(it.Pos.Kept.At(l.kept.own[1])))
	} else {
		l.field(l.name(it))
	}
	from[2] = len(l.text)
	l.cells(it)
	if kept {
		l.keptPair(from)
	} else {
		l.values(l.sides[verdict.Pos], it.Pos)
		l.values(l.sides[verdict.Store], it.Store)
	}
	if l.tells {
		l.field(l.of.unknownOf(it))
	}
	l.endLine()
}

// knownCells are the fields that were made of a status and an outcome. Many items share a few.
type knownCells struct {
	status  verdict.Status
	outcome *Outcome
	text    []byte
}

// mostKnownCells bounds what is looked through for each item.
const mostKnownCells = 16

// cells writes the fields of the status and of the rules.
func (l *csvLines) cells(it *Item) {
	for i := range l.known {
		if k := &l.known[i]; k.outcome == it.Outcome && k.status == it.Status {
			l.text = append(l.text, k.text...)
			return
		}
	}
	from := len(l.text)
	l.field(it.Status.String())
	for i := range l.of.Rules { // cells need no quotes
		if it.Outcome != nil && it.Outcome.Cells[i] != verdict.NotThere {
			l.text = append(l.text, it.Outcome.Cells[i].String()...)
		}
		l.text = append(l.text, ',')
	}
	if len(l.known) < mostKnownCells {
		l.known = append(l.known, knownCells{it.Status, it.Outcome, slices.Clone(l.text[from:])})
	}
}

// sku returns what Item.SKU does.
func (l *csvLines) sku(it *Item) string {
	for _, side := range verdict.Sides {
		if u := it.Unreadable[side]; u != nil {
			return u.SKU
		}
		if v := l.own[side].value(it.Row(side), 0); v.typ == catalog.String {
			return v.text()
		}
	}
	return ""
}

// name returns what Item.Name does.
func (l *csvLines) name(it *Item) string {
	for _, side := range verdict.Sides {
		if v := l.own[side].value(it.Row(side), 1); v.typ == catalog.String {
			return v.text()
		}
	}
	return ""
}

func (l *csvLines) values(from *reader, row Row) {
	for f := range from.fields {
		l.value(&from.dicts[f], from.value(row, f))
	}
}

func (l *csvLines) value(known *dicts, v value) {
	switch v.typ {
	case catalog.String:
		l.field(v.text())
	case catalog.Invalid, catalog.Number, catalog.Bool: // they need no quotes
		l.text = append(appendText(l.text, v), ',')
	case catalog.Map:
		l.dict(known, v)
	default:
		l.field(string(appendText(nil, v)))
	}
}

// field writes a field, and the comma behind it.
func (l *csvLines) field(s string) {
	quotes, suspect := needsQuotes(s)
	if suspect && !l.raw {
		s = Disarmed(s)
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

// Disarmed returns a text that neither a spreadsheet nor a terminal acts on: one that a spreadsheet takes for a formula gets an apostrophe.
func Disarmed(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); strings.ContainsRune(formulas, first) {
		s = "'" + s
	}
	return signs.Data(s)
}

// endLine puts the line's end in place of the last comma.
func (l *csvLines) endLine() { l.text[len(l.text)-1] = '\n' }

// needsQuotes reports whether programs would read a field otherwise, or as something else, without quotes: those that know
// RFC 4180, those that trim space, and a database that takes \. for the end. suspect is true if the field may have to be Disarmed.
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

// keptFields are the fields that csvLines writes of pairs that lie as they are kept.
type keptFields struct {
	views  [2]*row.View // that they are fields of
	own    [2]int       // the places of SKU and name in the view of pos; -1: it has no such text
	fields [2][]keptField
	starts []int // in the line: by field of pos where its text begins, and where the last ends
}

type keptField struct {
	place int // -1: it is not there
	typ   catalog.Type
	like  int // of pos: 0 or 1 if it is what is written as SKU or name; of store: the field of pos that is its twin. -1: neither
}

// turn finds the fields of two sides in views, unless they are those of these views.
func (k *keptFields) turn(sides [2]*reader, views [2]*row.View) {
	if k.views == views {
		return
	}
	k.views, k.fields = views, [2][]keptField{}
	for i, name := range []string{"sku", "name"} {
		schema := views[verdict.Pos].Schema()
		if k.own[i] = -1; schema.Index(name) >= 0 && schema.Field(schema.Index(name)).Type == catalog.String {
			k.own[i] = views[verdict.Pos].Place(schema.Index(name))
		}
	}
	for side, from := range sides {
		schema := views[side].Schema()
		for _, name := range from.fields {
			field := keptField{place: -1, like: -1}
			if at := schema.Index(name); at >= 0 {
				field.place, field.typ = views[side].Place(at), schema.Field(at).Type
			}
			for i, pos := range k.fields[verdict.Pos] {
				if verdict.Side(side) == verdict.Store && field.place >= 0 && field.place < views[side].Twins() && pos.place == field.place {
					field.like = i
				}
			}
			if verdict.Side(side) == verdict.Pos && field.typ == catalog.String && (name == "sku" || name == "name") {
				field.like = map[string]int{"sku": 0, "name": 1}[name]
			}
			k.fields[side] = append(k.fields[side], field)
		}
	}
	k.starts = make([]int, len(k.fields[verdict.Pos])+1)
}

// keptPair writes the values of a pair that lies as it is kept. Most are the same on both sides: what was written of one is copied then,
// as much at once as lies together. SKU and name begin at head[0] and head[1] of the line, and what comes behind them at head[2].
func (l *csvLines) keptPair(head [3]int) {
	k := &l.kept
	for f, field := range k.fields[verdict.Pos] {
		k.starts[f] = len(l.text)
		if field.like >= 0 {
			l.text = append(l.text, l.text[head[field.like]:head[field.like+1]]...)
		} else {
			l.keptValue(verdict.Pos, f, field)
		}
	}
	k.starts[len(k.starts)-1] = len(l.text)
	same := k.views[verdict.Store].Same()
	from, to := 0, 0 // what is to be copied
	for f, field := range k.fields[verdict.Store] {
		if field.like >= 0 && same>>field.place&1 != 0 {
			if start := k.starts[field.like]; start != to {
				l.text = append(l.text, l.text[from:to]...)
				from = start
			}
			to = k.starts[field.like+1]
			continue
		}
		l.text = append(l.text, l.text[from:to]...)
		from, to = 0, 0
		l.keptValue(verdict.Store, f, field)
	}
	l.text = append(l.text, l.text[from:to]...)
}

func (l *csvLines) keptValue(side verdict.Side, f int, field keptField) {
	if field.place < 0 {
		l.text = append(l.text, ',')
		return
	}
	view := l.kept.views[side]
	switch kept := view.At(field.place); field.typ {
	case catalog.String:
		l.field(row.Text(kept))
	case catalog.Number:
		if d, known := row.Number(kept); known {
			l.text = d.Append(l.text)
		}
		l.text = append(l.text, ',')
	default:
		l.value(&l.sides[side].dicts[f], value{typ: field.typ, kept: kept, view: view})
	}
}

// dicts are the fields that were made of the maps of a column, by their places in it, or by their numbers where they are kept. Many items
// share a few.
type dicts struct {
	column *catalog.Maps
	fields [][]byte
}

// dict writes a map as field does.
func (l *csvLines) dict(known *dicts, v value) {
	at := -1
	if v.kept != nil {
		if number, shared := row.SharedMap(v.kept); shared {
			at = number
		}
	} else if c := v.column.(*catalog.Maps); c.Index() != nil {
		if at = int(c.Index()[v.i]); c != known.column {
			known.column, known.fields = c, known.fields[:0]
		}
	}
	if at < 0 {
		l.field(string(appendText(nil, v)))
		return
	}
	for at >= len(known.fields) {
		known.fields = append(known.fields, nil)
	}
	if known.fields[at] == nil {
		start := len(l.text)
		l.field(string(appendText(nil, v)))
		known.fields[at] = append([]byte{}, l.text[start:]...)
		return
	}
	l.text = append(l.text, known.fields[at]...)
}
