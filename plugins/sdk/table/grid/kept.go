package grid

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Kept are rows held in memory, for inputs that cannot be read twice.
type Kept struct {
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

// Keep reads all rows. The result gives the wanted cells only, whatever its Next is asked for. each is called for every
// row; its error ends the reading.
func Keep(from Rows, want []Cell, each func() error) (*Kept, error) {
	k := &Kept{from: from, place: from.Place()}
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

// Next implements Rows.
func (k *Kept) Next(_ []Cell, got []string) error {
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
	k.place = QueryRow(k.at)
	copy(got, k.cells[n])
	return nil
}

// Rewind starts again with the first row.
func (k *Kept) Rewind() error { k.at = 0; return nil }

// Place implements Rows.
func (k *Kept) Place() string { return k.place }

// Close implements Rows. Whoever opened the rows closes them.
func (k *Kept) Close() error { return nil }

// QueryRow names a row of a query, counted from 1.
func QueryRow(n int) string { return fmt.Sprintf("query row %d", n) }
