package weborder

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A file of orders' numbers has one a line, or is a CSV file with a column named id, parted by commas, semicolons or tabs. Lines that
// begin with # are comments.

// numbersFile is how such a file reads.
type numbersFile struct {
	rows   *csv.Reader
	column int      // of the numbers
	header []string // nil if it names no columns
}

func newNumbersFile(text string) *numbersFile {
	text = strings.TrimPrefix(text, "\ufeff")
	f := &numbersFile{rows: csv.NewReader(strings.NewReader(text))}
	f.rows.Comment, f.rows.FieldsPerRecord, f.rows.TrimLeadingSpace, f.rows.ReuseRecord = '#', -1, true, true
	first, _, _ := strings.Cut(text, "\n")
	for _, delimiter := range ";\t" {
		if !strings.ContainsRune(first, ',') && strings.ContainsRune(first, delimiter) {
			f.rows.Comma = delimiter
		}
	}
	return f
}

// each calls take for each number, with the line that it is in.
func (f *numbersFile) each(take func(line int, number string) error) error {
	for began := false; ; began = true {
		row, err := f.rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !began {
			if at := slices.IndexFunc(row, func(cell string) bool { return strings.EqualFold(strings.TrimSpace(cell), "id") }); at >= 0 {
				f.column, f.header = at, slices.Clone(row)
				continue
			}
		}
		line, _ := f.rows.FieldPos(0)
		if f.column >= len(row) {
			return fmt.Errorf("line %d has no column id", line)
		}
		if cell := strings.TrimSpace(row[f.column]); cell != "" {
			if err := take(line, cell); err != nil {
				return err
			}
		}
	}
}

// ReadNumbers reads a file of orders' numbers, and calls take for each, with the line that it is in.
func ReadNumbers(text []byte, take func(line int, number string) error) error {
	return newNumbersFile(string(text)).each(take)
}

// AddNumbers returns the text of a file of orders' numbers with those that it lacks added in lines of their own, as the file has its lines;
// added are these. What the file had stays as it was. It fails where the file cannot be read.
func AddNumbers(text []byte, ids []string) (with []byte, added []string, err error) {
	f, has := newNumbersFile(string(text)), map[string]bool{}
	if err := f.each(func(_ int, number string) error {
		has[number] = true
		return nil
	}); err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		if err := CheckNumber(id); err != nil {
			return nil, nil, err
		}
		if !has[id] {
			has[id] = true
			added = append(added, id)
		}
	}
	with = slices.Clone(text)
	if len(added) == 0 {
		return with, nil, nil
	}
	end := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		end = "\r\n"
	}
	if len(with) > 0 && with[len(with)-1] != '\n' {
		with = append(with, end...)
	}
	for _, id := range added {
		with = append(append(with, f.line(id)...), end...)
	}
	return with, added, f.verify(with, has)
}

// line returns the line for a number.
func (f *numbersFile) line(id string) string {
	comma := string(f.rows.Comma)
	return strings.Repeat(comma, f.column) + id + strings.Repeat(comma, max(len(f.header)-f.column-1, 0))
}

// verify reads what was made, as whoever needs the numbers will: a file that ends within quotes, say, would swallow them.
func (f *numbersFile) verify(text []byte, has map[string]bool) error {
	found := map[string]bool{}
	err := ReadNumbers(text, func(_ int, number string) error {
		found[number] = true
		return nil
	})
	if err == nil && len(found) != len(has) {
		err = errors.New("numbers that are added at its end are not found there again")
	}
	return err
}
