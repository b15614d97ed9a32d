package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Kind is what a cell holds.
type Kind byte

// The kinds of cells.
const (
	Empty   Kind = iota
	Text         // Stored is the text
	Number       // Stored is a number as XML writes them
	Bool         // Stored is TRUE or FALSE
	Error        // Stored is the error's name: #N/A
	Unsaved      // a formula whose result is not in the file, or is not to be relied on
)

// Cell is a cell of a row.
type Cell struct {
	Column int // counted from 0
	Kind   Kind

	stored   string
	style    int
	shared   bool // stored holds already; otherwise it comes from the row's texts
	from, to int
	total    bool // it looks like one of a table's totals
}

// Stored is what the cell holds, as it is stored. Line ends in texts are line feeds.
func (c Cell) Stored() string { return c.stored }

// cellError is a mistake in a cell.
type cellError struct {
	at  string
	err error
}

func (e *cellError) Error() string { return fmt.Sprintf("cell %s: %v", e.at, e.err) }
func (e *cellError) Unwrap() error { return e.err }

// content is what a cell was seen to have in it.
type content struct {
	kind           string // the attribute t
	value, formula bool
	inline         bool
}

// readCell reads the cell that was just opened.
func (r *Rows) readCell() error {
	s := r.scan
	c := Cell{from: len(r.texts)}
	if last := len(r.cells) - 1; last >= 0 {
		c.Column = r.cells[last].Column + 1
	}
	wrong := func(format string, args ...any) error {
		return &cellError{ColumnName(c.Column) + strconv.Itoa(r.row), fmt.Errorf(format, args...)}
	}
	var has content
	for i := range s.attrs {
		a := &s.attrs[i]
		if a.space != none {
			continue
		}
		switch string(a.name) {
		case "r":
			at, ok := parsePlace(string(a.value))
			if !ok || at.row != r.row || at.column <= c.Column {
				return wrong("it calls itself %q", a.value)
			}
			c.Column = at.column - 1
		case "s":
			n, err := strconv.Atoi(string(a.value))
			if err != nil || n < 0 || n >= max(1, len(r.book.styles)) {
				return wrong("there is no cell format %q", a.value)
			}
			c.style = n
		case "t":
			has.kind = cellType(a.value)
			if has.kind == "" {
				return wrong("there is no type of cells %q", a.value)
			}
		}
	}
	if c.Column >= mostColumns {
		return wrong("a sheet has no such column")
	}
	if err := r.readContent(&has); err != nil {
		return err
	}
	c.to = len(r.texts)
	if c.to > mostRow {
		return wrong("%w: more than %d bytes in a row", ErrTooLarge, mostRow)
	}
	if err := r.judge(&c, has); err != nil {
		return wrong("%w", err)
	}
	if c.Kind != Empty && len(r.totals) > 0 {
		var within bool
		within, c.total = r.isTotal(place{c.Column + 1, r.row}, has.formula, r.text(c))
		r.data = r.data || within && !c.total
	}
	if c.Kind == Empty {
		c.to = c.from
		c.shared = false
	}
	r.cells = append(r.cells, c)
	return nil
}

// cellType returns the type of a cell, or "" if there is no such.
func cellType(t []byte) string {
	for _, known := range []string{"n", "s", "str", "b", "e", "d", "inlineStr"} {
		if string(t) == known {
			return known
		}
	}
	return ""
}

// readContent reads what is in the cell that was just opened. Its text comes behind the row's texts.
func (r *Rows) readContent(has *content) error {
	s := r.scan
	for {
		k, err := s.next()
		switch {
		case err != nil:
			return err
		case k == closing:
			return nil
		case k == chars && !isSpace(s.text):
			return s.wrong("there is text in a cell outside of its value")
		case k != opening:
			continue
		}
		name := string(s.name)
		switch {
		case s.space != main:
			return s.wrong("<%s> does not belong there", shortened(s.name))
		case name == "v" && !has.value && has.kind != "inlineStr":
			has.value = true
			r.texts, err = s.leaf(r.texts)
		case name == "is" && !has.inline && has.kind == "inlineStr":
			has.inline = true
			r.texts, err = s.richText(r.texts)
		case name == "f" && !has.formula:
			has.formula = true
			err = s.skip()
		case name == "extLst":
			err = s.skip()
		default:
			return s.wrong("<%s> does not belong there", shortened(s.name))
		}
		if err != nil {
			return err
		}
	}
}

// judge decides what the cell is. Its text stands behind those of the cells before it.
func (r *Rows) judge(c *Cell, has content) error {
	if has.formula && (!has.value || r.book.recomputed || has.kind != "str" && len(bytes.TrimSpace(r.texts[c.from:c.to])) == 0) {
		c.Kind, c.to = Unsaved, c.from
		return nil
	}
	switch has.kind {
	case "inlineStr":
		c.Kind = Text
		return nil
	case "str":
		r.texts = unescape(r.texts, c.from)
		c.Kind, c.to = Text, len(r.texts)
		return nil
	}
	value := bytes.TrimSpace(r.texts[c.from:c.to])
	if len(value) == 0 && (has.kind == "" || has.kind == "n") {
		return nil // a cell that only looks like something
	}
	r.texts = append(r.texts[:c.from], value...)
	c.to = len(r.texts)
	switch has.kind {
	case "s":
		n, err := strconv.Atoi(string(value))
		if c.stored, c.shared = r.book.strings.at(n); err != nil || !c.shared {
			return fmt.Errorf("there is no shared string %q, of %d", value, r.book.strings.count())
		}
		c.Kind = Text
	case "b":
		is, err := strconv.ParseBool(string(value))
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", value)
		}
		c.Kind, c.shared, c.stored = Bool, true, strings.ToUpper(strconv.FormatBool(is))
	case "e":
		if len(value) == 0 {
			return errors.New("it has an error without a name")
		}
		c.Kind = Error
	case "d":
		day, ok := parseDay(string(value))
		if !ok {
			return fmt.Errorf("%q is no date", value)
		}
		c.Kind = Text
		if c.style < len(r.book.styles) && !r.book.styles[c.style].plain() && r.book.hasSerial(day) {
			c.Kind, c.shared, c.stored = Number, true, r.book.serial(day) // which its format shows as the others
		}
	default:
		if !isNumber(value) {
			return fmt.Errorf("%q is no number", value)
		}
		c.Kind = Number
	}
	return nil
}

// Format is the format of a cell with a number; nil if that adds nothing to it.
func (r *Rows) Format(c Cell) *Format {
	if c.style >= len(r.book.styles) {
		return nil
	}
	return r.book.styles[c.style].is
}

// IsMoment reports whether a number is shown as a date or a time.
func (r *Rows) IsMoment(c Cell) bool {
	f := r.Format(c)
	if f == nil || c.Kind != Number {
		return false
	}
	v, inRange := floatOf(c.stored)
	if s, _, ok := f.of(v); inRange && ok {
		return s.isMoment()
	}
	return slices.ContainsFunc(f.numbers, func(s section) bool { return s.isMoment() })
}

// Shown is what people see in a cell of the current row: the number by its format, the text with what its format puts
// around it. plain says that the number is to be taken as it is stored: the format adds nothing to it but another way to write
// it, or loses some of it, or is not understood.
func (r *Rows) Shown(c Cell) (text string, plain bool, err error) {
	if c.style >= len(r.book.styles) || c.Kind != Number && c.Kind != Text {
		return c.stored, true, nil
	}
	as := r.book.styles[c.style]
	switch {
	case as.lost:
		return "", false, fmt.Errorf("the workbook does not say what the cell's number format %d is", as.id)
	case as.plain():
		return c.stored, true, nil
	}
	if r.book.formatter == nil {
		if r.book.formatter, err = newFormatter(r.book.date1904); err != nil {
			return "", false, err
		}
	}
	if c.Kind == Text {
		text, err = r.book.formatter.text(as.is, c.stored)
		return text, false, err
	}
	return r.book.formatter.format(as.is, c)
}
