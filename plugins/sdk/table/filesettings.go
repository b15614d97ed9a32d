package table

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// FileSettings are the settings that say how to read a file. Connectors embed them.
type FileSettings struct {
	Format    Format `setting:"format"`
	Delimiter string `setting:"delimiter" doc:"The character between the fields of a csv file. Left out, the one of , ; tab and | with which a row names the needed columns; a first line sep=; says it, too."`
	Quote     string `setting:"quote" doc:"The character around fields of a csv or tsv file that hold delimiters or line ends, a double quote if it is left out; within such a field it is written twice. Elsewhere in a field it stands for itself. none: every character stands for itself."`
	Decimal   string `setting:"decimal" default:"." values:".|," doc:"What starts the decimals of numbers that are written as texts, in a workbook, too, whose cells that hold numbers need none. With a comma 1.299,00 is a number, and 1,299.00 is none."`
	HeaderRow *int   `setting:"header_row" doc:"The row with the columns' names, counted from 1: the line of a csv or tsv file, the row of a sheet; what is above it is not read. Left out, the first row that is not blank; if that does not name the needed columns, the only one of the first 20 rows that does."`
	Sheet     string `setting:"sheet" doc:"The sheet of a workbook to read, which may be a hidden one. Left out, the only one to be seen that has the needed columns."`
	Encoding  string `setting:"encoding" default:"auto" values:"auto|utf-8|utf-16|windows-1252" doc:"The encoding of a csv or tsv file. auto: a byte order mark decides; without one the file is UTF-8 if all of it can be, and Windows-1252 if none of its characters beyond ASCII can be."`
}

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
	format := formatOf(s, path)
	if format == nil {
		problem(pathSetting, fmt.Sprintf("%s files cannot be read", filepath.Ext(path)), "Save it as XLSX or CSV. If it is one of these under another name, say so with format.")
	}
	if r, n := utf8.DecodeRuneInString(s.Delimiter); n != len(s.Delimiter) || n > 0 && (strings.ContainsRune("\"\r\n", r) || r == utf8.RuneError) {
		problem("delimiter", "the delimiter is one character, and no quote or line end", `For a tab write "\t".`)
	}
	if s.HeaderRow != nil && *s.HeaderRow < 1 {
		problem("header_row", "rows are counted from 1", "Leave it out, and the header is looked for.")
	}
	if s.Quote != "" && s.Quote != quoteNone && (len(s.Quote) > 1 || s.Quote == s.Delimiter || !isQuote(s.Quote[0])) {
		problem("quote", "the quote is one character of punctuation, and not the delimiter", `Usual are "\"" and "'"; "none" turns quoting off.`)
	}
	if format != nil {
		for _, setting := range s.Given() {
			if refused, ok := format.not[setting]; ok {
				problem(setting, refused.why, refused.instead)
			}
		}
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
		{"format", string(s.Format), ""}, {"delimiter", s.Delimiter, ""}, {"sheet", s.Sheet, ""}, {"encoding", s.Encoding, "auto"},
		{"quote", s.Quote, quoteDefault}, {"decimal", s.Decimal, "."},
	} {
		if setting.value != setting.def && setting.value != "" {
			given = append(given, setting.name)
		}
	}
	return given
}
