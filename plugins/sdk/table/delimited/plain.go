package delimited

import (
	"math/bits"
	"slices"
)

// place is how far a splitter has come in a text.
type place struct {
	base              int    // of the 64 bytes that mask is about
	mask              uint64 // which of them matter and were not looked at yet
	row, field, first int    // where row and field start, and the row's first span
}

// quick reports whether plainRows is for rows such as these.
func (s *splitter) quick() bool { return !s.header && len(s.delimiter) == 1 && s.expected() > 0 }

// plainRows steps past fields without quotes, and past ends of rows with which nothing is unusual, as split does. It stops before
// anything else, and where a block or the text is about to end. The spans and starts are in the block then. It is a function of its own
// since a short loop keeps what it needs in the processor's registers.
func (s *splitter) plainRows(p place, spans []Span, starts []int32, end, last, most int) place {
	text, delimiter, width := s.block.Text, s.delimiter[0], s.block.Width
	mask, n := p.mask, len(spans)
	header, initial := s.headerLooks()
	if p.base+64 > end { // what is behind the text matters to nobody
		return s.stop(p, mask, spans, starts)
	}
	spans = slices.Grow(spans, 64)[:n+64]
	for {
		for mask == 0 {
			if p.base+128 > end || n-p.first > mostColumns {
				return s.stop(p, mask, spans[:n], starts)
			}
			p.base += 64
			mask = s.marks.next(text, p.base, end)
			spans = slices.Grow(spans[:n], 64)[:n+64]
		}
		at := p.base + bits.TrailingZeros64(mask)
		if c := text[at]; c == delimiter {
			spans[n] = Span{int32(p.field), int32(at)}
			n++
			p.field = at + 1
			mask &= mask - 1
			continue
		} else if c != '\n' {
			return s.stop(p, mask, spans[:n], starts)
		}
		if n-p.first != width-1 || n == p.first || at >= last || at-p.row > mostField || len(starts)+1 >= most {
			return s.stop(p, mask, spans[:n], starts)
		}
		head := spans[p.first]
		if !isInk(text, head) || int(head.To-head.From) == header && text[head.From] == initial {
			return s.stop(p, mask, spans[:n], starts)
		}
		to := at
		if to > p.field && text[to-1] == '\r' {
			to--
		}
		spans[n] = Span{int32(p.field), int32(to)}
		n++
		starts = append(starts, int32(p.row))
		p.first, p.row, p.field = n, at+1, at+1
		mask &= mask - 1
	}
}

// stop ends plainRows.
func (s *splitter) stop(p place, mask uint64, spans []Span, starts []int32) place {
	p.mask = mask
	s.block.Spans, s.block.starts = spans, starts
	return p
}

// headerLooks returns how long the header's first field is, and what it begins with; -1 if it has none.
func (s *splitter) headerLooks() (length int, initial byte) {
	if len(s.names) == 0 || s.names[0] == "" {
		return -1, 0
	}
	return len(s.names[0]), s.names[0][0]
}
