package report

import (
	"encoding/binary"
	"unicode/utf8"
	"unsafe"

	"github.com/reconcilehq/reconcile/engine/catalog"
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

// column returns the column of the f-th field in the row's batch; nil if there is no row or it lacks the field.
func (r *reader) column(row Row, f int) catalog.Column {
	if !row.Has() {
		return nil
	}
	if schema := row.Batch.Schema(); schema != r.schema {
		r.schema = schema
		for i, field := range r.fields {
			r.at[i] = schema.Index(field)
		}
	}
	if r.at[f] < 0 {
		return nil
	}
	return row.Batch.Column(r.at[f])
}

// appendText appends row i's value as Value.Text writes it. A nil column has "".
func appendText(dst []byte, column catalog.Column, i int) []byte {
	switch c := column.(type) {
	case *catalog.Strings:
		return append(dst, c.At(i)...)
	case *catalog.Numbers:
		if d, ok := c.At(i); ok {
			return d.Append(dst)
		}
	case *catalog.Bools:
		if truth, ok := c.At(i); ok {
			return appendBool(dst, truth)
		}
	case *catalog.Lists:
		from, to := c.Span(i)
		for at := from; at < to; at++ {
			if at > from {
				dst = append(dst, '|')
			}
			dst = appendEscaped(dst, c.Items().At(at), '|')
		}
	case *catalog.Maps:
		from, to := c.Span(i)
		for at := from; at < to; at++ {
			if at > from {
				dst = append(dst, '|')
			}
			dst = appendEscaped(dst, c.Keys().At(at), ':')
			dst = append(dst, ':')
			dst = appendEscaped(dst, c.Values().At(at), ':')
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

// appendJSON appends row i's value as JSON. A nil column has null.
func appendJSON(dst []byte, column catalog.Column, i int) []byte {
	switch c := column.(type) {
	case *catalog.Strings:
		return appendQuoted(dst, c.At(i))
	case *catalog.Numbers:
		if d, ok := c.At(i); ok {
			return d.Append(dst)
		}
	case *catalog.Bools:
		if truth, ok := c.At(i); ok {
			return appendBool(dst, truth)
		}
	case *catalog.Lists:
		dst = append(dst, '[')
		from, to := c.Span(i)
		for at := from; at < to; at++ {
			if at > from {
				dst = append(dst, ", "...)
			}
			dst = appendQuoted(dst, c.Items().At(at))
		}
		return append(dst, ']')
	case *catalog.Maps:
		dst = append(dst, '{')
		from, to := c.Span(i)
		for at := from; at < to; at++ {
			if at > from {
				dst = append(dst, ", "...)
			}
			dst = appendKey(dst, c.Keys().At(at))
			dst = appendQuoted(dst, c.Values().At(at))
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
		default:
			dst = append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		}
	}
	return append(append(dst, s[done:]...), '"')
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
	for ; len(b) >= 8; b = b[8:] {
		if special(binary.LittleEndian.Uint64(b)) {
			return false
		}
	}
	for _, c := range b {
		if c < ' ' || c > '~' || c == '"' || c == other {
			return false
		}
	}
	return true
}
