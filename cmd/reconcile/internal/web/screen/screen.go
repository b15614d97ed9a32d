// Package screen makes what the Inventory Screen shows out of kept runs: which items a filter, a search and an order leave, the rows of
// the table, the ready-made filters with their counts, and why a cell is what it is. It answers no request and draws nothing: package
// web does, for browsers and for programs alike.
//
//	shelf := screen.NewShelf()
//	run, err := shelf.Open(path)            // the run stays open for the next request; run.Done() when it is looked at no more
//	q := screen.ReadQuery(url.Values)       // what the address says
//	list, err := run.List(q)                // the positions of the items, kept for the next request
//	rows, err := run.Rows(list, from, n)    // what the table has of them
//	run.Groups(q), run.Columns(q)           // the filters, and the heads of the columns
//	run.Why(item)                           // an item with all that is known of it
package screen

import (
	"context"
	"errors"
	"time"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules/explain"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// ErrNoRun means that there is no such run, or none at all yet.
var ErrNoRun = errors.New("there is no such run")

// Shop is what there is to be compared, and the runs that were made. Its methods are called by many goroutines.
type Shop interface {
	// Reconciliations returns all that the configuration has, in its order. If it cannot be read the error says why and where, and those of
	// which there are runs are returned all the same.
	Reconciliations(ctx context.Context) ([]Reconciliation, error)
	// File returns the file of a run of a reconciliation: of its last one if run is "". The error is ErrNoRun if there is none.
	File(ctx context.Context, reconciliation, run string) (Kept, error)
	// Import begins to compare anew. Where that is under way already it goes on, and nothing else begins.
	Import(ctx context.Context, who store.Actor, reconciliation string) error
	// Explain says how each rule came to its cell of an item of a run, as far as the rules are still those that it was made with: of others
	// it says nothing.
	Explain(ctx context.Context, reconciliation string, run *report.Result, it *report.Item) ([]explain.Explanation, error)
}

// Reconciliation is what can be imported, and what became of it so far.
type Reconciliation struct {
	Name, Title string
	Pos, Store  string     // the names of its sources, for people
	Last        *Kept      // its last run; nil if there is none
	Failure     *Failure   // why the last try came to nothing; nil if it did not
	Importing   *Importing // nil: nothing is under way
}

// Kept is a run that was kept.
type Kept struct {
	ID     string
	Path   string // of its file
	MadeAt time.Time
	// Since returns since when the item at a position is as it is; false if that is not known. Nil: it is known of none.
	Since func(position int) (time.Time, bool)
	// SinceOf is Since for the N of one rule, by the rule's place in the run.
	SinceOf func(position, rule int) (time.Time, bool)
	// New are the positions of items with a discrepancy that the run before had not, in ascending order; Before says whether there is such a
	// run.
	New    []int32
	Before bool
}

// Failure is why a run came to nothing.
type Failure struct {
	At   time.Time
	Text string // with the source's own words
}

// Importing is how far a run is that is under way.
type Importing struct {
	Began   time.Time
	Sources []Reading
}

// Reading is how far one source is read.
type Reading struct {
	Source       string
	Items, Total int64 // Total is 0 if it is not known
	Text         string
	Done         bool
}
