package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Input is where a table comes from: a file or a query. It is safe for concurrent use.
type Input interface {
	// Name says what is read, for people: file "inventory.csv".
	Name() string
	// Open returns the table's rows and the names of its columns. An error means that there is no such table. The
	// caller closes the rows; ctx holds until then. fit helps to find the table where its place is not given.
	Open(ctx context.Context, fit Fit) (Rows, []string, error)
	// Facts tries whether the table can be read, and returns what people want to know about it.
	Facts(ctx context.Context, fit Fit) ([]sdk.Fact, error)
}

// Fit returns nil for names that can be the header of the table, else what is wrong with them. A nil Fit takes any.
type Fit func(names []string) error

// Rows is a table that is being read, row by row. It is for one goroutine.
type Rows interface {
	// Next steps to the next row and puts the wanted cells into got, which is as long as want. The texts are good
	// until the next call. It returns io.EOF behind the last row, and a *BadRow where a row, or one of the wanted
	// cells, cannot be read; unless that one is Fatal, Next can be called again. Where it names a Column, the other wanted
	// cells are in got as far as they can be read, and those that cannot are "". Any other error ends the reading.
	Next(want []Cell, got []string) error
	// Place says where the row of the last Next stands, for people.
	Place() string
	// Close gives up what the rows hold. It may be called before their end.
	Close() error
}

// rewinder are Rows that can be read once more from the first, which then gives the same rows.
type rewinder interface {
	Rewind() error
}

// Cell says which column's text is wanted and for a field of which type: a spreadsheet holds more than its text shows.
type Cell struct {
	Column int
	Type   sdk.Type
}

// BadRow says why a row cannot be read.
type BadRow struct {
	Column string // the column's name as it stands in the header; "" if the row as a whole is bad
	Err    error
	Fatal  bool // rows behind it may be affected: it must not be skipped
}

// Error returns the reason with the column's name.
func (e *BadRow) Error() string {
	if e.Column == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("column %q: %v", e.Column, e.Err)
}

// Unwrap returns the reason.
func (e *BadRow) Unwrap() error { return e.Err }

// kept are rows held in memory, for inputs that cannot be read twice.
type kept struct {
	from  Rows
	cells [][]string
	bad   []keptBad // in the order of their rows
	at    int       // rows that Next has passed, bad ones included
	place string
}

type keptBad struct {
	at    int
	place string
	err   *BadRow
}

// keep reads all rows. The result gives the wanted cells only, whatever its Next is asked for. each is called for every
// row; its error ends the reading.
func keep(from Rows, want []Cell, each func() error) (*kept, error) {
	k := &kept{from: from, place: from.Place()}
	got := make([]string, len(want))
	for n := 0; ; n++ {
		if err := each(); err != nil {
			return nil, err
		}
		clear(got)
		err := from.Next(want, got)
		if err == io.EOF {
			return k, nil
		}
		if bad, ok := errors.AsType[*BadRow](err); ok && !bad.Fatal {
			k.bad = append(k.bad, keptBad{n, from.Place(), bad})
			err = nil
		}
		if err != nil {
			return nil, err
		}
		cells := slices.Clone(got)
		for i := range cells {
			cells[i] = strings.Clone(cells[i])
		}
		k.cells = append(k.cells, cells)
	}
}

func (k *kept) Next(_ []Cell, got []string) error {
	if k.at == len(k.cells) {
		return io.EOF
	}
	n := k.at
	k.at++
	if i, bad := slices.BinarySearchFunc(k.bad, n, func(b keptBad, n int) int { return b.at - n }); bad {
		k.place = k.bad[i].place
		copy(got, k.cells[n])
		return k.bad[i].err
	}
	k.place = rowPlace(k.at)
	copy(got, k.cells[n])
	return nil
}

func (k *kept) Rewind() error { k.at = 0; return nil }
func (k *kept) Place() string { return k.place }
func (k *kept) Close() error  { return nil } // whoever opened the rows closes them

// rowPlace names a row of a query, counted from 1.
func rowPlace(n int) string { return fmt.Sprintf("query row %d", n) }

// blockRows are Rows of which many can be read at a time.
type blockRows interface {
	Rows
	// Block steps past some rows and returns them; they are good until the next call. It returns an error as Next does,
	// and then no rows.
	Block() (*block, error)
	// BlockPlace is Place for a row of the last Block.
	BlockPlace(row int) string
}
