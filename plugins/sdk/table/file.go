package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/content"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// File is a table in a file: an Input.
type File struct {
	opener  content.Opener
	format  *fileFormat // nil: it cannot be read
	reader  fileReader
	decimal byte // what starts the decimals of numbers

	settings FileSettings
}

// NewFile returns the table in the file at path.
func NewFile(path string, s FileSettings) *File {
	f := &File{opener: content.Opener{Path: path}, format: formatOf(&s, path), decimal: '.', settings: s}
	if f.format == nil {
		return f
	}
	f.reader = f.format.reader(s)
	if _, refused := f.format.not["decimal"]; s.Decimal != "" && !refused {
		f.decimal = s.Decimal[0]
	}
	return f
}

// Name implements Input.
func (f *File) Name() string { return fmt.Sprintf("file %q", f.opener.Path) }

// Needs says what reading the file takes.
func (f *File) Needs() sdk.Needs {
	f.opener.Remember()
	return sdk.Needs{Read: []string{f.opener.Path}}
}

// Open implements Input.
func (f *File) Open(ctx context.Context, fit grid.Fit) (grid.Rows, []string, error) {
	if f.format == nil {
		return nil, nil, fmt.Errorf("%s: %s files cannot be read", f.Name(), filepath.Ext(f.opener.Path))
	}
	c, err := f.opener.Open(ctx)
	if err != nil {
		return nil, nil, err
	}
	rows, header, err := f.reader.open(ctx, f.Name(), c, fit)
	if err != nil {
		_ = c.Close()
		return nil, nil, err
	}
	return rows, header, nil
}

// datedInput is an Input that knows how old its rows are.
type datedInput interface {
	// dated returns when rows of Open were last changed, zero if it is not known, and which file that says of.
	dated(rows grid.Rows) (time.Time, string)
}

// dated implements datedInput. Nobody knows how old it is what came through a pipe.
func (f *File) dated(rows grid.Rows) (time.Time, string) {
	r, ok := rows.(interface{ Modified() time.Time })
	if !ok {
		return time.Time{}, ""
	}
	return r.Modified(), f.opener.Path
}

const (
	lowestHeader = 120     // the last row in which HeaderBelow looks for a header
	mostLookedAt = 4 << 20 // the size of a file from which on it does not look: it opens the file for each row
)

// HeaderBelow returns the first row below those in which Open looks for the header that fits; 0 if none does, the file is large, or the settings name one. It is
// for messages: what stands that far down may be anything, and is not taken for a header.
func (f *File) HeaderBelow(ctx context.Context, fit grid.Fit) int {
	if info, err := os.Stat(f.opener.Path); err != nil || !info.Mode().IsRegular() || info.Size() > mostLookedAt || f.settings.HeaderRow != nil {
		return 0
	}
	settings := f.settings
	for row := grid.HeaderRows + 1; row <= lowestHeader && ctx.Err() == nil; row++ {
		settings.HeaderRow = &row
		rows, names, err := NewFile(f.opener.Path, settings).Open(ctx, fit)
		if err != nil {
			continue // it is blank, or the file has ended
		}
		_ = rows.Close()
		if fit(names) == nil {
			return row
		}
	}
	return 0
}

// decimalMark implements decimalInput.
func (f *File) decimalMark() byte { return f.decimal }

// Facts implements Input: it counts the rows.
func (f *File) Facts(ctx context.Context, fit grid.Fit) ([]sdk.Fact, error) {
	rows, header, err := f.Open(ctx, fit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	count, err := countRows(ctx, rows)
	if err != nil {
		return nil, err
	}
	facts := append([]sdk.Fact{{Name: "file", Value: f.opener.Path}}, f.reader.facts(rows)...)
	if text := guessed(rows); text != "" {
		facts = append(facts, sdk.Fact{Name: "read with", Value: text})
	}
	return append(facts, sdk.Fact{Name: "columns", Value: strconv.Itoa(len(header))}, sdk.Fact{Name: "rows", Value: strconv.Itoa(count)}), nil
}

// countRows counts all rows, bad ones included.
func countRows(ctx context.Context, rows grid.Rows) (int, error) {
	for n := 0; ; n++ {
		if n%ctxRows == 0 && ctx.Err() != nil {
			return n, context.Cause(ctx)
		}
		err := rows.Next(nil, nil)
		if err == io.EOF {
			return n, nil
		}
		if bad, ok := errors.AsType[*grid.BadRow](err); ok {
			if bad.Fatal {
				return n, bad.At(rows.Place())
			}
		} else if err != nil {
			return n, err
		}
	}
}
