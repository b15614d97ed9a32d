package table

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// csvRows are the rows of a text file with one row a line and fields parted by a delimiter.
type csvRows struct {
	name      string // of the file, for people
	content   *content
	encoding  encoding
	delimiter rune // 0: find it in the header

	buffer  *bufio.Reader
	last    *lastByte
	csv     *csv.Reader
	columns int // in the header
	needed  int // up to the last column that has a name
	line    int
}

// openCSV reads the header. The rows own the content from then on, unless there is an error.
func openCSV(name string, c *content, e encoding, delimiter rune) (*csvRows, []string, error) {
	r := &csvRows{name: name, content: c, encoding: e, delimiter: delimiter}
	header, err := r.start()
	if err != nil {
		return nil, nil, err
	}
	return r, header, nil
}

// start begins at the start of the file and returns the header.
func (r *csvRows) start() ([]string, error) {
	r.last = &lastByte{from: r.encoding.reader(r.content)}
	r.buffer = bufio.NewReaderSize(r.last, 64<<10)
	if r.delimiter == 0 {
		start, err := r.buffer.Peek(r.buffer.Size())
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		r.delimiter = sniffDelimiter(start)
	}
	r.csv = csv.NewReader(r.buffer) // which uses the buffer as it is
	r.csv.Comma, r.csv.FieldsPerRecord, r.csv.ReuseRecord = r.delimiter, -1, true
	for {
		record, err := r.csv.Read()
		if err == io.EOF {
			return nil, fmt.Errorf("%s is empty: there is not even a header", r.name)
		}
		if err != nil {
			err = r.rowError(err)
			return nil, fmt.Errorf("%s: the header: %w", r.Place(), err)
		}
		if r.line, _ = r.csv.FieldPos(0); isBlank(record) {
			continue
		}
		header := append([]string(nil), record...)
		r.columns = len(header)
		for i, name := range header {
			if strings.TrimSpace(name) != "" {
				r.needed = i + 1
			}
		}
		return header, nil
	}
}

// Next implements Rows.
func (r *csvRows) Next(want []Cell, got []string) error {
	for {
		record, err := r.csv.Read()
		if err == io.EOF {
			if err := r.content.unchanged(); err != nil {
				return err
			}
			return io.EOF
		}
		if err != nil {
			return r.rowError(err)
		}
		if r.line, _ = r.csv.FieldPos(0); isBlank(record) {
			continue
		}
		if len(record) < r.needed {
			return r.tooShort(record)
		}
		if len(record) > r.columns && !isBlank(record[r.columns:]) {
			return r.miscounted(record, "; quote fields that contain the delimiter")
		}
		for i, c := range want {
			if c.Column < len(record) {
				got[i] = record[c.Column]
			} else {
				got[i] = ""
			}
		}
		return nil
	}
}

// tooShort is the error about a row with too few fields. The last line of a file that ends without a line end, in the
// middle of a row, is where a copy stopped half-way.
func (r *csvRows) tooShort(record []string) *BadRow {
	if r.atEnd() && r.last.b != '\n' && r.last.b != '\r' {
		return &BadRow{Fatal: true, Err: fmt.Errorf("the file ends in the middle of a row, after %d of %d fields: it seems to be cut off", len(record), r.columns)}
	}
	return r.miscounted(record, "")
}

// miscounted is the error about a row with a wrong number of fields. If one of them spans lines, a quote that should
// not be there may have swallowed other rows, which must not be skipped with this one.
func (r *csvRows) miscounted(record []string, hint string) *BadRow {
	bad := &BadRow{Err: fmt.Errorf("the row has %d fields, the header %d%s", len(record), r.columns, hint)}
	for _, field := range record {
		if strings.Contains(field, "\n") {
			return &BadRow{Fatal: true, Err: fmt.Errorf("%w; one of them spans several lines: look for a quote that is not closed", bad.Err)}
		}
	}
	return bad
}

// rowError turns an error of the CSV reader into a bad row. Where a quote may have swallowed other rows, it is fatal.
func (r *csvRows) rowError(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	r.line = parse.StartLine
	switch {
	case errors.Is(parse.Err, csv.ErrQuote) && r.atEnd():
		return &BadRow{Fatal: true, Err: errors.New("a quote is opened that is not closed properly up to the end of the file")}
	case errors.Is(parse.Err, csv.ErrQuote) && parse.Line != parse.StartLine:
		return &BadRow{Fatal: true, Err: fmt.Errorf("a quote is opened that is not closed properly up to line %d; write a quote within a quoted field twice", parse.Line)}
	case errors.Is(parse.Err, csv.ErrQuote):
		return &BadRow{Err: errors.New("a quote within a quoted field is not written twice")}
	case errors.Is(parse.Err, csv.ErrBareQuote):
		return &BadRow{Err: errors.New("there is a quote within a field that is not quoted; quote the field and write the quote twice")}
	}
	return &BadRow{Fatal: true, Err: parse.Err}
}

func (r *csvRows) atEnd() bool {
	_, err := r.buffer.Peek(1)
	return err != nil
}

// Rewind starts again with the first row.
func (r *csvRows) Rewind() error {
	_, err := r.start()
	return err
}

// Place implements Rows.
func (r *csvRows) Place() string { return fmt.Sprintf("%s, line %d", r.name, r.line) }

// Close implements Rows.
func (r *csvRows) Close() error { return r.content.close() }

// isBlank reports whether a row has nothing in it: an empty line, or the commas that spreadsheets leave for one.
func isBlank(record []string) bool {
	for _, field := range record {
		if strings.TrimSpace(field) != "" {
			return false
		}
	}
	return true
}

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

// lastByte remembers the last byte that was read.
type lastByte struct {
	from io.Reader
	b    byte
}

func (r *lastByte) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if n > 0 {
		r.b = p[n-1]
	}
	return n, err
}
