package table

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"
)

// span is a range of bytes.
type span struct{ from, to int32 }

// block is some rows of a text, with their fields.
type block struct {
	text   []byte  // what the spans refer to; windowTail bytes behind each field can be read
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
// that starts with a quote goes on to the next quote that is not doubled. It is strict where a row could be meant
// otherwise, and lenient about blank rows and empty fields at their ends.
type splitter struct {
	delimiter []byte
	header    bool // the row is the header: any number of fields
	needed    int  // fields that a row must have
	block     block
	marks     marker
}

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
		width         = s.block.width
		delimiter     = s.delimiter[0]
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
	s.block.text = text
	s.marks.delimiter = delimiter
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
			wrong = at
			break scan
		default:
			from, doubled, spread := at+1, false, false
			open = true
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
				if c := text[at]; c != '"' {
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
				case c == '"' && next == at+1:
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
					if doubled || spread {
						inner = unquote(w, inner, doubled)
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
			if spans, bad = s.unusual(spans, first, w.forced && at == end-1 && text[at-1] != '\r'); bad != nil {
				result, start, row = badRow, row, at+1
				break
			}
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
		result, bad, start, row = s.misquoted(w, open, row, wrong)
	}
	s.block.spans, s.block.starts = spans[:first], starts
	w.pos = row
	return result, bad, start
}

// isInk reports whether a field has something in it, at first sight.
func isInk(text []byte, s span) bool {
	return s.from < s.to && text[s.from] > ' ' && text[s.from] < 0x80
}

// unquote returns a quoted field as it is meant: doubled quotes as one, line ends as \n.
func unquote(w *window, s span, doubled bool) span {
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
		if c == '"' { // which is doubled
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

// unusual looks at a row that has not as many fields as the header, or may be blank: it completes it, cuts it, takes it
// away, or says what is wrong.
func (s *splitter) unusual(spans []span, first int, cut bool) ([]span, *BadRow) {
	text, width := s.block.text, s.block.width
	row := spans[first:]
	if isBlankRow(text, row) {
		return spans[:first], nil
	}
	if s.header {
		return spans, nil
	}
	if len(row) < s.needed {
		// The last line of a file that ends without a line end, in the middle of a row, is where a copy stopped half-way.
		if cut {
			return spans, &BadRow{Fatal: true, Err: fmt.Errorf("the file ends in the middle of a row, after %d of %d fields: it seems to be cut off", len(row), width)}
		}
		return spans, miscounted(text, row, width, "")
	}
	if len(row) > width {
		if !isBlankRow(text, row[width:]) {
			return spans, miscounted(text, row, width, "; quote fields that contain the delimiter")
		}
		return spans[:first+width], nil
	}
	for len(spans) < first+width {
		spans = append(spans, span{})
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
	bad := &BadRow{Err: fmt.Errorf("the row has %d fields, the header %d%s", len(row), width, hint)}
	for _, s := range row {
		if bytes.IndexByte(text[s.from:s.to], '\n') >= 0 {
			return &BadRow{Fatal: true, Err: fmt.Errorf("%w; one of them spans several lines: look for a quote that is not closed", bad.Err)}
		}
	}
	return bad
}

// misquoted says what is wrong about a quote at at, in the row at row, or one that is still open. The next row starts in
// the next line. Where a quote may have swallowed other rows, the error is fatal.
func (s *splitter) misquoted(w *window, open bool, row, at int) (result outcome, bad *BadRow, start, next int) {
	if at < 0 {
		return badRow, &BadRow{Fatal: true, Err: errUnclosed}, row, w.end
	}
	length := bytes.IndexByte(w.buf[at:w.end], '\n') + 1
	if next = at + length; length == 0 || next == w.end && !w.eof {
		return wantsText, nil, -1, row
	}
	lines := bytes.Count(w.buf[row:at], []byte{'\n'})
	switch {
	case !open:
		bad = &BadRow{Err: errors.New("there is a quote within a field that is not quoted; quote the field and write the quote twice")}
	case next == w.end:
		bad = &BadRow{Fatal: true, Err: errUnclosed}
	case lines > 0:
		bad = &BadRow{Fatal: true, Err: fmt.Errorf("a quote is opened that is not closed properly up to line %d; write a quote within a quoted field twice", w.lineOf(row)+lines)}
	default:
		bad = &BadRow{Err: errors.New("a quote within a quoted field is not written twice")}
	}
	return badRow, bad, row, next
}

var errUnclosed = errors.New("a quote is opened that is not closed properly up to the end of the file")
