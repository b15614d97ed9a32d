// Package delimited finds the rows and fields of delimited text, such as CSV: bytes in, ranges of bytes out, with the places
// that they stand at. It finds out the encoding, the delimiter and the header as far as nobody says them, and knows nothing
// of what the fields mean.
package delimited

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/reconcilehq/reconcile/plugins/sdk/table/content"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// Form is how a text file is read, as far as that is said.
type Form struct {
	Delimiter rune // 0: find it
	Fallback  rune // the delimiter of a file that does not say itself which it has; 0: find it
	Quote     byte // around fields; NoQuote: there is none; 0: a double quote, which nobody said
	HeaderRow int  // the header's line; 0: find it
	Window    int  // how many bytes are in memory, to begin with; 0: what stays in a processor's cache
}

// Rows are the rows of a text file with one row a line and fields parted by a delimiter. They are grid.Rows, and can be read
// in blocks, too, and more than once.
type Rows struct {
	name string // of the file, for people
	text *text
	form Form
	fit  grid.Fit

	found     bool // the next two are known
	delimiter rune
	header    int // its line

	guessedDelimiter, guessedHeader, guessedQuote bool

	window   *window
	splitter splitter
	hungry   bool         // the window has no other whole row
	at       int          // the row of the block that Next comes to
	behind   *grid.BadRow // what is behind the block's last row
	behindAt int
	place    int // where the row of the last Next starts
}

// Open reads the header, and returns the rows behind it and the header's names. name is the file's, for people; encodings
// are those of the file. The rows own the content from then on, unless there is an error.
func Open(ctx context.Context, name string, c *content.Content, encodings *Encodings, form Form, fit grid.Fit) (*Rows, []string, error) {
	r := &Rows{name: name, text: &text{ctx: ctx, content: c, encodings: encodings}, form: form, fit: fit, guessedQuote: form.Quote == 0}
	if r.guessedQuote {
		r.form.Quote = '"'
	}
	if r.form.Window == 0 {
		r.form.Window = windowSize
	}
	header, err := r.start()
	if err != nil {
		return nil, nil, err
	}
	return r, header, nil
}

// Delimiter returns what parts the fields.
func (r *Rows) Delimiter() rune { return r.delimiter }

// HeaderLine returns the line of the header, counted from 1.
func (r *Rows) HeaderLine() int { return r.header }

// Encoding returns the text's encoding for people, as far as it was read; "ASCII" while there was nothing else.
func (r *Rows) Encoding() string {
	if r.text.settled.name == "" {
		return "ASCII"
	}
	return r.text.settled.String()
}

// start begins at the start of the file and returns the header.
func (r *Rows) start() ([]string, error) {
	// A small file has a small window; a byte more than the file shows its end at once.
	r.window, r.hungry, r.at, r.behind, r.place = newWindow(r.text.reader(), int(min(int64(r.form.Window), max(r.text.content.Size, 4<<10)+1))), false, 0, nil, 0
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
	r.splitter = splitter{delimiter: utf8.AppendRune(nil, r.delimiter), quote: r.form.Quote, header: true}
	err := r.split(1)
	switch {
	case err == io.EOF:
		return nil, fmt.Errorf("%s is empty: there is not even a header", r.name)
	case err != nil:
		return nil, err
	case r.behind != nil:
		return nil, r.headerError(r.behindAt, r.behind)
	case r.form.HeaderRow > 0 && r.window.lineOf(int(r.splitter.block.starts[0])) != r.form.HeaderRow:
		return nil, fmt.Errorf("%s: line %d is blank, and header_row says that it is the header", r.name, r.form.HeaderRow)
	case r.endsInHeader():
		return nil, fmt.Errorf("%s, line %d: the file ends within its header: it seems to be cut off; a file without items has a line end behind its header",
			r.name, r.window.lineOf(int(r.splitter.block.starts[0])))
	}
	return r.begin(), nil
}

// endsInHeader reports whether the text ends with the header, and without a line end.
func (r *Rows) endsInHeader() bool {
	w := r.window
	return w.eof && w.forced && w.pos == w.end && (w.end < 2 || w.buf[w.end-2] != '\r')
}

// begin makes ready for the rows behind the header, which it returns.
func (r *Rows) begin() []string {
	b := &r.splitter.block
	header := make([]string, len(b.Spans))
	for i, s := range b.Spans {
		header[i] = string(b.Text[s.From:s.To])
		if strings.TrimSpace(header[i]) != "" {
			r.splitter.needed = i + 1
		} else {
			r.splitter.nameless = append(r.splitter.nameless, i)
		}
	}
	r.splitter.header, r.splitter.width, b.Width = false, len(header), len(header)
	r.splitter.names = header
	b.Spans, b.starts = b.Spans[:0], b.starts[:0]
	return header
}

// fill fills the window where no row is being read.
func (r *Rows) fill() error {
	if err := r.window.fill(); err != nil {
		return r.unreadable(err)
	}
	return nil
}

// skipTo steps to the start of a line.
func (r *Rows) skipTo(line int) error {
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
func (r *Rows) headerError(at int, bad *grid.BadRow) error {
	r.place = at
	return bad.At(r.Place() + ": the header")
}

// split finds the next block of rows, at most so many, or the bad row behind an empty one. It returns io.EOF where
// there are no others, and the error if the file cannot be read on.
func (r *Rows) split(most int) error {
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
			if err := r.text.content.Unchanged(); err != nil {
				return err
			}
		}
		if r.behind != nil || r.splitter.block.Rows() > 0 {
			return nil //nolint:nilerr // Next says what is wrong with the row behind, once it gets there
		}
	}
}

// end is the end of the file, if it is still the file that was opened.
func (r *Rows) end() error {
	if err := r.text.content.Unchanged(); err != nil {
		return err
	}
	return io.EOF
}

func (r *Rows) failed(err error) error {
	if errors.Is(err, errLongRow) {
		r.place = r.window.pos
		return &grid.BadRow{Fatal: true, Err: err}
	}
	return r.unreadable(err)
}

// unreadable is the error where the text ends because something in it is no text.
func (r *Rows) unreadable(err error) error {
	var damage *damage
	if errors.As(err, &damage) && damage.line == 0 { // it comes behind all that could be read
		damage.line = r.window.lineOf(r.window.end)
	}
	return fmt.Errorf("%s: %w", r.name, err)
}

// Next implements grid.Rows.
func (r *Rows) Next(want []grid.Cell, got []string) error {
	for r.at == r.splitter.block.Rows() {
		if bad := r.behind; bad != nil {
			r.place, r.behind = r.behindAt, nil
			return bad
		}
		r.splitter.block.Width = r.splitter.width
		if err := r.split(int(^uint(0) >> 1)); err != nil {
			return err
		}
	}
	b, row := &r.splitter.block, r.at
	r.place = int(b.starts[row])
	r.at++
	for i, c := range want {
		cell := b.Cell(row, c.Column)
		got[i] = unsafe.String(unsafe.SliceData(cell), len(cell)) // good until the window moves on
	}
	return nil
}

// Block steps past some rows and returns them, with so many of their fields, or all if they have no more; they are good until the
// next call. What is wrong with the other fields is found all the same. It returns an error as Next does, and then no rows.
func (r *Rows) Block(fields int) (*Block, error) {
	b := &r.splitter.block
	b.Width = min(max(fields, 1), r.splitter.width)
	if r.behind != nil {
		bad := r.behind
		r.place, r.behind, b.Spans, b.starts = r.behindAt, nil, b.Spans[:0], b.starts[:0]
		return b, bad
	}
	return b, r.split(int(^uint(0) >> 1))
}

// BlockPlace is Place for a row of the last Block.
func (r *Rows) BlockPlace(row int) string {
	r.place = int(r.splitter.block.starts[row])
	return r.Place()
}

// Rewind starts again with the first row.
func (r *Rows) Rewind() error {
	_, err := r.start()
	return err
}

// Place implements grid.Rows.
func (r *Rows) Place() string {
	return fmt.Sprintf("%s, line %d", r.name, r.window.lineOf(r.place))
}

// Modified returns when the file was last changed; zero if it is none, such as a pipe.
func (r *Rows) Modified() time.Time { return r.text.content.Modified }

// Close implements grid.Rows.
func (r *Rows) Close() error { return r.text.content.Close() }
