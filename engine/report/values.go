package report

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/signs"
)

// reader reads some fields of rows without boxing them. It looks their places up once for a schema, and so for all
// batches of a source.
type reader struct {
	fields []string
	schema *catalog.Schema
	at     []int
	dicts  []dicts // of CSV, by field
}

func newReader(fields []string) *reader {
	return &reader{fields: fields, at: make([]int, len(fields)), dicts: make([]dicts, len(fields))}
}

// value is a value of a row, not boxed: in a column, or as the engine keeps it. The zero value stands for one that is not there.
type value struct {
	typ    catalog.Type
	column catalog.Column
	i      int // in the column
	kept   []byte
	view   *row.View // that kept is of
}

// value returns the value of the f-th field; none if there is no row or it lacks the field.
func (r *reader) value(of Row, f int) value {
	schema := of.Schema()
	if schema == nil {
		return value{}
	}
	if schema != r.schema {
		r.schema = schema
		for i, field := range r.fields {
			r.at[i] = schema.Index(field)
		}
	}
	at := r.at[f]
	if at < 0 {
		return value{}
	}
	if typ := schema.Field(at).Type; of.Kept != nil {
		return value{typ: typ, kept: of.Kept.Field(at), view: of.Kept}
	} else {
		return value{typ: typ, column: of.Batch.Column(at), i: of.I}
	}
}

// text returns a text, or "" for what is none.
func (v value) text() string {
	switch {
	case v.typ != catalog.String:
		return ""
	case v.kept != nil:
		return row.Text(v.kept)
	}
	return v.column.(*catalog.Strings).At(v.i)
}

// number returns a number; false if it is null.
func (v value) number() (catalog.Decimal, bool) {
	if v.kept != nil {
		return row.Number(v.kept)
	}
	return v.column.(*catalog.Numbers).At(v.i)
}

// truth returns a truth; known is false if it is null.
func (v value) truth() (truth, known bool) {
	if v.kept != nil {
		return row.Bool(v.kept)
	}
	return v.column.(*catalog.Bools).At(v.i)
}

// list calls yield with each text of a list.
func (v value) list(yield func(string) bool) {
	if v.kept != nil {
		for _, text := range row.AppendTexts(nil, v.kept) {
			if !yield(text) {
				return
			}
		}
		return
	}
	c := v.column.(*catalog.Lists)
	from, to := c.Span(v.i)
	for at := from; at < to; at++ {
		if !yield(c.Items().At(at)) {
			return
		}
	}
}

// entries calls yield with each entry of a map.
func (v value) entries(yield func(key, text string) bool) {
	if v.kept != nil {
		for _, e := range v.view.AppendEntries(nil, v.kept) {
			if !yield(e.Key, e.Value) {
				return
			}
		}
		return
	}
	c := v.column.(*catalog.Maps)
	from, to := c.Span(v.i)
	for at := from; at < to; at++ {
		if !yield(c.Keys().At(at), c.Values().At(at)) {
			return
		}
	}
}

// appendText appends a value as Value.Text writes it. What is not there has "".
func appendText(dst []byte, v value) []byte {
	switch v.typ {
	case catalog.String:
		return append(dst, v.text()...)
	case catalog.Number:
		if d, ok := v.number(); ok {
			return d.Append(dst)
		}
	case catalog.Bool:
		if truth, ok := v.truth(); ok {
			return appendBool(dst, truth)
		}
	case catalog.List:
		some := false
		for text := range v.list {
			if some {
				dst = append(dst, '|')
			}
			some = true
			dst = appendEscaped(dst, text, '|')
		}
	case catalog.Map:
		some := false
		for key, text := range v.entries {
			if some {
				dst = append(dst, '|')
			}
			some = true
			dst = appendEscaped(dst, key, ':')
			dst = append(dst, ':')
			dst = appendEscaped(dst, text, ':')
		}
	}
	return dst
}

// appendEscaped appends s with a backslash before each backslash, each bar, and each of a third character.
func appendEscaped(dst []byte, s string, third byte) []byte {
	done := 0
	for i := range len(s) {
		if c := s[i]; c == '\\' || c == '|' || c == third {
			dst = append(append(dst, s[done:i]...), '\\')
			done = i
		}
	}
	return append(dst, s[done:]...)
}

// appendJSON appends a value as JSON. What is not there has null.
func appendJSON(dst []byte, v value) []byte {
	switch v.typ {
	case catalog.String:
		return appendQuoted(dst, v.text())
	case catalog.Number:
		if d, ok := v.number(); ok {
			return d.Append(dst)
		}
	case catalog.Bool:
		if truth, ok := v.truth(); ok {
			return appendBool(dst, truth)
		}
	case catalog.List:
		dst = append(dst, '[')
		some := false
		for text := range v.list {
			if some {
				dst = append(dst, ", "...)
			}
			some = true
			dst = appendQuoted(dst, text)
		}
		return append(dst, ']')
	case catalog.Map:
		dst = append(dst, '{')
		some := false
		for key, text := range v.entries {
			if some {
				dst = append(dst, ", "...)
			}
			some = true
			dst = appendKey(dst, key)
			dst = appendQuoted(dst, text)
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}

func appendBool(dst []byte, truth bool) []byte {
	if truth {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}

const hex = "0123456789abcdef"

// appendQuoted appends s as a JSON string. Markup (<, >, &) stands as it is: the result is data for programs, not for a
// web page. All control characters are escaped, and those that turn text around or do not show, more than JSON asks for, so that
// JSON on a terminal is harmless. Bytes that are not UTF-8 become �.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if allPlain(s, '\\') {
		return append(append(dst, s...), '"')
	}
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		invalid := r == utf8.RuneError && size == 1
		if r > 0x9f && !invalid && !signs.Hides(r) {
			i += size
			continue
		}
		dst = append(dst, s[done:i]...)
		i += size
		done = i
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', c)
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r > 0xffff: // JSON has but four digits: such a character is two
			high, low := utf16.EncodeRune(r)
			dst = appendCode(appendCode(dst, high), low)
		default:
			dst = appendCode(dst, r)
		}
	}
	return append(append(dst, s[done:]...), '"')
}

// appendCode appends a character up to U+FFFF, or half of one beyond, by its number.
func appendCode(dst []byte, r rune) []byte {
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

// appendKey appends a JSON object's key and the colon.
func appendKey(dst []byte, key string) []byte { return append(appendQuoted(dst, key), ": "...) }

// allPlain reports whether a text has none but printable characters of ASCII, and of these neither quotes nor other: eight bytes at a time.
func allPlain(s string, other byte) bool {
	const each, high = 0x0101010101010101, 0x8080808080808080
	b, others := unsafe.Slice(unsafe.StringData(s), len(s)), uint64(other)*each
	special := func(w uint64) bool {
		quotes, others, deletes := w^'"'*each, w^others, w^0x7f*each // bytes that are 0 are such characters
		return (w|(w-' '*each)|(quotes-each)&^quotes|(others-each)&^others|(deletes-each)&^deletes)&high != 0
	}
	if len(b) >= 8 {
		for i := 0; i < len(b)-8; i += 8 {
			if special(binary.LittleEndian.Uint64(b[i:])) {
				return false
			}
		}
		return !special(binary.LittleEndian.Uint64(b[len(b)-8:])) // some of them were looked at before
	}
	for _, c := range b {
		if c < ' ' || c > '~' || c == '"' || c == other {
			return false
		}
	}
	return true
}
