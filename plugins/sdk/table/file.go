package table

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// FileSettings are the settings that say how to read a file. Connectors embed them.
type FileSettings struct {
	Format    string `setting:"format" values:"csv|tsv|xlsx" doc:"What the file is. Left out, its extension decides: .tsv and .tab, .xlsx and .xlsm, else csv."`
	Delimiter string `setting:"delimiter" doc:"The character between the fields of a csv file. Left out, the one of , ; tab and | with which a row names the needed columns; a first line sep=; says it, too."`
	Quote     string `setting:"quote" default:"\"" doc:"The character around fields of a csv or tsv file that hold delimiters or line ends; within such a field it is written twice. Elsewhere in a field it stands for itself. none: every character stands for itself."`
	Decimal   string `setting:"decimal" default:"." values:".|," doc:"What starts the decimals of numbers in a csv or tsv file. With a comma 1.299,00 is a number, and 1,299.00 is none."`
	HeaderRow *int   `setting:"header_row" doc:"The row with the columns' names, counted from 1: the line of a csv or tsv file, the row of a sheet; what is above it is not read. Left out, the first row that is not blank; if that does not name the needed columns, the only one of the first 20 rows that does."`
	Sheet     string `setting:"sheet" doc:"The sheet of a workbook to read, which may be a hidden one. Left out, the only one to be seen that has the needed columns."`
	Encoding  string `setting:"encoding" default:"auto" values:"auto|utf-8|utf-16|windows-1252" doc:"The encoding of a csv or tsv file. auto: a byte order mark decides; without one the file is UTF-8 if all of it can be, and Windows-1252 if none of its characters beyond ASCII can be."`
}

// The formats of files.
const (
	formatCSV  = "csv"
	formatTSV  = "tsv"
	formatXLSX = "xlsx"
)

// What quote says.
const (
	quoteDefault = `"`
	quoteNone    = "none"
)

// isQuote reports whether a character can be a quote: none that stands in numbers and names.
func isQuote(c byte) bool { return strings.IndexByte("\"'`|~^", c) >= 0 }

// Validate returns a *sdk.SettingError for each mistake that shows without the file. pathSetting is the setting that
// path comes from.
func (s *FileSettings) Validate(path, pathSetting string) []error {
	var problems []error
	problem := func(setting, summary, detail string) {
		problems = append(problems, &sdk.SettingError{Path: []string{setting}, Summary: summary, Detail: detail})
	}
	format, ok := s.format(path)
	if !ok {
		problem(pathSetting, fmt.Sprintf("%s files cannot be read", filepath.Ext(path)), "Save it as XLSX or CSV. If it is one of these under another name, say so with format.")
	}
	if s.Delimiter != "" && format == formatXLSX {
		problem("delimiter", "a workbook has no delimiter", "Leave it out.")
	}
	if r, n := utf8.DecodeRuneInString(s.Delimiter); n != len(s.Delimiter) || n > 0 && (strings.ContainsRune("\"\r\n", r) || r == utf8.RuneError) {
		problem("delimiter", "the delimiter is one character, and no quote or line end", `For a tab write "\t".`)
	}
	if s.HeaderRow != nil && *s.HeaderRow < 1 {
		problem("header_row", "rows are counted from 1", "Leave it out, and the header is looked for.")
	}
	if s.Sheet != "" && format != formatXLSX {
		problem("sheet", "only workbooks have sheets", "Leave it out, or set format to xlsx.")
	}
	if s.Quote != "" && s.Quote != quoteNone && (len(s.Quote) > 1 || s.Quote == s.Delimiter || !isQuote(s.Quote[0])) {
		problem("quote", "the quote is one character of punctuation, and not the delimiter", `Usual are "\"" and "'"; "none" turns quoting off.`)
	}
	if s.Quote != "" && s.Quote != quoteDefault && format == formatXLSX {
		problem("quote", "a workbook has no quotes around its fields", "Leave it out.")
	}
	if s.Decimal == "," && format == formatXLSX {
		problem("decimal", "a workbook's numbers have no decimals that are written in one way or another", "Leave it out.")
	}
	if s.Encoding != encodingAuto && s.Encoding != "" && format == formatXLSX {
		problem("encoding", "a workbook has its own encoding", "Leave it out.")
	}
	return problems
}

// Given returns the names of the settings that are set.
func (s *FileSettings) Given() []string {
	var given []string
	if s.HeaderRow != nil {
		given = append(given, "header_row")
	}
	for _, setting := range []struct{ name, value, def string }{
		{"format", s.Format, ""}, {"delimiter", s.Delimiter, ""}, {"sheet", s.Sheet, ""}, {"encoding", s.Encoding, encodingAuto},
		{"quote", s.Quote, quoteDefault}, {"decimal", s.Decimal, "."},
	} {
		if setting.value != setting.def && setting.value != "" {
			given = append(given, setting.name)
		}
	}
	return given
}

// format returns the format of a file, and false if it is known to be one that cannot be read.
func (s *FileSettings) format(path string) (string, bool) {
	if s.Format != "" {
		return s.Format, true
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".tsv", ".tab":
		return formatTSV, true
	case ".xlsx", ".xlsm", ".xltx", ".xltm":
		return formatXLSX, true
	case ".xls", ".xlsb", ".ods", ".numbers":
		return "", false
	}
	return formatCSV, true
}

// File is a table in a file: an Input.
type File struct {
	settings FileSettings
	opener   opener

	mu       sync.Mutex
	detected encoding // of the file as it was with size and modified
	size     int64
	modified time.Time
}

// NewFile returns the table in the file at path.
func NewFile(path string, s FileSettings) *File {
	if s.Encoding == "" {
		s.Encoding = encodingAuto
	}
	return &File{settings: s, opener: opener{path: path}}
}

// Name implements Input.
func (f *File) Name() string { return fmt.Sprintf("file %q", f.opener.path) }

// Open implements Input.
func (f *File) Open(ctx context.Context, fit Fit) (Rows, []string, error) {
	c, err := f.opener.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	rows, header, err := f.openContent(ctx, c, fit)
	if err != nil {
		_ = c.close()
		return nil, nil, err
	}
	return rows, header, nil
}

func (f *File) openContent(ctx context.Context, c *content, fit Fit) (Rows, []string, error) {
	format, _ := f.settings.format(f.opener.path)
	if format == formatXLSX {
		return openXLSX(ctx, f.Name(), c, f.settings, fit)
	}
	if isZip(c) {
		return nil, nil, fmt.Errorf("%s is no text but a compressed file: if it is a workbook, set format to xlsx", f.Name())
	}
	t := &text{ctx: ctx, content: c, utf16: f.settings.Encoding == encodingUTF16, detect: f.encoding, guess: f.settings.Encoding == encodingAuto}
	return openCSV(f.Name(), t, f.settings.form(format), fit)
}

// form returns how a text file is read, as far as that is said.
func (s *FileSettings) form(format string) csvForm {
	form := csvForm{quote: quoteDefault[0], decimal: '.'}
	if s.Delimiter != "" {
		form.delimiter, _ = utf8.DecodeRuneInString(s.Delimiter)
	}
	if format == formatTSV {
		form.fallback = '\t'
	}
	switch {
	case s.Quote == quoteNone:
		form.quote, form.quoteSet = noQuote, true
	case s.Quote != "" && s.Quote != quoteDefault:
		form.quote, form.quoteSet = s.Quote[0], true
	}
	if s.HeaderRow != nil {
		form.headerRow = *s.HeaderRow
	}
	if s.Decimal != "" {
		form.decimal = s.Decimal[0]
	}
	return form
}

// encoding detects the encoding once for each state of the file.
func (f *File) encoding(ctx context.Context, c *content) (encoding, error) {
	f.mu.Lock()
	known := f.detected
	same := f.size == c.size && f.modified.Equal(c.modified)
	f.mu.Unlock()
	if known.name != "" && same {
		return known, nil
	}
	e, err := detect(ctx, c, f.settings.Encoding)
	if err != nil {
		return e, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.detected, f.size, f.modified = e, c.size, c.modified
	return e, nil
}

func isZip(c *content) bool {
	var head [4]byte
	_, err := c.ReadAt(head[:], 0)
	return err == nil && bytes.Equal(head[:], []byte("PK\x03\x04"))
}

// Facts implements Input: it counts the rows.
func (f *File) Facts(ctx context.Context, fit Fit) ([]sdk.Fact, error) {
	rows, header, err := f.Open(ctx, fit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	count, err := countRows(ctx, rows)
	if err != nil {
		return nil, err
	}
	facts := []sdk.Fact{{Name: "file", Value: f.opener.path}}
	switch r := rows.(type) {
	case *csvRows:
		encoding := "ASCII"
		if r.text.settled.name != "" {
			encoding = r.text.settled.String()
		}
		facts = append(facts, sdk.Fact{Name: "format", Value: fmt.Sprintf("text, fields parted by %q", string(r.delimiter))},
			sdk.Fact{Name: "encoding", Value: encoding}, sdk.Fact{Name: "header", Value: fmt.Sprintf("line %d", r.header)})
	case *xlsxRows:
		facts = append(facts, sdk.Fact{Name: "format", Value: "workbook"}, sdk.Fact{Name: "sheet", Value: r.sheet.Name})
	}
	if text := guessed(rows); text != "" {
		facts = append(facts, sdk.Fact{Name: "read with", Value: text})
	}
	return append(facts, sdk.Fact{Name: "columns", Value: strconv.Itoa(len(header))}, sdk.Fact{Name: "rows", Value: strconv.Itoa(count)}), nil
}

// countRows counts all rows, bad ones included.
func countRows(ctx context.Context, rows Rows) (int, error) {
	for n := 0; ; n++ {
		if n%ctxRows == 0 && ctx.Err() != nil {
			return n, context.Cause(ctx)
		}
		err := rows.Next(nil, nil)
		if err == io.EOF {
			return n, nil
		}
		if bad, ok := errors.AsType[*BadRow](err); ok {
			if bad.Fatal {
				return n, badRowError(rows.Place(), bad)
			}
		} else if err != nil {
			return n, err
		}
	}
}
