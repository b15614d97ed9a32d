package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// csvForm is how a text file is read, as far as that is said.
type csvForm struct {
	delimiter rune // 0: find it
	quote     byte // noQuote: there is none
	headerRow int  // the header's line; 0: find it
	decimal   byte // what starts a number's decimals: a point or a comma
	// fallback is the delimiter of a file that does not say itself which it has; 0: find it.
	fallback rune
	quoteSet bool // the quote is said
}

// csvRows are the rows of a text file with one row a line and fields parted by a delimiter.
type csvRows struct {
	name string // of the file, for people
	text *text
	form csvForm
	fit  Fit
	size int // of the window, to begin with

	found     bool // the next two are known
	delimiter rune
	header    int // its line

	guessedDelimiter, guessedHeader bool

	window   *window
	splitter splitter
	hungry   bool    // the window has no other whole row
	at       int     // the row of the block that Next comes to
	behind   *BadRow // what is behind the block's last row
	behindAt int
	place    int // where the row of the last Next starts
}

// openCSV reads the header. The rows own the text from then on, unless there is an error.
func openCSV(name string, t *text, form csvForm, fit Fit) (*csvRows, []string, error) {
	r := &csvRows{name: name, text: t, form: form, fit: fit, size: windowSize}
	header, err := r.start()
	if err != nil {
		return nil, nil, err
	}
	return r, header, nil
}

// start begins at the start of the file and returns the header.
func (r *csvRows) start() ([]string, error) {
	// A small file has a small window; a byte more than the file shows its end at once.
	r.window, r.hungry, r.at, r.behind, r.place = newWindow(r.text.reader(), int(min(int64(r.size), max(r.text.content.size, 4<<10)+1))), false, 0, nil, 0
	if err := r.fill(); err != nil {
		return nil, err
	}
	if !r.found {
		if err := r.find(); err != nil {
			return nil, err
		}
		r.found = true
	} else if err := r.skipTo(r.header); err != nil {
		return nil, err
	}
	r.splitter = splitter{delimiter: utf8.AppendRune(nil, r.delimiter), quote: r.form.quote, header: true}
	err := r.split(1)
	switch {
	case err == io.EOF:
		return nil, fmt.Errorf("%s is empty: there is not even a header", r.name)
	case err != nil:
		return nil, err
	case r.behind != nil:
		return nil, r.headerError(r.behindAt, r.behind)
	case r.form.headerRow > 0 && r.window.lineOf(int(r.splitter.block.starts[0])) != r.form.headerRow:
		return nil, fmt.Errorf("%s: line %d is blank, and header_row says that it is the header", r.name, r.form.headerRow)
	case r.endsInHeader():
		return nil, fmt.Errorf("%s, line %d: the file ends within its header: it seems to be cut off; a file without items has a line end behind its header",
			r.name, r.window.lineOf(int(r.splitter.block.starts[0])))
	}
	return r.begin(), nil
}

// endsInHeader reports whether the text ends with the header, and without a line end.
func (r *csvRows) endsInHeader() bool {
	w := r.window
	return w.eof && w.forced && w.pos == w.end && (w.end < 2 || w.buf[w.end-2] != '\r')
}

// begin makes ready for the rows behind the header, which it returns.
func (r *csvRows) begin() []string {
	b := &r.splitter.block
	header := make([]string, len(b.spans))
	for i, s := range b.spans {
		header[i] = string(b.text[s.from:s.to])
		if strings.TrimSpace(header[i]) != "" {
			r.splitter.needed = i + 1
		} else {
			r.splitter.nameless = append(r.splitter.nameless, i)
		}
	}
	r.splitter.header, b.width = false, len(header)
	b.spans, b.starts = b.spans[:0], b.starts[:0]
	return header
}

// fill fills the window where no row is being read.
func (r *csvRows) fill() error {
	if err := r.window.fill(); err != nil {
		return r.unreadable(err)
	}
	return nil
}

// skipTo steps to the start of a line.
func (r *csvRows) skipTo(line int) error {
	w := r.window
	for at := 1; at < line; at++ {
		for {
			if length := bytes.IndexByte(w.buf[w.pos:w.end], '\n') + 1; length > 0 {
				w.pos += length
				break
			}
			if w.eof {
				return fmt.Errorf("%s has no line %d, which header_row says is the header", r.name, line)
			}
			if err := r.fill(); err != nil {
				return err
			}
		}
	}
	return nil
}

// headerError is the error about a header that cannot be read, which starts at a place in the window.
func (r *csvRows) headerError(at int, bad *BadRow) error {
	r.place = at
	return fmt.Errorf("%s: the header: %w", r.Place(), bad)
}

// split finds the next block of rows, at most so many, or the bad row behind an empty one. It returns io.EOF where
// there are no others, and the error if the file cannot be read on.
func (r *csvRows) split(most int) error {
	for {
		if r.hungry {
			if r.window.eof {
				return r.end()
			}
			if err := r.window.fill(); err != nil {
				return r.failed(err)
			}
		}
		var result outcome
		result, r.behind, r.behindAt = r.splitter.split(r.window, most)
		r.at, r.hungry = 0, result == wantsText
		if r.behind != nil && r.window.eof {
			// A file that shrank seems to end in the middle of a row.
			if err := r.text.content.unchanged(); err != nil {
				return err
			}
		}
		if r.behind != nil || r.splitter.block.rows() > 0 {
			return nil //nolint:nilerr // Next says what is wrong with the row behind, once it gets there
		}
	}
}

// end is the end of the file, if it is still the file that was opened.
func (r *csvRows) end() error {
	if err := r.text.content.unchanged(); err != nil {
		return err
	}
	return io.EOF
}

func (r *csvRows) failed(err error) error {
	if errors.Is(err, errLongRow) {
		r.place = r.window.pos
		return &BadRow{Fatal: true, Err: err}
	}
	return r.unreadable(err)
}

// unreadable is the error where the text ends because something in it is no text.
func (r *csvRows) unreadable(err error) error {
	var damage *damage
	if errors.As(err, &damage) && damage.line == 0 { // it comes behind all that could be read
		damage.line = r.window.lineOf(r.window.end)
	}
	return fmt.Errorf("%s: %w", r.name, err)
}

// Next implements Rows.
func (r *csvRows) Next(want []Cell, got []string) error {
	for r.at == r.splitter.block.rows() {
		if bad := r.behind; bad != nil {
			r.place, r.behind = r.behindAt, nil
			return bad
		}
		if err := r.split(int(^uint(0) >> 1)); err != nil {
			return err
		}
	}
	b, row := &r.splitter.block, r.at
	r.place = int(b.starts[row])
	r.at++
	for i, c := range want {
		cell := b.cell(row, c.Column)
		got[i] = unsafe.String(unsafe.SliceData(cell), len(cell)) // good until the window moves on
	}
	return nil
}

// Block implements blockRows.
func (r *csvRows) Block() (*block, error) {
	b := &r.splitter.block
	if r.behind != nil {
		bad := r.behind
		r.place, r.behind, b.spans, b.starts = r.behindAt, nil, b.spans[:0], b.starts[:0]
		return b, bad
	}
	return b, r.split(int(^uint(0) >> 1))
}

// BlockPlace implements blockRows.
func (r *csvRows) BlockPlace(row int) string {
	r.place = int(r.splitter.block.starts[row])
	return r.Place()
}

// Rewind starts again with the first row.
func (r *csvRows) Rewind() error {
	_, err := r.start()
	return err
}

// Place implements Rows.
func (r *csvRows) Place() string {
	return fmt.Sprintf("%s, line %d", r.name, r.window.lineOf(r.place))
}

// Close implements Rows.
func (r *csvRows) Close() error { return r.text.content.close() }
