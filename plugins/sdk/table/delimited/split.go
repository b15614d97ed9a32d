package delimited

import (
	"bytes"
	"math/bits"
	"slices"

	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// blockBytes is how much text a block has, but for its last row.
const blockBytes = 128 << 10

// splitter finds the rows and fields of delimited text as RFC 4180 has it: rows end with a line end, \n or \r\n; a field
// that starts with a quote goes on to the next quote that is not doubled. A quote further on in a field stands for itself.
// It is strict where a row could be meant otherwise, and lenient about blank rows.
type splitter struct {
	delimiter []byte
	quote     byte     // NoQuote: there is none
	header    bool     // the row is the header: any number of fields
	width     int      // fields that a row should have, as the header has
	needed    int      // fields that a row must have
	nameless  []int    // columns without a name, which must be empty
	names     []string // the header, once it was read
	block     Block
	marks     marker

	quoted, bare bool   // whether there was a quoted field, and a quote within one that is not
	spreads      []Span // fields of the current row that span lines and hold delimiters
	across       across // those of all rows
}

// NoQuote is a quote that never occurs within a row.
const NoQuote = '\n'

// outcome is why a splitter stopped.
type outcome uint8

const (
	wantsText outcome = iota // the row at pos is not all there, or it matters whether anything is behind it
	enough                   // as much as a block takes
	badRow                   // the row behind the block's last is bad; pos is behind it
)

// split finds the rows from the window's pos on, at most so many, and steps past them. The block is good until the
// window is filled or split is called again. A bad row comes with where it starts.
func (s *splitter) split(w *window, most int) (result outcome, bad *grid.BadRow, start int) {
	var (
		text, end     = w.buf, w.end
		spans, starts = s.block.Spans[:0], s.block.starts[:0]
		width         = s.expected()
		delimiter     = s.delimiter[0]
		quote         = s.quote
		step          = len(s.delimiter)
		quick         = s.quick()
		plain         = quick        // what comes may be for plainRows
		base          = w.pos - 64   // of the 64 bytes that mask is about
		mask          uint64         // which of them matter and were not looked at yet
		ends          uint64         // which of them are quotes and line ends
		row, field    = w.pos, w.pos // where they start
		first         = 0            // the row's first span
		at            int            // the byte that is looked at
		open          = false        // a quote was not closed yet
		wrong         = -1           // a quote where none should be
		wide          = false        // the row has more fields than any
		last          = w.pos + blockBytes
	)
	s.block.Text, s.block.size = text, w.size()
	s.marks.delimiter, s.marks.quote = delimiter, quote
	s.spreads = s.spreads[:0]
	s.marks.begin(text, end)
scan:
	for {
		if plain && field < end && text[field] != quote {
			at := s.plainRows(place{base, marks64{mask, ends}, row, field, first}, spans, starts, end, last, most)
			base, mask, ends, row, field, first, spans, starts = at.base, at.marks.all, at.marks.ends, at.row, at.field, at.first, s.block.Spans, s.block.starts
		}
		plain = false
		for mask == 0 {
			if base += 64; base >= end {
				break scan
			}
			if len(spans)-first > mostColumns {
				wide = true
				break scan
			}
			m := s.marks.next(base)
			mask, ends = m.all, m.ends
		}
		at = base + bits.TrailingZeros64(mask)
		mask &= mask - 1
		if at >= end {
			break
		}
		switch c := text[at]; {
		case c == delimiter:
			if step > 1 && !bytes.HasPrefix(text[at:end], s.delimiter) {
				if at+step > end && !w.eof {
					break scan
				}
				continue
			}
			spans = append(spans, Span{int32(field), int32(at)})
			field = at + step
			continue
		case c == '\n':
			to := at
			if to > field && text[to-1] == '\r' {
				to--
			}
			spans = append(spans, Span{int32(field), int32(to)})
		case at != field:
			s.bare = true
			continue
		default:
			from, doubled, spread := at+1, false, false
			open, s.quoted = true, true
			for open {
				for mask == 0 {
					if base += 64; base >= end {
						break scan
					}
					m := s.marks.next(base)
					mask, ends = m.all, m.ends
				}
				at = base + bits.TrailingZeros64(mask)
				mask &= mask - 1
				if at >= end {
					break scan
				}
				if c := text[at]; c != quote {
					spread = spread || c == '\n'
					continue
				}
				// What is behind the quote is the next that matters, but for the \r of a line end.
				next := at + 1
				if text[next] == '\r' {
					next++
				}
				if next >= end {
					break scan
				}
				switch c := text[next]; {
				case c == quote && next == at+1:
					doubled = true
				case c == '\n':
					open = false
				case c == delimiter && next == at+1:
					if step > 1 && !bytes.HasPrefix(text[next:end], s.delimiter) {
						if next+step > end && !w.eof {
							break scan
						}
						wrong = at
						break scan
					}
					open = false
				default:
					wrong = at
					break scan
				}
				if mask == 0 {
					base += 64
					m := s.marks.next(base)
					mask, ends = m.all, m.ends
				}
				mask &= mask - 1
				if !open {
					inner := Span{int32(from), int32(at)}
					if spread && bytes.Contains(text[from:at], s.delimiter) {
						s.spreads, width = append(s.spreads, inner), -1
					}
					if doubled || spread {
						inner = unquote(w, inner, doubled, quote)
					}
					if spans = append(spans, inner); len(spans)-first > mostColumns {
						wide = true
						break scan
					}
					at = next
				}
			}
			if text[at] != '\n' {
				field, plain = at+step, quick && len(s.spreads) == 0
				continue
			}
		}
		if fields := len(spans) - first; fields != width || !isInk(text, spans[first]) || s.startsAsHeader(text, spans[first]) {
			if spans, bad = s.unusual(w, spans, first, w.forced && at == end-1 && text[at-1] != '\r'); bad != nil {
				result, start, row = badRow, row, at+1
				break
			}
			width = s.expected()
		}
		if at-row > mostField {
			if bad = s.largeField(spans[first:]); bad != nil {
				result, start, row = badRow, row, at+1
				break
			}
		}
		if s.marks.stray && slices.ContainsFunc(spans[first:], s.hasReturn) {
			bad = &grid.BadRow{Fatal: true, Err: errReturn}
			result, start, row = badRow, row, at+1
			break
		}
		if len(spans) > first {
			starts = append(starts, int32(row))
			if !s.header {
				spans = spans[:first+s.block.Width]
			}
		}
		first, row, field, plain = len(spans), at+1, at+1, quick
		if len(starts) == most || row >= last {
			result = enough
			break
		}
	}
	if result == wantsText && (wrong >= 0 || open && w.eof) {
		result, bad, start, row = s.misquoted(w, row, wrong)
	}
	if wide {
		result, bad, start = badRow, &grid.BadRow{Fatal: true, Err: errWideRow}, row
	}
	s.block.Spans, s.block.starts = spans[:first], starts
	w.pos = row
	return result, bad, start
}

// expected returns how many fields a row has that is not to be looked at closely; -1 if all are.
func (s *splitter) expected() int {
	if len(s.nameless) > 0 {
		return -1
	}
	return s.width
}

// hasReturn reports whether there is a carriage return in a field that is not quoted.
func (s *splitter) hasReturn(field Span) bool {
	if bytes.IndexByte(s.block.Text[field.From:field.To], '\r') < 0 {
		return false
	}
	// A field that was not left in its place had quotes.
	return int(field.From) < s.block.size && (field.From == 0 || s.quote == NoQuote || s.block.Text[field.From-1] != s.quote)
}

// startsAsHeader reports whether a row's first field reads as that of the header.
func (s *splitter) startsAsHeader(text []byte, field Span) bool {
	return len(s.names) > 0 && s.names[0] != "" && int(field.To-field.From) == len(s.names[0]) && text[field.From] == s.names[0][0] && string(text[field.From:field.To]) == s.names[0]
}

// isHeader reports whether a row is the header once more.
func (s *splitter) isHeader(text []byte, row []Span) bool {
	for i, field := range row {
		if i >= len(s.names) || string(text[field.From:field.To]) != s.names[i] {
			return false
		}
	}
	return len(s.names) > 0
}

// isInk reports whether a field has something in it, at first sight.
func isInk(text []byte, s Span) bool {
	return s.From < s.To && text[s.From] > ' ' && text[s.From] < 0x80
}

// unquote returns a quoted field as it is meant: doubled quotes as one, line ends as \n.
func unquote(w *window, s Span, doubled bool, quote byte) Span {
	field := w.buf[s.From:s.To]
	windows := bytes.Contains(field, []byte("\r\n"))
	if !doubled && !windows {
		return s
	}
	from := w.spare
	to := w.buf[from:]
	n := 0
	for i := 0; i < len(field); i++ {
		c := field[i]
		if c == quote { // which is doubled
			i++
		} else if c == '\r' && i+1 < len(field) && field[i+1] == '\n' {
			continue
		}
		to[n] = c
		n++
	}
	w.spare += n
	return Span{int32(from), int32(w.spare)}
}
