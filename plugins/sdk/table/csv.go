package table

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/content"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/delimited"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

var noSheets = refusal{"only workbooks have sheets", "Leave it out, or set format to xlsx."}

var csvFormat = fileFormat{
	name: "csv", title: "CSV", suffixes: []string{".csv", ".txt"},
	not:    map[string]refusal{"sheet": noSheets},
	reader: func(s FileSettings) fileReader { return newTextReader(s, 0) },
}

var tsvFormat = fileFormat{
	name: "tsv", title: "TSV", suffixes: []string{".tsv", ".tab"},
	not:    map[string]refusal{"sheet": noSheets},
	reader: func(s FileSettings) fileReader { return newTextReader(s, '\t') },
}

// textReader opens a file of delimited text.
type textReader struct {
	form      delimited.Form
	encodings *delimited.Encodings
}

// newTextReader returns a reader for the settings. fallback is the delimiter where neither they nor the file say it; 0: it is
// looked for.
func newTextReader(s FileSettings, fallback rune) *textReader {
	form := delimited.Form{Fallback: fallback}
	if s.Delimiter != "" {
		form.Delimiter, _ = utf8.DecodeRuneInString(s.Delimiter)
	}
	switch {
	case s.Quote == quoteNone:
		form.Quote = delimited.NoQuote
	case s.Quote != "":
		form.Quote = s.Quote[0]
	}
	if s.HeaderRow != nil {
		form.HeaderRow = *s.HeaderRow
	}
	return &textReader{form, delimited.NewEncodings(s.Encoding)}
}

func (t *textReader) open(ctx context.Context, name string, c *content.Content, fit grid.Fit) (grid.Rows, []string, error) {
	if c.BeginsWith("PK\x03\x04") {
		return nil, nil, fmt.Errorf("%s is no text but a compressed file: if it is a workbook, set format to xlsx", name)
	}
	if c.BeginsWith("\xD0\xCF\x11\xE0") {
		return nil, nil, fmt.Errorf("%s is no text but a workbook of old Excel versions, or one with a password: save it as a plain XLSX workbook or as CSV", name)
	}
	rows, header, err := delimited.Open(ctx, name, c, t.encodings, t.form, fit)
	if err != nil {
		return nil, nil, err
	}
	return rows, header, nil
}

func (t *textReader) facts(rows grid.Rows) []sdk.Fact {
	r := rows.(*delimited.Rows)
	return []sdk.Fact{
		{Name: "format", Value: fmt.Sprintf("text, fields parted by %q", string(r.Delimiter()))},
		{Name: "encoding", Value: r.Encoding()},
		{Name: "header", Value: fmt.Sprintf("line %d", r.HeaderLine())},
	}
}
