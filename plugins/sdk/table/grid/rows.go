// Package grid has the words for a table as it is read: names of columns, and rows of texts, whatever they come from. It knows
// nothing of fields.
package grid

import "github.com/reconcilehq/reconcile/engine/catalog"

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

// Cell says which column's text is wanted and for a field of which type: a spreadsheet holds more than its text shows.
type Cell struct {
	Column  int
	Type    catalog.Type
	Money   bool // the number is an amount: what stands beside it can only be its currency
	Measure bool // the number is a weight or a length: those of a column are of one unit
}

// Guess is something about how a table is to be read that no setting says, and that was found out.
type Guess struct {
	What    string // fields parted by ";"
	Setting string // the setting that says otherwise
}
