package table

import (
	"context"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/delimited"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// Input is where a table comes from: a file or a query. It is safe for concurrent use.
type Input interface {
	// Name says what is read, for people: file "inventory.csv".
	Name() string
	// Open returns the table's rows and the names of its columns. An error means that there is no such table. The
	// caller closes the rows; ctx holds until then. fit helps to find the table where its place is not given.
	Open(ctx context.Context, fit grid.Fit) (grid.Rows, []string, error)
	// Facts tries whether the table can be read, and returns what people want to know about it.
	Facts(ctx context.Context, fit grid.Fit) ([]sdk.Fact, error)
}

// rewinder are Rows that can be read once more from the first, which then gives the same rows.
type rewinder interface {
	Rewind() error
}

// blockRows are Rows of which many can be read at a time.
type blockRows interface {
	grid.Rows
	// Block steps past some rows and returns them, with that many of their fields at least; they are good until the next call. It
	// returns an error as Next does, and then no rows.
	Block(fields int) (*delimited.Block, error)
	// BlockPlace is Place for a row of the last Block.
	BlockPlace(row int) string
}
