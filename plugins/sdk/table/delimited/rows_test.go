package delimited

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk/table/content"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// told is what a reader tells of a text: its rows, quoted, and what is wrong with others, with their lines.
type told struct {
	Header, End string
	Rows        []string
	Across      int    // fields that span lines and hold delimiters, and
	Odd         [2]int // lines of odd characters, of a text that was read to its end
}

func (t *told) bad(line int, bad *grid.BadRow) {
	t.Rows = append(t.Rows, fmt.Sprintf("line %d: fatal %t: %v", line, bad.Fatal, bad))
}

// plainRow is a row as the plain reader found it.
type plainRow struct {
	line   int
	fields []string
	across int  // quoted fields that span lines and hold delimiters
	spans  bool // a field holds a line end
	mark   bool // it begins with a byte order mark
	bare   bool // a carriage return stands in a field that is not quoted
	bad    *grid.BadRow
	ends   bool // without a line end, at the end of the text
}

// plainRows parts a text character by character: what the reader is held against.
func plainRows(text string, delimiter, quote rune) (rows []plainRow) {
	lineOf := func(at int) int { return 1 + strings.Count(text[:at], "\n") }
	lineEnd := func(at int) int { // how long a line end at that place is
		switch rest := text[at:]; {
		case rest == "":
			return 0
		case rest[0] == '\n':
			return 1
		case rest == "\r" || strings.HasPrefix(rest, "\r\n"):
			return len(rest[:min(2, len(rest))])
		}
		return -1
	}
	part := string(delimiter)
	for at := 0; at < len(text); {
		row := plainRow{line: lineOf(at)}
		row.mark = strings.HasPrefix(text[at:], "\ufeff") || strings.HasPrefix(text[at:], string(quote)+"\ufeff")
	fields:
		for {
			if quote != NoQuote && strings.HasPrefix(text[at:], string(quote)) {
				from := at + 1
				for at = from; ; at++ {
					closing := strings.IndexRune(text[at:], quote)
					if closing < 0 {
						row.bad = &grid.BadRow{Fatal: true, Err: errUnclosed}
						return append(rows, row)
					}
					if at += closing; !strings.HasPrefix(text[at+1:], string(quote)) {
						break
					}
					at++
				}
				inner := text[from:at]
				behind := text[at+1:]
				if !strings.HasPrefix(behind, part) && lineEnd(at+1) < 0 {
					next := strings.IndexByte(text[at:], '\n')
					switch {
					case next < 0 || at+next+1 == len(text):
						row.bad = &grid.BadRow{Fatal: true, Err: errUnclosed}
					case lineOf(at) != row.line:
						row.bad = &grid.BadRow{Fatal: true, Err: fmt.Errorf("a quote is opened that is not closed properly up to line %d; write a quote within a quoted field twice", lineOf(at))}
					default:
						row.bad = &grid.BadRow{Err: errors.New("a quote within a quoted field is not written twice")}
					}
					at += next + 1
					break fields
				}
				if strings.Contains(inner, "\n") && strings.Contains(inner, part) {
					row.across++
				}
				inner = strings.ReplaceAll(strings.ReplaceAll(inner, string([]rune{quote, quote}), string(quote)), "\r\n", "\n")
				row.spans = row.spans || strings.Contains(inner, "\n")
				row.fields = append(row.fields, inner)
				at++
			} else {
				end := len(text)
				if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
					end = at + n
				}
				if n := strings.Index(text[at:end], part); n >= 0 {
					end = at + n
				} else if strings.HasSuffix(text[at:end], "\r") {
					end--
				}
				row.bare = row.bare || strings.Contains(text[at:end], "\r")
				row.fields = append(row.fields, text[at:end])
				at = end
			}
			if strings.HasPrefix(text[at:], part) {
				at += len(part)
				continue
			}
			length := lineEnd(at)
			row.ends = length == 0
			at += length
			break
		}
		rows = append(rows, row)
		if row.bad != nil && row.bad.Fatal {
			return rows
		}
	}
	return rows
}

// plainTold is what a text's rows amount to, one after the other, with that many of their fields.
func plainTold(text string, delimiter, quote rune, fields int) (t told) {
	width, needed, across := -1, 0, 0
	var nameless []int
	var names []string
	for _, row := range plainRows(text, delimiter, quote) {
		bad := row.bad
		header := width < 0
		switch {
		case bad != nil:
		case isBlank(row.fields):
			continue
		case row.mark:
			bad = &grid.BadRow{Err: errMark}
		case header && row.bare:
			bad = &grid.BadRow{Fatal: true, Err: errReturns}
		case header && row.ends:
			bad = &grid.BadRow{Fatal: true, Err: errors.New("the file ends within its header: it seems to be cut off; a file without items has a line end behind its header")}
		case header:
			width, names, t.Header = len(row.fields), row.fields, fmt.Sprintf("%q", row.fields)
			for i, name := range row.fields {
				if strings.TrimSpace(name) != "" {
					needed = i + 1
				} else {
					nameless = append(nameless, i)
				}
			}
			continue
		default:
			bad = checkRow(&row, names, needed, nameless)
		}
		switch {
		case header:
			t.Header = fmt.Sprintf("line %d: %v", row.line, bad)
			return t
		case bad != nil:
			t.bad(row.line, bad)
			if bad.Fatal {
				return t
			}
			continue
		}
		across += row.across
		t.Rows = append(t.Rows, fmt.Sprintf("%q", append(row.fields, make([]string, width-len(row.fields))...)[:min(fields, width)]))
	}
	t.End, t.Across, t.Odd = "end", across, [2]int{lineWith(text, "\ufffd"), lineWith(text, "\x1a")}
	return t
}

// lineWith returns the first line of the text that has part in it; 0 if none has.
func lineWith(text, part string) int {
	before, _, found := strings.Cut(text, part)
	if !found {
		return 0
	}
	return 1 + strings.Count(before, "\n")
}

func checkRow(row *plainRow, names []string, needed int, nameless []int) *grid.BadRow {
	width := len(names)
	fields := fmt.Sprintf("%d fields", len(row.fields))
	if len(row.fields) == 1 {
		fields = "1 field"
	}
	bad := &grid.BadRow{Err: fmt.Errorf("%s where the header has %d", fields, width)}
	switch n := len(row.fields); {
	case row.bare:
		return &grid.BadRow{Fatal: true, Err: errReturn}
	case n < width && row.ends:
		return &grid.BadRow{Fatal: true, Err: fmt.Errorf("the file ends in the middle of a row, after %d of %d fields: it seems to be cut off", n, width)}
	case n < needed:
	case n <= width && slices.Equal(row.fields, names[:n]):
		return &grid.BadRow{Err: grid.ErrHeaderAgain}
	case n > width:
		bad.Err = fmt.Errorf("%w; quote fields that contain the delimiter", bad.Err)
	default:
		for _, column := range nameless {
			if column < n && strings.TrimSpace(row.fields[column]) != "" {
				return &grid.BadRow{Err: fmt.Errorf("field %d is %s, and the header has no name there: name the column, or look for a delimiter too many", column+1, grid.Quote(row.fields[column]))}
			}
		}
		return nil
	}
	if row.spans {
		return &grid.BadRow{Fatal: true, Err: fmt.Errorf("%w; one of them spans several lines: look for a quote that is not closed", bad.Err)}
	}
	return bad
}

// ownTold reads a text by our own reader, in a window of that size to begin with; in blocks, so many fields of each row.
func ownTold(t testing.TB, data []byte, delimiter rune, quote byte, size, fields int, blocks bool) (got told) {
	t.Helper()
	c := &content.Content{ReaderAt: bytes.NewReader(data), Size: int64(len(data))}
	r, header, err := Open(t.Context(), "text", c, NewEncodings(encodingUTF8), Form{Delimiter: delimiter, Quote: quote, Window: size}, nil)
	if err != nil {
		if got.Header = strings.Replace(err.Error(), "text, line", "line", 1); strings.Contains(got.Header, "is empty") {
			return told{End: "end"}
		}
		got.Header = strings.TrimSuffix(strings.Replace(got.Header, "the header: ", "", 1), "; "+asTheyStand) // which goes without saying
		return got
	}
	got.Header = fmt.Sprintf("%q", header)
	var want []grid.Cell
	for i := range header {
		want = append(want, grid.Cell{Column: i})
	}
	cells := make([]string, len(want))
	for {
		if blocks {
			var b *Block
			if b, err = r.Block(fields); err == nil {
				for row := range b.Rows() {
					for i := range b.Width {
						cells[i] = string(b.Cell(row, i))
					}
					got.Rows = append(got.Rows, fmt.Sprintf("%q", cells[:b.Width]))
				}
			}
		} else if err = r.Next(want, cells); err == nil {
			got.Rows = append(got.Rows, fmt.Sprintf("%q", cells))
		}
		var bad *grid.BadRow
		switch {
		case err == io.EOF:
			got.End, got.Across, got.Odd = "end", r.splitter.across.count, [2]int{r.window.odd.replaced, r.window.odd.end}
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

// TestLinesBehindLongRow says that a place keeps its line where the header was looked for behind a row that is read later, as it is
// longer than the window.
func TestLinesBehindLongRow(t *testing.T) {
	text := "sku,name\nA,\"" + strings.Repeat("x\n", 100) + "\"\nB,\"c\"d\"\n"
	c := &content.Content{ReaderAt: strings.NewReader(text), Size: int64(len(text))}
	r, _, err := Open(t.Context(), "text", c, NewEncodings(encodingUTF8), Form{Window: 64}, func(header []string) error {
		if len(header) != 2 || header[0] != "sku" {
			return errors.New("not this one")
		}
		return nil
	})
	for err == nil {
		err = r.Next(nil, nil)
	}
	if want := "text, line 103"; r == nil || r.Place() != want {
		t.Errorf("%v, want it at %s", err, want)
	}
}

// TestAcrossLastRow says that a field that spans lines is told of where nothing but plain fields follows up to the end of the text.
func TestAcrossLastRow(t *testing.T) {
	for n := range 64 { // wherever in 64 bytes the text ends
		text := "a,b,c\n\"1,\nx\"," + strings.Repeat("y", 150+n) + ",3\n"
		for _, fields := range []int{1, 3} {
			if got := ownTold(t, []byte(text), ',', '"', windowSize, fields, true); got.Across != 1 || len(got.Rows) != 1 {
				t.Errorf("%d fields of a text of %d bytes: %d rows and %d fields that span lines, want 1 of each", fields, len(text), len(got.Rows), got.Across)
			}
		}
	}
}

// FuzzRows holds the reader of rows, its rows and its blocks, against one that goes character by character, and against
// encoding/csv where that reads a text; whatever the text and however little of it is in memory.
func FuzzRows(f *testing.F) {
	plain := strings.Repeat("12,ab,x\n345,,x\r\n", 25) // enough that what is usual is stepped past at once
	broad := strings.Repeat("12,ab,x,long text of a field,,y,z,\n345,,x,,1,2,3,another text of a field that is rather long\r\n", 5)
	wide := "sku,a,b,c,d,e,f,g\n" + broad
	for _, text := range []string{
		"a,b,c\n" + plain + "1,\"q, \"\"x\"\"\",3\n" + plain + "4,5\"6,7\n" + plain, "a,b,c\n" + plain + ",,\n\n,2,3\n" + plain + " 1,2,3\n\u00a0,4,5\n" + plain,
		"a,b,c\n" + plain + "1,2\n" + plain, "a,b,c\n" + plain + "1,2,3,4\n" + plain, "a,b,c\n" + plain + "a,b,c\n" + plain + "a,x,y\n" + plain,
		"a,b,c\n" + plain + "1,2,3\r4,5,6\n" + plain, "a,b,c\n" + plain + "7,8", "a,b,\n" + plain, "a\n" + strings.Repeat("1\n\n2\n", 70),
		"sku,name\n1,a\n2,b\n", "sku,name\r\n1,a\r\n2,b", "sku,name\n1,\"a\"\"b\"\n\"2\",\"x\r\ny\"\r\n", "sku,name\n1,\"a\n2,b\n",
		"sku,name\n1,a\"b\n2,c\n", "sku,name\n1,\"a\"b\n2,c\n", "sku,name\n1,\"a\nb\"c\n3,d\n", "sku,name,\n1\n2,b\n3,c,d\n4,e,,\n,\n \n\r\n5,f\r",
		"\n\r\nsku\n\"\"\n\"a\"\r", "a,b\n1,\"x\ny\",z\n1,2\n", "a,b\n1,2\n3", "a,b\n1,2\r3,4\r\n\"5\"\r\n6,\"7\"\r", "a\n\"", "a\n\"\n\"\"\n", "",
		"aéb\n1é\"2é\"\n3é\xc3\xa84\n\"5\"\xc3\xa8\n", "a,b\n\"" + strings.Repeat("x,\n\"\"", 40) + "\",2\n", "\u00a0\n\u2003,\na,b\n\u00a0,\u2003\n\u00a0,1\n",
		"sku,name\n402,\"14 Crash,100\n403,Ride 20\",9\n", "sku,name\nM-19,LCD 19\" monitor\n", "a,b\n1,2\n\ufeff3,4\n", "a\n1\r2\r\n", "a,b\r1,2\r",
		"a,,b\n1,,2\n3,x,4\n", "a,b\n'1,\n2',3\n", "a,b\n1,\"x\ry\"\n2,\"x\r\"\r\n3,z\rz\n", "a,b", "a,b\r", "a,b\n1,2\x1a", "a\n1\n\x1a\x1a",
		"a,b\n1,2\na,b\n3,4\n\"a\",b\na,c\n", "a,\n1,\na\n", "é,b\né,b\n", ",b\n1,2\n,b\n", "a,b\n1,\ufffd\n2,\ufffd\n3,\x1a\n\x1a4,5\n\x1a", "a\xef\xbf\xbd,b\n1,2\n",
		"a,b\n\"1,\nx\",\"2,\ny\"\n3,4\n", "a,b\n1,\"" + strings.Repeat("x,\n", 40) + "\"\n\"2,\n\",\"3,\n\"\n",
		"a,b,c\n" + plain + "\"1,\nx\",2,3\n" + plain + plain + "1,\"2,\nx\",3\n" + plain,
		// What is unusual stands behind the fields that are needed.
		wide + "1,2,3,4,\"5\",6,7,8\n" + broad, wide + "1,2,3,4,5,6\"6,7,8\n" + broad, wide + "1,2,3,4,5,6,7\n" + broad, wide + "1,2,3,4,5,6,7,8,9\n" + broad,
		wide + "1,2,3,4,5,6\r6,7,8\n" + broad, wide + "1,2,3,4,5,6,7,8\r8\n" + broad, wide + "1,2,3,4,5,6,7,8\n" + broad + "1,2,3,4,5,6,7", wide + broad + "1,2,3\n",
		wide + "sku,a,b,c,d,e,f,g\n" + broad, wide + "sku,a,b,c,d,e,f,x\n" + broad, wide + "1,2,3,4,5,6,7,\"8\n9\"\n" + broad, wide + "1,2,3,\"4\"\"\",5,6,7,\"8,\n9\"\n" + broad,
		wide + ",,,,,,,\n,2,3,4,5,6,7,8\n" + broad, wide + "1,2,3,4,5,6,7,\"8\"x\n" + broad, wide + "1,\"2\r\",3,4,5,6,7,8\n" + broad,
	} {
		for _, delimiter := range []string{",", ";", "é"} {
			f.Add(text, delimiter, true)
		}
		f.Add(text, ",", false)
	}
	f.Fuzz(func(t *testing.T, text, delimiter string, quoted bool) {
		comma, n := utf8.DecodeRuneInString(delimiter)
		if n == 0 || n != len(delimiter) || comma == utf8.RuneError || comma == 0 || strings.ContainsRune("\"\r\n\x1a", comma) ||
			!utf8.ValidString(text) || strings.Contains(text, "\x00") || strings.HasPrefix(text, "\ufeff") {
			t.Skip("no such file is read")
		}
		quote := byte('"')
		if !quoted {
			quote = NoQuote
		}
		whole := strings.TrimRight(text, "\x1a")
		for _, fields := range []int{1, 2, mostColumns} {
			want := plainTold(whole, comma, rune(quote), fields)
			for _, size := range []int{16, 57, 200, windowSize} {
				for _, blocks := range []bool{false, true} {
					if !blocks && fields < mostColumns {
						continue // rows have all of their fields
					}
					if diff := cmp.Diff(want, ownTold(t, []byte(text), comma, quote, size, fields, blocks)); diff != "" {
						t.Fatalf("%q, parted by %q, window of %d, %d fields, blocks %t (-plain +ours):\n%s", text, comma, size, fields, blocks, diff)
					}
				}
			}
		}
		if quoted {
			standard(t, whole, comma)
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

// standard holds the plain reader against encoding/csv, where that reads the text.
func standard(t *testing.T, text string, delimiter rune) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = delimiter, -1
	records, err := r.ReadAll()
	if err != nil {
		return
	}
	var want, got [][]string
	for _, record := range records {
		if !isBlank(record) {
			want = append(want, record)
		}
	}
	for _, row := range plainRows(text, delimiter, '"') {
		if row.bad != nil {
			t.Fatalf("%q: %v, and encoding/csv reads it", text, row.bad)
		}
		if !isBlank(row.fields) {
			got = append(got, row.fields)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%q, parted by %q (-encoding/csv +plain):\n%s", text, delimiter, diff)
	}
}
