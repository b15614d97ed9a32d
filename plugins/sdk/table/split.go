package table

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// span is a range of bytes.
type span struct{ from, to int32 }

// block is some rows of a text, with their fields.
type block struct {
	text   []byte  // what the spans refer to; windowTail bytes behind each field can be read
	size   int     // of the text; what is behind was set aside
	width  int     // fields in a row
	spans  []span  // the fields, row by row
	starts []int32 // where the rows start, by row
}

func (b *block) rows() int { return len(b.starts) }

// cell returns a field's text.
func (b *block) cell(row, column int) []byte {
	s := b.spans[row*b.width+column]
	return b.text[s.from:s.to]
}

// drop leaves out the rows for which gone is true.
func (b *block) drop(gone func(row int) bool) {
	kept := 0
	for row := range b.rows() {
		if gone(row) {
			continue
		}
		copy(b.spans[kept*b.width:], b.spans[row*b.width:(row+1)*b.width])
		b.starts[kept] = b.starts[row]
		kept++
	}
	b.spans, b.starts = b.spans[:kept*b.width], b.starts[:kept]
}

// blockBytes is how much text a block has, but for its last row.
const blockBytes = 128 << 10

// splitter finds the rows and fields of delimited text as RFC 4180 has it: rows end with a line end, \n or \r\n; a field
// that starts with a quote goes on to the next quote that is not doubled. A quote further on in a field stands for itself.
// It is strict where a row could be meant otherwise, and lenient about blank rows.
type splitter struct {
	delimiter []byte
	quote     byte  // noQuote: there is none
	header    bool  // the row is the header: any number of fields
	needed    int   // fields that a row must have
	nameless  []int // columns without a name, which must be empty
	block     block
	marks     marker

	quoted, bare bool   // whether there was a quoted field, and a quote within one that is not
	spreads      []span // fields of the current row that span lines and hold delimiters
	across       across // those of all rows
}

// noQuote is a quote that never occurs within a row.
const noQuote = '\n'

// outcome is why a splitter stopped.
type outcome uint8

const (
	wantsText outcome = iota // the row at pos is not all there, or it matters whether anything is behind it
	enough                   // as much as a block takes
	badRow                   // the row behind the block's last is bad; pos is behind it
)

// split finds the rows from the window's pos on, at most so many, and steps past them. The block is good until the
// window is filled or split is called again. A bad row comes with where it starts.
func (s *splitter) split(w *window, most int) (result outcome, bad *BadRow, start int) {
	var (
		text, end     = w.buf, w.end
		spans, starts = s.block.spans[:0], s.block.starts[:0]
		width         = s.expected()
		delimiter     = s.delimiter[0]
		quote         = s.quote
		step          = len(s.delimiter)
		base          = w.pos - 64   // of the 64 bytes that mask is about
		mask          uint64         // which of them matter and were not looked at yet
		row, field    = w.pos, w.pos // where they start
		first         = 0            // the row's first span
		at            int            // the byte that is looked at
		open          = false        // a quote was not closed yet
		wrong         = -1           // a quote where none should be
		last          = w.pos + blockBytes
	)
	s.block.text, s.block.size = text, w.size()
	s.marks.delimiter, s.marks.quote = delimiter, quote
	s.spreads = s.spreads[:0]
	s.marks.begin()
scan:
	for {
		for mask == 0 {
			if base += 64; base >= end {
				break scan
			}
			mask = s.marks.next(text, base, end)
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
			spans = append(spans, span{int32(field), int32(at)})
			field = at + step
			continue
		case c == '\n':
			to := at
			if to > field && text[to-1] == '\r' {
				to--
			}
			spans = append(spans, span{int32(field), int32(to)})
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
					mask = s.marks.next(text, base, end)
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
					mask = s.marks.next(text, base, end)
				}
				mask &= mask - 1
				if !open {
					inner := span{int32(from), int32(at)}
					if spread && bytes.Contains(text[from:at], s.delimiter) {
						s.spreads, width = append(s.spreads, inner), -1
					}
					if doubled || spread {
						inner = unquote(w, inner, doubled, quote)
					}
					spans = append(spans, inner)
					at = next
				}
			}
			if text[at] != '\n' {
				field = at + step
				continue
			}
		}
		if fields := len(spans) - first; fields != width || !isInk(text, spans[first]) {
			if spans, bad = s.unusual(w, spans, first, w.forced && at == end-1 && text[at-1] != '\r'); bad != nil {
				result, start, row = badRow, row, at+1
				break
			}
			width = s.expected()
		}
		if len(spans) > first {
			starts = append(starts, int32(row))
		}
		first, row, field = len(spans), at+1, at+1
		if len(starts) == most || row >= last {
			result = enough
			break
		}
	}
	if result == wantsText && (wrong >= 0 || open && w.eof) {
		result, bad, start, row = s.misquoted(w, row, wrong)
	}
	s.block.spans, s.block.starts = spans[:first], starts
	if s.marks.stray {
		if at, stray := s.stray(); stray {
			s.block.spans, s.block.starts = spans[:at*s.block.width], starts[:at]
			result, bad, start = badRow, &BadRow{Fatal: true, Err: errReturn}, int(starts[at])
		}
	}
	w.pos = row
	return result, bad, start
}

var (
	errReturn   = errors.New("a carriage return stands in a field that is not quoted, where a line may have been meant to end: save the file with the line ends of Windows or Unix")
	errReturns  = errors.New("the lines end in carriage returns alone: save the file with the line ends of Windows or Unix")
	errMark     = errors.New("a byte order mark stands here, though it belongs at the start of a file: the file seems to be put together of several")
	errUnclosed = errors.New("a quote is opened that is not closed properly up to the end of the file: the file is cut off, or a field begins with a quote that is meant as it stands; then set quote = \"none\"")
)

// expected returns how many fields a row has that is not to be looked at closely; -1 if all are.
func (s *splitter) expected() int {
	if len(s.nameless) > 0 {
		return -1
	}
	return s.block.width
}

// stray finds the first row that has a carriage return in a field that is not quoted.
func (s *splitter) stray() (row int, found bool) {
	for i, field := range s.block.spans {
		if s.hasReturn(field) {
			return i / s.block.width, true
		}
	}
	return 0, false
}

// hasReturn reports whether there is a carriage return in a field that is not quoted.
func (s *splitter) hasReturn(field span) bool {
	if bytes.IndexByte(s.block.text[field.from:field.to], '\r') < 0 {
		return false
	}
	// A field that was not left in its place had quotes.
	return int(field.from) < s.block.size && (field.from == 0 || s.quote == noQuote || s.block.text[field.from-1] != s.quote)
}

// isInk reports whether a field has something in it, at first sight.
func isInk(text []byte, s span) bool {
	return s.from < s.to && text[s.from] > ' ' && text[s.from] < 0x80
}

// unquote returns a quoted field as it is meant: doubled quotes as one, line ends as \n.
func unquote(w *window, s span, doubled bool, quote byte) span {
	field := w.buf[s.from:s.to]
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
	return span{int32(from), int32(w.spare)}
}

// unusual looks closely at a row, such as one that has not as many fields as the header, or may be blank: it completes it,
// takes it away, or says what is wrong.
func (s *splitter) unusual(w *window, spans []span, first int, cut bool) ([]span, *BadRow) {
	text, width := s.block.text, s.block.width
	row, spreads := spans[first:], s.spreads
	s.spreads = s.spreads[:0]
	switch {
	case isBlankRow(text, row):
		return spans[:first], nil
	case bytes.HasPrefix(text[row[0].from:row[0].to], []byte("\ufeff")):
		return spans, &BadRow{Err: errMark}
	case s.header && slices.ContainsFunc(row, s.hasReturn):
		return spans, &BadRow{Fatal: true, Err: errReturns}
	case s.header:
		return spans, nil
	case len(row) != width && slices.ContainsFunc(row, s.hasReturn):
		return spans, &BadRow{Fatal: true, Err: errReturn}
	case len(row) < s.needed && cut:
		// The last line of a file that ends without a line end, in the middle of a row, is where a copy stopped half-way.
		return spans, &BadRow{Fatal: true, Err: fmt.Errorf("the file ends in the middle of a row, after %d of %d fields: it seems to be cut off", len(row), width)}
	case len(row) < s.needed:
		return spans, miscounted(text, row, width, "")
	case len(row) > width:
		return spans, miscounted(text, row, width, "; quote fields that contain the delimiter")
	}
	for len(spans) < first+width { // columns without a name may be missing
		spans = append(spans, span{})
	}
	for _, column := range s.nameless {
		field := spans[first+column]
		if value := text[field.from:field.to]; len(bytes.TrimSpace(value)) > 0 {
			if slices.ContainsFunc(spans[first:], s.hasReturn) {
				return spans, &BadRow{Fatal: true, Err: errReturn}
			}
			return spans, &BadRow{Err: fmt.Errorf("field %d is %s, and the header has no name there: name the column, or look for a delimiter too many", column+1, quote(string(value)))}
		}
	}
	for _, field := range spreads {
		s.across.add(w, field)
	}
	return spans, nil
}

// isBlankRow reports whether a row has nothing in it: an empty line, or the commas that spreadsheets leave for one.
func isBlankRow(text []byte, row []span) bool {
	for _, s := range row {
		if isInk(text, s) || len(bytes.TrimSpace(text[s.from:s.to])) > 0 {
			return false
		}
	}
	return true
}

// miscounted is the error about a row with a wrong number of fields. If one of them spans lines, a quote that should
// not be there may have swallowed other rows, which must not be skipped with this one.
func miscounted(text []byte, row []span, width int, hint string) *BadRow {
	fields := fmt.Sprintf("%d fields", len(row))
	if len(row) == 1 {
		fields = "1 field"
	}
	bad := &BadRow{Err: fmt.Errorf("%s where the header has %d%s", fields, width, hint)}
	for _, s := range row {
		if bytes.IndexByte(text[s.from:s.to], '\n') >= 0 {
			return &BadRow{Fatal: true, Err: fmt.Errorf("%w; one of them spans several lines: look for a quote that is not closed", bad.Err)}
		}
	}
	return bad
}

// misquoted says what is wrong about a quote at at within a quoted field of the row at row, or one that is still open. The
// next row starts in the next line. Where a quote may have swallowed other rows, the error is fatal.
func (s *splitter) misquoted(w *window, row, at int) (result outcome, bad *BadRow, start, next int) {
	if at < 0 {
		return badRow, &BadRow{Fatal: true, Err: errUnclosed}, row, w.end
	}
	length := bytes.IndexByte(w.buf[at:w.end], '\n') + 1
	if next = at + length; length == 0 || next == w.end && !w.eof {
		return wantsText, nil, -1, row
	}
	lines := bytes.Count(w.buf[row:at], []byte{'\n'})
	switch {
	case next == w.end:
		bad = &BadRow{Fatal: true, Err: errUnclosed}
	case lines > 0:
		bad = &BadRow{Fatal: true, Err: fmt.Errorf("a quote is opened that is not closed properly up to line %d; write a quote within a quoted field twice", w.lineOf(row)+lines)}
	default:
		bad = &BadRow{Err: errors.New("a quote within a quoted field is not written twice")}
	}
	return badRow, bad, row, next
}
