package table

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// csvRows are the rows of a text file with one row a line and fields parted by a delimiter.
type csvRows struct {
	name      string // of the file, for people
	text      *text
	delimiter rune // 0: find it in the header
	size      int  // of the window, to begin with

	window   *window
	splitter splitter
	hungry   bool    // the window has no other whole row
	at       int     // the row of the block that Next comes to
	behind   *BadRow // what is behind the block's last row
	behindAt int
	place    int // where the row of the last Next starts
}

// openCSV reads the header. The rows own the text from then on, unless there is an error.
func openCSV(name string, t *text, delimiter rune) (*csvRows, []string, error) {
	r := &csvRows{name: name, text: t, delimiter: delimiter, size: windowSize}
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
	if err := r.window.fill(); err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	if r.delimiter == 0 {
		r.delimiter = sniffDelimiter(r.window.buf[:min(r.window.end, 64<<10)])
	}
	r.splitter = splitter{delimiter: utf8.AppendRune(nil, r.delimiter), header: true}
	err := r.split(1)
	if err == io.EOF {
		return nil, fmt.Errorf("%s is empty: there is not even a header", r.name)
	}
	if err != nil {
		return nil, err
	}
	if r.behind != nil {
		r.place = r.behindAt
		return nil, fmt.Errorf("%s: the header: %w", r.Place(), r.behind)
	}
	b := &r.splitter.block
	header := make([]string, len(b.spans))
	for i, s := range b.spans {
		header[i] = string(b.text[s.from:s.to])
		if strings.TrimSpace(header[i]) != "" {
			r.splitter.needed = i + 1
		}
	}
	r.splitter.header, b.width = false, len(header)
	b.spans, b.starts = b.spans[:0], b.starts[:0]
	return header, nil
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

// sniffDelimiter returns the delimiter that occurs most often in the first line that is not blank, quoted text aside.
func sniffDelimiter(start []byte) rune {
	const candidates = ",;\t|" // the first wins among equals
	counts := [len(candidates)]int{}
	quoted, blank := false, true
	for _, b := range start {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case (b == '\n' || b == '\r') && !blank:
			return rune(candidates[most(counts[:])])
		case strings.IndexByte(candidates, b) >= 0:
			counts[strings.IndexByte(candidates, b)]++
		}
		blank = blank && (b == '\n' || b == '\r' || b == ' ')
	}
	return rune(candidates[most(counts[:])])
}

func most(counts []int) int {
	best := 0
	for i, n := range counts {
		if n > counts[best] {
			best = i
		}
	}
	return best
}
