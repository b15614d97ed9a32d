package table

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// told is what a reader tells of a text: its rows, quoted, and what is wrong with others, with their lines.
type told struct {
	Header, End string
	Rows        []string
}

func (t *told) bad(line int, bad *BadRow) {
	t.Rows = append(t.Rows, fmt.Sprintf("line %d: fatal %t: %v", line, bad.Fatal, bad))
}

// plainTold reads a text by encoding/csv, a row at a time: what the reader is held against.
func plainTold(data []byte, delimiter rune) (t told) {
	buffer := bufio.NewReaderSize(bytes.NewReader(data), max(4096, len(data)+16)) // which csv uses as it is
	r := csv.NewReader(buffer)
	r.Comma, r.FieldsPerRecord = delimiter, -1
	atEnd := func() bool { _, err := buffer.Peek(1); return err != nil }
	width, needed := -1, 0
	for {
		record, err := r.Read()
		if err == io.EOF {
			t.End = "end"
			return t
		}
		line := 0
		var bad *BadRow
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			line = parse.StartLine
			switch quote := errors.Is(err, csv.ErrQuote); {
			case quote && atEnd():
				bad = &BadRow{Fatal: true, Err: errUnclosed}
			case quote && parse.Line != parse.StartLine:
				bad = &BadRow{Fatal: true, Err: fmt.Errorf("a quote is opened that is not closed properly up to line %d; write a quote within a quoted field twice", parse.Line)}
			case quote:
				bad = &BadRow{Err: errors.New("a quote within a quoted field is not written twice")}
			default:
				bad = &BadRow{Err: errors.New("there is a quote within a field that is not quoted; quote the field and write the quote twice")}
			}
			if width < 0 {
				t.Header = fmt.Sprintf("line %d: %v", line, bad)
				return t
			}
		} else if line, _ = r.FieldPos(0); isBlank(record) {
			continue
		} else if width < 0 {
			width, t.Header = len(record), fmt.Sprintf("%q", record)
			for i, name := range record {
				if strings.TrimSpace(name) != "" {
					needed = i + 1
				}
			}
			continue
		} else {
			bad = checkWidth(record, width, needed, atEnd() && !bytes.HasSuffix(data, []byte("\n")) && !bytes.HasSuffix(data, []byte("\r")))
		}
		if bad != nil {
			t.bad(line, bad)
			if bad.Fatal {
				return t
			}
			continue
		}
		for len(record) < width {
			record = append(record, "")
		}
		t.Rows = append(t.Rows, fmt.Sprintf("%q", record[:width]))
	}
}

func checkWidth(record []string, width, needed int, cut bool) *BadRow {
	bad := &BadRow{Err: fmt.Errorf("the row has %d fields, the header %d", len(record), width)}
	switch {
	case len(record) < needed && cut:
		return &BadRow{Fatal: true, Err: fmt.Errorf("the file ends in the middle of a row, after %d of %d fields: it seems to be cut off", len(record), width)}
	case len(record) < needed:
	case len(record) > width && !isBlank(record[width:]):
		bad.Err = fmt.Errorf("%w; quote fields that contain the delimiter", bad.Err)
	default:
		return nil
	}
	if slices.ContainsFunc(record, func(field string) bool { return strings.Contains(field, "\n") }) {
		return &BadRow{Fatal: true, Err: fmt.Errorf("%w; one of them spans several lines: look for a quote that is not closed", bad.Err)}
	}
	return bad
}

// ownTold reads a text by our own reader, in a window of that size to begin with.
func ownTold(t testing.TB, data []byte, delimiter rune, size int, blocks bool) (got told) {
	t.Helper()
	text := &text{ctx: t.Context(), content: &content{ReaderAt: bytes.NewReader(data), size: int64(len(data))},
		detect: func(ctx context.Context, c *content) (encoding, error) { return detect(ctx, c, encodingUTF8) }}
	r := &csvRows{name: "text", text: text, delimiter: delimiter, size: size}
	header, err := r.start()
	if err != nil {
		if got.Header = strings.Replace(err.Error(), "text, line", "line", 1); strings.Contains(got.Header, "is empty") {
			return told{End: "end"}
		}
		got.Header = strings.Replace(got.Header, "the header: ", "", 1)
		return got
	}
	got.Header = fmt.Sprintf("%q", header)
	var want []Cell
	for i := range header {
		want = append(want, Cell{Column: i})
	}
	cells := make([]string, len(want))
	for {
		if blocks {
			var b *block
			if b, err = r.Block(); err == nil {
				for row := range b.rows() {
					for i := range cells {
						cells[i] = string(b.cell(row, i))
					}
					got.Rows = append(got.Rows, fmt.Sprintf("%q", cells))
				}
			}
		} else if err = r.Next(want, cells); err == nil {
			got.Rows = append(got.Rows, fmt.Sprintf("%q", cells))
		}
		var bad *BadRow
		switch {
		case err == io.EOF:
			got.End = "end"
			return got
		case errors.As(err, &bad):
			got.bad(r.window.lineOf(r.place), bad)
			if bad.Fatal {
				return got
			}
		case err != nil:
			t.Fatal(err)
		}
	}
}

// FuzzRows holds the reader of rows against encoding/csv, whatever the text and however little of it is in memory.
func FuzzRows(f *testing.F) {
	for _, text := range []string{
		"sku,name\n1,a\n2,b\n", "sku,name\r\n1,a\r\n2,b", "sku,name\n1,\"a\"\"b\"\n\"2\",\"x\r\ny\"\r\n", "sku,name\n1,\"a\n2,b\n",
		"sku,name\n1,a\"b\n2,c\n", "sku,name\n1,\"a\"b\n2,c\n", "sku,name\n1,\"a\nb\"c\n3,d\n", "sku,name,\n1\n2,b\n3,c,d\n4,e,,\n,\n \n\r\n5,f\r",
		"\n\r\nsku\n\"\"\n\"a\"\r", "a,b\n1,\"x\ny\",z\n1,2\n", "a,b\n1,2\n3", "a,b\n1,2\r3,4\r\n\"5\"\r\n6,\"7\"\r", "a\n\"", "a\n\"\n\"\"\n", "",
		"aéb\n1é\"2é\"\n3é\xc3\xa84\n\"5\"\xc3\xa8\n", "a,b\n\"" + strings.Repeat("x,\n\"\"", 40) + "\",2\n", "\u00a0\n\u2003,\na,b\n\u00a0,\u2003\n\u00a0,1\n",
	} {
		for _, delimiter := range []string{",", ";", "é"} {
			f.Add(text, delimiter)
		}
	}
	f.Fuzz(func(t *testing.T, text, delimiter string) {
		comma, n := utf8.DecodeRuneInString(delimiter)
		if n == 0 || n != len(delimiter) || comma == utf8.RuneError || comma == 0 || strings.ContainsRune("\"\r\n", comma) ||
			!utf8.ValidString(text) || strings.Contains(text, "\x00") || strings.HasPrefix(text, "\ufeff") {
			t.Skip("no such file is read")
		}
		want := plainTold([]byte(text), comma)
		for _, size := range []int{16, 57, windowSize} {
			for _, blocks := range []bool{false, true} {
				if diff := cmp.Diff(want, ownTold(t, []byte(text), comma, size, blocks)); diff != "" {
					t.Fatalf("%q, parted by %q, window of %d, blocks %t (-encoding/csv +ours):\n%s", text, comma, size, blocks, diff)
				}
			}
		}
	})
}

// isBlank reports whether a row has nothing in it.
func isBlank(record []string) bool {
	for _, field := range record {
		if strings.TrimSpace(field) != "" {
			return false
		}
	}
	return true
}
