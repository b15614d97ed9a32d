// Package spreadsheet writes workbooks (.xlsx) row by row: what was written is compressed and gone, so that a million rows
// take no more memory than ten, and no file beside the workbook.
//
// It writes what a report needs: texts, numbers and truths, each in one of some styles, a frozen first row with a filter, and
// widths of columns; on paper, which lies across, the first row stands on every page. Nothing that it writes is a formula, whatever a text begins with.
package spreadsheet

import (
	"archive/zip"
	"compress/flate"
	"fmt"
	"io"
	"strings"
)

// Limits of the format.
const (
	MaxRows = 1_048_576 // of a sheet
	maxText = 32_767    // UTF-16 units of a cell
)

// Book is a workbook that is being written. Its sheets are written one after the other.
type Book struct {
	zip    *zip.Writer
	styles []Style
	sheets []*Sheet
	words  map[string]int // texts that stand once in the file, by their places
	table  []string       // the same in their order
}

// New begins a workbook in w. Cells name their style by its place in styles.
func New(w io.Writer, styles []Style) *Book {
	b := &Book{zip: zip.NewWriter(w), styles: styles, words: map[string]int{}}
	var flater *flate.Writer // one for all parts, as there is one at a time
	b.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		if flater != nil {
			flater.Reset(w)
			return flater, nil
		}
		var err error
		flater, err = flate.NewWriter(w, flate.BestSpeed)
		return flater, err
	})
	return b
}

// Sheet ends the sheet before and begins another. The name has at most 31 characters, none of them one of []:*?/\.
func (b *Book) Sheet(name string, o Layout) (*Sheet, error) {
	if err := b.endSheet(); err != nil {
		return nil, err
	}
	s := &Sheet{book: b, name: name, layout: o}
	b.sheets = append(b.sheets, s)
	var err error
	if s.out, err = b.zip.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", len(b.sheets))); err != nil {
		return nil, err
	}
	s.begin()
	return s, s.flush()
}

func (b *Book) endSheet() error {
	if len(b.sheets) == 0 {
		return nil
	}
	last := b.sheets[len(b.sheets)-1]
	last.end()
	return last.flush()
}

// Close ends the last sheet and writes what the workbook says of itself. It does not close the writer below.
func (b *Book) Close() error {
	if err := b.endSheet(); err != nil {
		return err
	}
	for _, part := range []struct{ name, text string }{
		{"xl/sharedStrings.xml", b.sharedStrings()},
		{"xl/styles.xml", styleSheet(b.styles)},
		{"xl/workbook.xml", b.workbook()},
		{"xl/_rels/workbook.xml.rels", b.relations()},
		{"_rels/.rels", xmlHead + `<Relationships xmlns="` + nsPackage + `/relationships">` +
			`<Relationship Id="rId1" Type="` + nsRelations + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"[Content_Types].xml", b.contentTypes()},
	} {
		w, err := b.zip.Create(part.name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, part.text); err != nil {
			return err
		}
	}
	return b.zip.Close()
}

const (
	xmlHead     = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	nsMain      = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	nsRelations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	nsPackage   = "http://schemas.openxmlformats.org/package/2006"
	typePrefix  = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// word returns the place of a text that many cells have.
func (b *Book) word(s string) int {
	at, ok := b.words[s]
	if !ok {
		at = len(b.table)
		b.words[s] = at
		b.table = append(b.table, s)
	}
	return at
}

func (b *Book) sharedStrings() string {
	text := []byte(xmlHead + `<sst xmlns="` + nsMain + `">`)
	for _, s := range b.table {
		text = append(text, "<si>"...)
		text = append(appendText(text, s), "</si>"...)
	}
	return string(text) + "</sst>"
}

func (b *Book) workbook() string {
	var t, names strings.Builder
	t.WriteString(xmlHead + `<workbook xmlns="` + nsMain + `" xmlns:r="` + nsRelations + `"><sheets>`)
	for i, s := range b.sheets {
		fmt.Fprintf(&t, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, attribute(s.name), i+1, i+1)
		if s.layout.Filter {
			quoted := attribute(strings.ReplaceAll(s.name, "'", "''"))
			fmt.Fprintf(&names, `<definedName name="_xlnm._FilterDatabase" localSheetId="%d" hidden="1">'%s'!$A$1:$%s$%d</definedName>`,
				i, quoted, columnName(s.columns()-1), max(s.rows, 1))
			fmt.Fprintf(&names, `<definedName name="_xlnm.Print_Titles" localSheetId="%d">'%s'!$1:$1</definedName>`, i, quoted)
		}
	}
	t.WriteString("</sheets>")
	if names.Len() > 0 {
		t.WriteString("<definedNames>" + names.String() + "</definedNames>")
	}
	return t.String() + "</workbook>"
}

func (b *Book) relations() string {
	var t strings.Builder
	t.WriteString(xmlHead + `<Relationships xmlns="` + nsPackage + `/relationships">`)
	for i := range b.sheets {
		fmt.Fprintf(&t, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, nsRelations, i+1)
	}
	for i, part := range []string{"styles", "sharedStrings"} {
		fmt.Fprintf(&t, `<Relationship Id="rId%d" Type="%s/%s" Target="%s.xml"/>`, len(b.sheets)+1+i, nsRelations, part, part)
	}
	return t.String() + "</Relationships>"
}

func (b *Book) contentTypes() string {
	var t strings.Builder
	t.WriteString(xmlHead + `<Types xmlns="` + nsPackage + `/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>`)
	part := func(name, kind string) {
		fmt.Fprintf(&t, `<Override PartName="/xl/%s.xml" ContentType="%s%s+xml"/>`, name, typePrefix, kind)
	}
	part("workbook", "sheet.main")
	for i := range b.sheets {
		part(fmt.Sprintf("worksheets/sheet%d", i+1), "worksheet")
	}
	part("styles", "styles")
	part("sharedStrings", "sharedStrings")
	return t.String() + "</Types>"
}
