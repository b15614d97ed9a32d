package delimited

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

var (
	errReturn   = errors.New("a carriage return stands in a field that is not quoted, where a line may have been meant to end: save the file with the line ends of Windows or Unix")
	errReturns  = errors.New("the lines end in carriage returns alone: save the file with the line ends of Windows or Unix")
	errMark     = errors.New("a byte order mark stands here, though it belongs at the start of a file: the file seems to be put together of several")
	errUnclosed = errors.New("a quote is opened that is not closed properly up to the end of the file: the file is cut off, or a field begins with a quote that is meant as it stands")
)

// asTheyStand is what the settings can do about quotes that cannot be understood.
const asTheyStand = `set quote = "none" if quotes are meant as they stand`

// unusual looks closely at a row, such as one that has not as many fields as the header, or may be blank: it completes it,
// takes it away, or says what is wrong.
func (s *splitter) unusual(w *window, spans []Span, first int, cut bool) ([]Span, *grid.BadRow) {
	text, width := s.block.Text, s.width
	row, spreads := spans[first:], s.spreads
	s.spreads = s.spreads[:0]
	switch {
	case isBlankRow(text, row):
		return spans[:first], nil
	case bytes.HasPrefix(text[row[0].From:row[0].To], []byte("\ufeff")):
		return spans, &grid.BadRow{Err: errMark}
	case len(row) > mostColumns:
		return spans, &grid.BadRow{Fatal: true, Err: errWideRow}
	case s.header && slices.ContainsFunc(row, s.hasReturn):
		return spans, &grid.BadRow{Fatal: true, Err: errReturns}
	case s.header:
		return spans, nil
	case len(row) != width && slices.ContainsFunc(row, s.hasReturn):
		return spans, &grid.BadRow{Fatal: true, Err: errReturn}
	case len(row) < width && cut:
		// Rows may lack columns without a name at their end, but one that does not end may have lost more than those. The last line of a file that ends without a line end, in the middle of a row, is where a copy stopped half-way.
		return spans, &grid.BadRow{Fatal: true, Err: fmt.Errorf("the file ends in the middle of a row, after %d of %d fields: it seems to be cut off", len(row), width)}
	case len(row) < s.needed:
		return spans, miscounted(text, row, width, "")
	case len(row) > width:
		return spans, miscounted(text, row, width, "; quote fields that contain the delimiter")
	case s.isHeader(text, row):
		return spans, &grid.BadRow{Err: grid.ErrHeaderAgain}
	}
	for len(spans) < first+width { // columns without a name may be missing
		spans = append(spans, Span{})
	}
	for _, column := range s.nameless {
		field := spans[first+column]
		if value := text[field.From:field.To]; len(bytes.TrimSpace(value)) > 0 {
			if slices.ContainsFunc(spans[first:], s.hasReturn) {
				return spans, &grid.BadRow{Fatal: true, Err: errReturn}
			}
			return spans, &grid.BadRow{Err: fmt.Errorf("field %d is %s, and the header has no name there: name the column, or look for a delimiter too many", column+1, grid.Quote(string(value)))}
		}
	}
	for _, field := range spreads {
		s.across.add(w, field)
	}
	return spans, nil
}

// largeField says that a row has a field that is larger than any; nil if it has none.
func (s *splitter) largeField(row []Span) *grid.BadRow {
	for i, field := range row {
		if size := int(field.To - field.From); size > mostField {
			return &grid.BadRow{Err: fmt.Errorf("field %d has %d MiB, more than %d (max_field): look for a quote that is not closed", i+1, size>>20, mostField>>20)}
		}
	}
	return nil
}

// isBlankRow reports whether a row has nothing in it: an empty line, or the commas that spreadsheets leave for one.
func isBlankRow(text []byte, row []Span) bool {
	for _, s := range row {
		if isInk(text, s) || len(bytes.TrimSpace(text[s.From:s.To])) > 0 {
			return false
		}
	}
	return true
}

// miscounted is the error about a row with a wrong number of fields. If one of them spans lines, a quote that should
// not be there may have swallowed other rows, which must not be skipped with this one.
func miscounted(text []byte, row []Span, width int, hint string) *grid.BadRow {
	fields := fmt.Sprintf("%d fields", len(row))
	if len(row) == 1 {
		fields = "1 field"
	}
	bad := &grid.BadRow{Err: fmt.Errorf("%s where the header has %d%s", fields, width, hint)}
	for _, s := range row {
		if bytes.IndexByte(text[s.From:s.To], '\n') >= 0 {
			return &grid.BadRow{Fatal: true, Err: fmt.Errorf("%w; one of them spans several lines: look for a quote that is not closed", bad.Err), Cure: asTheyStand}
		}
	}
	return bad
}

// misquoted says what is wrong about a quote at at within a quoted field of the row at row, or one that is still open. The
// next row starts in the next line. Where a quote may have swallowed other rows, the error is fatal.
func (s *splitter) misquoted(w *window, row, at int) (result outcome, bad *grid.BadRow, start, next int) {
	if at < 0 {
		return badRow, &grid.BadRow{Fatal: true, Err: errUnclosed, Cure: asTheyStand}, row, w.end
	}
	length := bytes.IndexByte(w.buf[at:w.end], '\n') + 1
	if next = at + length; length == 0 || !w.eof && w.mayEnd(next) {
		return wantsText, nil, -1, row
	}
	lines := bytes.Count(w.buf[row:at], []byte{'\n'})
	switch {
	case next == w.end:
		bad = &grid.BadRow{Fatal: true, Err: errUnclosed, Cure: asTheyStand}
	case lines > 0:
		bad = &grid.BadRow{Fatal: true, Err: fmt.Errorf("a quote is opened that is not closed properly up to line %d; write a quote within a quoted field twice", w.lineOf(row)+lines), Cure: asTheyStand}
	default:
		bad = &grid.BadRow{Err: errors.New("a quote within a quoted field is not written twice"), Cure: asTheyStand}
	}
	return badRow, bad, row, next
}
