package file

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/engine/report/spreadsheet"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table"
)

// checkChangesFile returns what is wrong with the setting changes_file.
func (s *source) checkChangesFile() (problems []error) {
	wrong := func(summary, detail string) {
		problems = append(problems, &sdk.SettingError{Path: []string{"changes_file"}, Summary: summary, Detail: detail})
	}
	if s.ChangesFile == "" {
		return nil
	}
	switch strings.ToLower(filepath.Ext(s.ChangesFile)) {
	case ".csv", ".tsv", ".xlsx":
	default:
		wrong("changes are written to .csv, .tsv or .xlsx", "Give the file a name that ends so.")
	}
	return problems // that it is a file of its own, whoever has read the whole configuration knows
}

// entry is a change that is to be in the file, and the row of the export that it is about.
type entry struct {
	change sdk.Change
	row    *exportRow
}

// sheet is the content of a file of changes.
type sheet struct {
	fields []string // that change, in the order in which they came
	lines  []*line
	at     map[string]*line // by SKU and id
}

// line is an item of it.
type line struct {
	id, sku string
	values  map[string]sdk.Value
}

func newSheet() *sheet { return &sheet{at: map[string]*line{}} }

// clone returns a copy that can be changed by itself.
func (s *sheet) clone() *sheet {
	c := newSheet()
	c.fields = slices.Clone(s.fields)
	for _, l := range s.lines {
		for field, v := range l.values {
			c.set(l.id, l.sku, field, v)
		}
	}
	return c
}

func (s *sheet) set(id, sku, field string, v sdk.Value) {
	if !slices.Contains(s.fields, field) {
		s.fields = append(s.fields, field)
	}
	key := id + "\x00" + sku
	l, ok := s.at[key]
	if !ok {
		l = &line{id, sku, map[string]sdk.Value{}}
		s.at[key], s.lines = l, append(s.lines, l)
	}
	l.values[field] = v
}

// has reports whether a change is in the sheet.
func (s *sheet) has(e entry) bool {
	l, ok := s.at[e.row.text("id")+"\x00"+e.row.text("sku")]
	if !ok {
		return false
	}
	v, ok := l.values[e.change.Field]
	return ok && v.Equal(e.change.Desired)
}

// hand puts changes into the file, with those that this process has put there before. why returns why a change is not in it; "" if it is.
func (s *source) hand(ctx context.Context, req sdk.ReadRequest, open []entry) (why func(entry) string) {
	all := func(text string) func(entry) string { return func(entry) string { return text } }
	before := s.changes.made
	if before == nil {
		switch _, err := os.Lstat(s.ChangesFile); {
		case err == nil:
			return s.there(ctx, req, open)
		case !errors.Is(err, fs.ErrNotExist):
			return all(err.Error())
		}
		before = newSheet()
	}
	read, err := s.put(ctx, req, before.with(open))
	if err == nil {
		good := slices.DeleteFunc(slices.Clone(open), func(e entry) bool { return !read.has(e) })
		if len(good) == len(open) {
			return all("")
		}
		if read, err = s.put(ctx, req, before.with(good)); err == nil {
			return func(e entry) string {
				if read.has(e) {
					return ""
				}
				return fmt.Sprintf("%s cannot hold that value as it is meant", s.ChangesFile)
			}
		}
	}
	if s.changes.made != nil && s.changes.made != before { // it was written: as it was
		if _, again := s.put(ctx, req, before); again != nil {
			err = errors.Join(err, fmt.Errorf("and %s must not be imported: remove it: %w", s.ChangesFile, again))
		}
	}
	return all(err.Error())
}

// with returns the sheet with more changes.
func (s *sheet) with(more []entry) *sheet {
	made := s.clone()
	for _, e := range more {
		made.set(e.row.text("id"), e.row.text("sku"), e.change.Field, e.change.Desired)
	}
	return made
}

// put makes the file of changes hold a sheet, and returns what it then says. There is no file of an empty sheet.
func (s *source) put(ctx context.Context, req sdk.ReadRequest, made *sheet) (*sheet, error) {
	if len(made.lines) == 0 {
		if s.changes.made != nil {
			if err := os.Remove(s.ChangesFile); err != nil {
				return nil, err
			}
			s.changes.made = nil
		}
		return made, nil
	}
	if err := s.write(ctx, req, made); err != nil {
		return nil, err
	}
	s.changes.made = made
	return s.readBack(ctx, req, made.fields)
}

// there looks at a file of changes that somebody has made before, and leaves it as it is: it may be still to be imported.
func (s *source) there(ctx context.Context, req sdk.ReadRequest, open []entry) func(entry) string {
	read, err := s.readBack(ctx, req, newSheet().with(open).fields)
	return func(e entry) string {
		if err == nil && read.has(e) {
			return ""
		}
		return fmt.Sprintf("there is a file %s already, without this change. If it was imported, remove it, and apply the plan again", s.ChangesFile)
	}
}

// write writes the file of changes, whole or not at all. Of an item's fields that do not change it has what the export has: an import may take
// an empty cell for a value.
func (s *source) write(ctx context.Context, req sdk.ReadRequest, made *sheet) (err error) {
	names, err := s.ColumnNames(ctx)
	if err != nil {
		return err
	}
	var refs []sdk.Ref
	for _, l := range made.lines {
		refs = append(refs, sdk.Ref{ID: l.id, SKU: l.sku})
	}
	now, err := s.look(ctx, req, refs, made.fields)
	if err != nil {
		return err
	}
	out, err := replace.OpenPlain(s.ChangesFile, 0o600)
	if err != nil {
		return fmt.Errorf("write the changes: %w", err)
	}
	defer func() { err = errors.Join(err, out.Discard()) }()
	fields := append([]string{"sku"}, made.fields...)
	if names["id"] != "" {
		fields = slices.Insert(fields, 1, "id")
	}
	header := make([]string, len(fields))
	for i, field := range fields {
		header[i] = names[field]
	}
	format := s.writeText
	if strings.EqualFold(filepath.Ext(s.ChangesFile), ".xlsx") {
		format = writeBook
	}
	if err := format(out, header, len(made.lines), func(i int, cells []sdk.Value) {
		l := made.lines[i]
		is, _ := now.of(refs[i])
		for at, field := range fields {
			switch field {
			case "sku":
				cells[at] = catalog.StringValue(l.sku)
			case "id":
				cells[at] = catalog.StringValue(l.id)
			default:
				cells[at] = sdk.Value{}
				if v, changes := l.values[field]; changes {
					cells[at] = v
				} else if is != nil {
					cells[at] = is.values[field]
				}
			}
		}
	}); err != nil {
		return err
	}
	return out.Commit()
}

// delimiter is what parts the fields of a file of changes.
func (s *source) delimiter() rune {
	switch {
	case strings.EqualFold(filepath.Ext(s.ChangesFile), ".tsv"):
		return '\t'
	case s.Delimiter != "":
		return []rune(s.Delimiter)[0]
	}
	return ','
}

func (s *source) writeText(w io.Writer, header []string, lines int, fill func(i int, cells []sdk.Value)) error {
	out := csv.NewWriter(w)
	out.Comma = s.delimiter()
	if err := out.Write(header); err != nil {
		return err
	}
	cells, texts := make([]sdk.Value, len(header)), make([]string, len(header))
	for i := range lines {
		fill(i, cells)
		for at, v := range cells {
			switch {
			case v.Type() == catalog.Invalid || v.IsNull():
				texts[at] = ""
			case v.Type() == sdk.Number && s.Decimal == ",":
				texts[at] = strings.Replace(v.Number().String(), ".", ",", 1)
			default:
				texts[at] = v.Text()
			}
		}
		if err := out.Write(texts); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func writeBook(w io.Writer, header []string, lines int, fill func(i int, cells []sdk.Value)) error {
	buffered := bufio.NewWriter(w)
	const text, number = 0, 1
	book := spreadsheet.New(buffered, []spreadsheet.Style{text: {}, number: {Number: true}})
	sheet, err := book.Sheet("Changes", spreadsheet.Layout{Widths: slices.Repeat([]float64{18}, len(header))})
	if err != nil {
		return err
	}
	for _, name := range header {
		sheet.Text(text, name)
	}
	if err := sheet.EndRow(); err != nil {
		return err
	}
	cells := make([]sdk.Value, len(header))
	for i := range lines {
		fill(i, cells)
		for _, v := range cells {
			switch {
			case v.Type() == catalog.Invalid || v.IsNull():
				sheet.Skip()
			case v.Type() == sdk.Number:
				sheet.Number(number, bytes.Clone([]byte(v.Number().String())))
			default:
				sheet.Text(text, v.Text())
			}
		}
		if err := sheet.EndRow(); err != nil {
			return err
		}
	}
	if err := book.Close(); err != nil {
		return err
	}
	return buffered.Flush()
}

// readBack reads what a file of changes says of these fields, as the export is read.
func (s *source) readBack(ctx context.Context, req sdk.ReadRequest, fields []string) (*sheet, error) {
	names, err := s.ColumnNames(ctx)
	if err != nil {
		return nil, err
	}
	settings := table.FileSettings{Decimal: s.Decimal, Encoding: "auto"}
	if !strings.EqualFold(filepath.Ext(s.ChangesFile), ".xlsx") {
		settings.Encoding = "utf-8"
		settings.Delimiter = string(s.delimiter())
	}
	back := &table.Table{Input: table.NewFile(s.ChangesFile, settings), Settings: table.Settings{Columns: map[string]string{}}}
	keys := []string{"sku"}
	if names["id"] != "" {
		keys = append(keys, "id")
	}
	req = req.OnNotice(func(string) {})
	req.Fields = slices.Concat(keys, fields)
	for _, field := range req.Fields {
		back.Settings.Columns[field] = names[field]
	}
	read := newSheet()
	_, err = sdk.ReadAll(ctx, back, req, func(b *catalog.Batch) error {
		defer b.Release()
		for i := range b.Len() {
			id := ""
			if names["id"] != "" {
				id = strings.Clone(b.Value("id", i).Str())
			}
			for _, field := range fields {
				read.set(id, strings.Clone(b.Value("sku", i).Str()), field, own(b.Value(field, i)))
			}
		}
		return nil
	})
	return read, err
}
