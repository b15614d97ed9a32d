package rules

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// skusHead is how much of a skus_file is looked at to find out how it is written.
const skusHead = 64 << 10

// openSkus returns a reader of a skus_file's lines, its fields parted by the delimiter with which its header has a column
// sku: spreadsheet programs write commas, semicolons or tabs, as the country has it. above is how many lines are above what
// it reads. The error says what the file is instead.
func openSkus(file io.Reader) (reader *csv.Reader, above int, err error) {
	text := bufio.NewReaderSize(skipMark(file), skusHead)
	head, err := text.Peek(skusHead)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return nil, 0, errors.New("the file is UTF-16: save it as CSV in UTF-8")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, 0, errors.New("the file is a workbook: save it as CSV")
	}
	delimiters := []rune{',', ';', '\t', '|'}
	if said, length := saidDelimiter(head); said != 0 {
		_, _ = text.Discard(length) // all of it was peeked at
		head, above, delimiters = head[length:], 1, []rune{said}
	}
	comma := delimiters[0]
	for _, delimiter := range delimiters {
		header := csv.NewReader(bytes.NewReader(head))
		header.Comma = delimiter
		names, err := header.Read()
		if err == nil && skusHeader(names)[skuColumn] >= 0 {
			comma = delimiter
			break
		}
	}
	reader = csv.NewReader(text)
	reader.Comma = comma
	reader.ReuseRecord = true // the texts of a record share memory of their own
	return reader, above, nil
}

// saidDelimiter returns the delimiter that a file names for spreadsheet programs in its first line, sep=; and the line's
// length; 0 if there is no such line.
func saidDelimiter(head []byte) (rune, int) {
	line, _, _ := bytes.Cut(head, []byte{'\n'})
	text := strings.Trim(strings.TrimRight(string(line), "\r"), `"`)
	if len(text) < 5 || !strings.EqualFold(text[:4], "sep=") {
		return 0, 0
	}
	r, n := utf8.DecodeRuneInString(text[4:])
	if n != len(text)-4 || r == utf8.RuneError || r == '"' || r == '\r' {
		return 0, 0
	}
	return r, min(len(line)+1, len(head))
}

// notText says what is wrong with a record's texts, or returns "".
func notText(record []string) string {
	for _, field := range record {
		switch {
		case !utf8.ValidString(field):
			return "it is not valid UTF-8: save the file as CSV in UTF-8"
		case strings.ContainsRune(field, 0):
			return "it has a NUL character, so the file is no text"
		case strings.IndexByte(field, '\r') >= 0: // \r\n is \n by now
			return "a carriage return stands in a field, where a line may have been meant to end: save the file with the line ends of Windows or Unix"
		}
	}
	return ""
}

// isEndOfText reports whether a record is what DOS programs end a file with.
func isEndOfText(record []string) bool {
	return len(record) == 1 && record[0] != "" && strings.Trim(record[0], "\x1a") == ""
}

// nearColumn returns the column that a name in the header is a slip for: without it, lines would be read that say something
// else than is meant. It is "" of columns, and of names that are like none.
func nearColumn(name string) string {
	for _, column := range skusColumns {
		if isColumn(name, column) {
			return ""
		}
	}
	return catalog.Nearest(name, skusColumns)
}

// cureOf says what to do about a line that is not as CSV is.
func cureOf(err error) string {
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		return ": a line has as many fields as the header; a field that holds what parts them stands in quotes"
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		return ": a field that holds a quote stands in quotes, and the quote in it is written twice"
	}
	return ""
}

// ending remembers what was read last.
type ending struct {
	io.Reader
	last byte
}

// Read implements io.Reader.
func (e *ending) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if n > 0 {
		e.last = p[n-1]
	}
	return n, err
}
