// Package workbook reads the sheets of XLSX workbooks, row by row, and takes no end on trust: a sheet is over where its
// XML is, well-formed to the last byte, its checksum is right, and it has the rows that it promised. Whatever is
// damaged is an error with its place, and never a shorter sheet.
//
// It is not for writing workbooks, nor for what a sheet looks like beyond the texts in its cells.
package workbook

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Book is an open workbook. It is for one goroutine.
type Book struct {
	archive *archive
	types   *types
	sheets  []Sheet
	styles  []numberFormat // by the index that cells name
	strings *sharedStrings

	date1904   bool // days are counted from 1904
	recomputed bool // the results of formulas are to be computed anew whenever it is opened
	formatter  *formatter
}

// Sheet is one of a workbook's sheets.
type Sheet struct {
	Name   string
	Hidden bool // people do not see it
	Cells  bool // it has cells: it is no chart or dialog

	part string
}

// Open opens a workbook. The content must not change until its last sheet was read.
func Open(content io.ReaderAt, size int64) (*Book, error) {
	b := &Book{}
	var err error
	if b.archive, err = openArchive(content, size); err != nil {
		return nil, err
	}
	if b.types, err = b.archive.types(); err != nil {
		return nil, err
	}
	root, err := b.archive.relations("")
	if err != nil {
		return nil, err
	}
	name, err := one(root, "officeDocument")
	if err != nil {
		return nil, err
	}
	switch is := b.types.of(name); {
	case name == "":
		return nil, errors.New("it has no workbook in it")
	case !strings.HasSuffix(is, "main+xml"):
		return nil, fmt.Errorf("its part %s is listed as %q, and not as a workbook in XML", name, is)
	}
	related, err := b.archive.relations(name)
	if err != nil {
		return nil, err
	}
	if err := b.readSheets(name, related); err != nil {
		return nil, err
	}
	if err := b.readStyles(related); err != nil {
		return nil, err
	}
	if b.strings, err = b.readStrings(related); err != nil {
		return nil, err
	}
	return b, nil
}

// Sheets returns the sheets in their order.
func (b *Book) Sheets() []Sheet { return slices.Clone(b.sheets) }

// bookParts are what a workbook's main part may have in it.
var bookParts = set("fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences " +
	"definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing fileRecoveryPr webPublishObjects extLst")

func (b *Book) readSheets(part string, related map[string]relation) error {
	err := b.archive.walk(part, main, func(s *scanner, at string) error {
		words := strings.Split(at, "/")
		switch {
		case words[0] != "workbook", len(words) == 2 && !bookParts[words[1]], len(words) == 3 && words[1] == "sheets" && words[2] != "sheet":
			return s.wrong("<%s> does not belong there", at)
		case at == "workbook/workbookPr":
			b.date1904 = truth(s, "date1904")
		case at == "workbook/calcPr":
			b.recomputed = truth(s, "fullCalcOnLoad")
		case at == "workbook/sheets/sheet":
			return b.addSheet(s, related)
		}
		return nil
	})
	if err == nil && len(b.sheets) == 0 {
		err = errors.New("it has no sheets")
	}
	return err
}

func (b *Book) addSheet(s *scanner, related map[string]relation) error {
	name, _ := s.attr("name")
	state, _ := s.attr("state")
	id, _ := s.attrIn(relations, "id")
	r, ok := related[id]
	switch {
	case name == "" || slices.ContainsFunc(b.sheets, func(other Sheet) bool { return strings.EqualFold(other.Name, name) }):
		return s.wrong("a sheet has no name of its own: %q", name)
	case !ok:
		return s.wrong("sheet %q is in no part", name)
	case state != "" && state != "visible" && state != "hidden" && state != "veryHidden":
		return s.wrong("sheet %q is %q", name, state)
	}
	b.sheets = append(b.sheets, Sheet{Name: name, Hidden: state == "hidden" || state == "veryHidden", Cells: r.kind == "worksheet", part: r.target})
	return nil
}

// truth reads an attribute that is true or false.
func truth(s *scanner, name string) bool {
	is, _ := s.attr(name)
	return is == "1" || is == "true"
}

func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}
