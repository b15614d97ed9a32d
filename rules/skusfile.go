package rules

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// skusColumns are the columns that a skus_file may have; sku is the one that it must have.
var skusColumns = []string{skuColumn: "sku", rulesColumn: "rules", statusColumn: "status", reasonColumn: "reason", ownerColumn: "owner",
	startsColumn: "starts", expiresColumn: "expires", acceptedColumn: "accepted"}

// Places in skusColumns.
const (
	skuColumn = iota
	rulesColumn
	statusColumn
	reasonColumn
	ownerColumn
	startsColumn
	expiresColumn
	acceptedColumn
)

// skusFile reads a block's skus_file: a CSV file with a line for each SKU, so that a shop can keep it in a spreadsheet.
// What a line leaves empty is the block's. Each line becomes an Intentional of its own.
func (l *loader) skusFile(a *hcl.Attribute, attrs hcl.Attributes, block *Intentional) {
	if _, both := attrs["skus"]; both {
		l.Fail(a.NameRange, "SKUs twice", "Give the SKUs either in skus or in skus_file.")
		return
	}
	v, ok := l.Constant(a.Expr, catalog.String, `"skus_file"`)
	if !ok {
		return
	}
	path := v.Str()
	if !filepath.IsAbs(path) {
		path = filepath.Join(l.config.Dir, path)
	}
	l.config.SkusFiles = append(l.config.SkusFiles, path)
	var file io.Reader
	if text, given := l.texts[filepath.Clean(path)]; given {
		file = bytes.NewReader(text)
	} else {
		opened, err := openSkusFile(path, l.stop)
		if err != nil {
			l.Fail(a.Expr.Range(), "SKUs cannot be read", "Cannot open %s: %v.", v.Str(), errors.Unwrap(err))
			return
		}
		defer func() { _ = opened.Close() }()
		file = opened
	}
	r := &skusReader{loader: l, block: block, name: v.Str(), at: a.Expr.Range(), known: map[string]bool{}, codes: map[string][]string{}}
	for _, rule := range l.config.Rules {
		r.known[rule.Code] = true
	}
	r.read(&bounded{from: file, left: MaxSkusFile})
}

// skusReader is the state of reading one skus_file.
type skusReader struct {
	*loader
	block    *Intentional
	name     string // as the configuration writes it
	at       hcl.Range
	known    map[string]bool     // codes
	columns  []int               // where each of skusColumns stands; -1 where it is absent
	codes    map[string][]string // of rules, by how they are written
	mistakes int

	room []Intentional
	skus []string
}

// mistake reports what is wrong with a line; after the first few it only counts.
func (r *skusReader) mistake(line int, format string, args ...any) {
	if r.mistakes++; r.mistakes <= 5 {
		r.Fail(r.at, "SKUs cannot be read", "%s:%d: %s.", r.name, line, fmt.Sprintf(format, args...))
	}
}

func (r *skusReader) read(file *bounded) {
	whole := &ending{Reader: file}
	reader, above, err := openSkus(whole)
	if err != nil {
		r.mistake(1, "%v", err)
		return
	}
	header, err := reader.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		r.mistake(1+above, "%v", err)
		return
	}
	if err != nil {
		r.mistake(1+above, "there is no header; the columns are %s", strings.Join(skusColumns, ", "))
		return
	}
	if text := notText(header); text != "" {
		r.mistake(1+above, "%s", text)
		return
	}
	if twice := columnTwice(header); twice != "" {
		r.mistake(1+above, "there are two columns %s", twice)
		return
	}
	if r.columns = skusHeader(header); r.columns[skuColumn] < 0 {
		r.mistake(1+above, "there is no column sku; the columns are %s", strings.Join(skusColumns, ", "))
		return
	}
	for _, name := range header {
		if near := nearColumn(name); near != "" {
			r.mistake(1+above, "there is no column %q: did you mean %q? Columns of other names are not read", strings.TrimSpace(name), near)
			return
		}
	}
	last := 1 // the line of the record before
	for lines := 0; ; lines++ {
		file.line = reader.InputOffset()
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if lines == maxSkus {
			line, _ := reader.FieldPos(0)
			r.mistake(line+above, "more than %d lines, which no list of SKUs has (max_skus): give a condition in where in their place", maxSkus)
			break
		}
		if isEndOfText(record) {
			continue
		}
		if err != nil {
			line := last + 1
			if place := (*csv.ParseError)(nil); errors.As(err, &place) {
				line, err = place.StartLine, place.Err
			}
			r.mistake(line+above, "%v%s", err, cureOf(err))
			break
		}
		line, _ := reader.FieldPos(0)
		last = line
		if text := notText(record); text != "" {
			r.mistake(line+above, "%s", text)
			continue
		}
		r.line(record, line+above)
	}
	if r.columns[acceptedColumn] >= 0 && whole.last != '\n' {
		r.Fail(r.at, "SKUs cannot be read", "%s ends in the middle of a line: it seems to be cut off, and what is accepted there may not be all. Write it again with reconcile accept, or end its last line if that is whole.", r.name)
	}
	if r.mistakes > 5 {
		r.Fail(r.at, "SKUs cannot be read", "%s has %d more mistakes.", r.name, r.mistakes-5)
	}
}

// skusHeader returns where each column stands; -1 where it is absent.
func skusHeader(header []string) []int {
	columns := make([]int, len(skusColumns))
	for i, name := range skusColumns {
		columns[i] = slices.IndexFunc(header, func(h string) bool { return isColumn(h, name) })
	}
	return columns
}

// columnTwice returns a column that the header has twice, or "".
func columnTwice(header []string) string {
	for _, name := range skusColumns {
		n := 0
		for _, h := range header {
			if isColumn(h, name) {
				n++
			}
		}
		if n > 1 {
			return name
		}
	}
	return ""
}

// isColumn reports whether a cell of the header names a column, whatever white space is around it, no-break spaces too.
func isColumn(cell, name string) bool { return strings.EqualFold(strings.TrimSpace(cell), name) }

// line makes an Intentional of a line.
func (r *skusReader) line(record []string, line int) {
	cell := func(column int) string {
		if at := r.columns[column]; at >= 0 {
			return catalog.NormalText(record[at])
		}
		return ""
	}
	sku := cell(skuColumn)
	if catalog.Blank(sku) {
		r.mistake(line, "the SKU is empty")
		return
	}
	in := r.next()
	in.File, in.Line = r.name, line
	in.SKUs = append(in.SKUs, sku)
	if err := r.about(in, r.split(cell(rulesColumn)), r.split(cell(statusColumn))); err != nil {
		r.mistake(line, "%v", err)
		return
	}
	if reason := strings.TrimSpace(cell(reasonColumn)); reason != "" {
		in.Reason = reason
	}
	if owner := strings.TrimSpace(cell(ownerColumn)); owner != "" {
		in.Owner = owner
	}
	if len(in.Rules)+len(in.Statuses) == 0 || in.Reason == "" {
		r.mistake(line, "neither the line nor the block gives both rules (or a status) and a reason")
		return
	}
	if err := in.dates(strings.TrimSpace(cell(startsColumn)), strings.TrimSpace(cell(expiresColumn))); err != nil {
		r.mistake(line, "%v", err)
		return
	}
	if text := cell(acceptedColumn); text != "" {
		if len(in.Statuses) > 0 {
			r.mistake(line, "column accepted: an item of one side has no values that were compared")
			return
		}
		var err error
		if in.Accepted, err = parseAccepted(text); err != nil {
			r.mistake(line, "column accepted: %v", err)
			return
		}
	}
	r.config.Intentional = append(r.config.Intentional, in)
}

// about sets what a line makes intentional, where it says so itself.
func (r *skusReader) about(in *Intentional, codes, statuses []string) error {
	switch {
	case len(codes) > 0 && len(statuses) > 0:
		return errors.New("a line has either rules or a status")
	case len(codes) > 0:
		in.Rules, in.Statuses = codes, nil
	case len(statuses) > 0:
		in.Rules, in.Statuses = nil, nil
		for _, name := range statuses {
			status, err := StatusNamed(name)
			if err != nil {
				return errors.New(strings.TrimSuffix(err.Error(), "."))
			}
			in.Statuses = append(in.Statuses, status)
		}
	}
	for _, code := range in.Rules {
		if !r.known[code] {
			return fmt.Errorf("there is no rule %q", code)
		}
	}
	return nil
}

// dates sets the dates that a line has.
func (in *Intentional) dates(starts, expires string) (err error) {
	if starts != "" {
		if in.Starts, err = ParseDay(starts, "starts"); err != nil {
			return err
		}
	}
	if expires != "" {
		if in.Expires, err = ParseDay(expires, "expires"); err != nil {
			return err
		}
	}
	return in.checkDates()
}

// next returns room for one more line, with what the block says. Lines come by the thousand, and are made by the hundred.
func (r *skusReader) next() *Intentional {
	if len(r.room) == 0 {
		const some = 256
		r.room, r.skus = make([]Intentional, some), make([]string, some)
	}
	in := &r.room[0]
	*in = *r.block
	in.SKUs = r.skus[0:0:1]
	r.room, r.skus = r.room[1:], r.skus[1:]
	return in
}

// split returns the codes in a cell. Most lines have the same.
func (r *skusReader) split(cell string) []string {
	codes, known := r.codes[cell]
	if !known {
		codes = strings.FieldsFunc(cell, func(c rune) bool { return c == ',' || c == ';' || c == '|' || c == ' ' })
		r.codes[strings.Clone(cell)] = codes
	}
	return codes
}

// skipMark takes away the byte order mark that spreadsheets write.
func skipMark(r io.Reader) io.Reader {
	const mark = "\ufeff"
	start := make([]byte, len(mark))
	n, _ := io.ReadFull(r, start)
	if string(start[:n]) == mark {
		return r
	}
	return io.MultiReader(strings.NewReader(string(start[:n])), r)
}
