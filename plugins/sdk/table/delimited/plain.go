package delimited

import (
	"bytes"
	"math/bits"
	"slices"
)

// place is how far a splitter has come in a text.
type place struct {
	base              int     // of the 64 bytes that marks are about
	marks             marks64 // of those; all has only what was not looked at yet
	row, field, first int     // where row and field start, and the row's first span
}

// quick reports whether plainRows is for rows such as these.
func (s *splitter) quick() bool { return !s.header && len(s.delimiter) == 1 && s.expected() > 0 }

// plainRows steps past fields without quotes, and past ends of rows with which nothing is unusual, as split does. It stops before
// anything else, and where a block or the text is about to end. The spans and starts are in the block then. It is a function of its own
// since a short loop keeps what it needs in the processor's registers.
func (s *splitter) plainRows(p place, spans []Span, starts []int32, end, last, most int) place {
	text, delimiter, width, kept := s.block.Text, s.delimiter[0], s.width, s.block.Width
	mask, n := p.marks.all, len(spans)
	header, initial := s.headerLooks()
	if p.base+64 > end { // what is behind the text matters to nobody
		return s.stop(p, mask, spans, starts)
	}
	needless := kept // fields from this one on are needed by nobody
	if kept == width {
		needless = mostColumns + 1
	}
	spans = slices.Grow(spans, 64)[:n+64]
	for {
		for mask == 0 {
			if p.base+128 > end || n-p.first > mostColumns {
				return s.stop(p, mask, spans[:n], starts)
			}
			p.base += 64
			p.marks = s.marks.next(p.base)
			mask = p.marks.all
			spans = slices.Grow(spans[:n], 64)[:n+64]
		}
		at := p.base + bits.TrailingZeros64(mask)
		if c := text[at]; c == delimiter {
			spans[n] = Span{int32(p.field), int32(at)}
			n++
			p.field = at + 1
			mask &= mask - 1
			if n-p.first < needless {
				continue
			}
			head := spans[p.first]
			if !isInk(text, head) || int(head.To-head.From) == header && text[head.From] == initial || len(starts)+1 >= most {
				continue
			}
			p.marks.all = mask
			if !s.pass(&p, n-p.first, end, last) {
				return s.stop(p, p.marks.all, s.passed(spans[:n], &p), starts)
			}
			mask = p.marks.all
			starts = append(starts, int32(p.row))
			n = p.first + kept
			p.first, p.row = n, p.field
			if n+64 > len(spans) {
				spans = slices.Grow(spans[:n], 64)[:n+64]
			}
			continue
		} else if c != '\n' {
			return s.stop(p, mask, spans[:n], starts)
		}
		if n-p.first != width-1 || n == p.first || at >= last || at-p.row > mostField || len(starts)+1 >= most || s.marks.stray {
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
		starts = append(starts, int32(p.row))
		n = p.first + kept
		p.first, p.row, p.field = n, at+1, at+1
		mask &= mask - 1
	}
}

// pass steps past the rest of a row that has so many fields before it, and counts fields without looking at each. It returns false
// where it stops before something that is not the usual end of a row; passed notes the fields then.
func (s *splitter) pass(p *place, fields, end, last int) bool {
	m, base, marks := &s.marks, p.base, p.marks
	for marks.all&marks.ends == 0 {
		fields += bits.OnesCount64(marks.all)
		if base+128 > end || fields > mostColumns {
			p.base, p.marks.all = base, 0
			return false
		}
		base += 64
		marks = m.next(base)
	}
	ends := marks.all & marks.ends
	before := ends&-ends - 1
	fields += bits.OnesCount64(marks.all & before)
	marks.all &^= before
	p.base, p.marks = base, marks
	at := base + bits.TrailingZeros64(ends)
	if fields != s.width-1 || s.block.Text[at] != '\n' || at >= last || at-p.row > mostField || m.stray {
		return false
	}
	p.marks.all &= p.marks.all - 1
	p.field = at + 1
	return true
}

// passed notes the fields that pass stepped past, up to where it stopped.
func (s *splitter) passed(spans []Span, p *place) []Span {
	stopped := p.base + bits.TrailingZeros64(p.marks.all) // 64 bits without a one have 64 zeros
	for {
		length := bytes.IndexByte(s.block.Text[p.field:stopped], s.delimiter[0])
		if length < 0 {
			return spans
		}
		spans = append(spans, Span{int32(p.field), int32(p.field + length)})
		p.field += length + 1
	}
}

// stop ends plainRows.
func (s *splitter) stop(p place, mask uint64, spans []Span, starts []int32) place {
	p.marks.all = mask
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
