// Package verdict holds the words for what is said of items: on which side they are, what became of them in pairing, what
// a rule's cell says, and how much that matters. Rules, pairing, reports and the program all use these, and declare none of
// their own.
package verdict

import "slices"

// Side is one of the two sides of a reconciliation. It is also the index in arrays that have a value for each side.
type Side uint8

// The sides.
const (
	Pos   Side = iota // the master record
	Store             // what is checked against it
)

// Sides are both sides.
var Sides = [...]Side{Pos, Store}

var sideNames = [...]string{"pos", "store"}

// String returns "pos" or "store".
func (s Side) String() string { return sideNames[s] }

// SideNamed returns the side with this name, as String returns it, and whether there is one.
func SideNamed(name string) (Side, bool) {
	at := slices.Index(sideNames[:], name)
	return Side(max(at, 0)), at >= 0
}

// Other returns the other side.
func (s Side) Other() Side { return 1 - s }

// Status is what became of an item in pairing.
type Status uint8

// The statuses.
const (
	Matched    Status = iota // it is on both sides
	PosOnly                  // not linked online
	StoreOnly                // the point of sale does not know it
	Duplicate                // its key occurs more than once on a side
	NoKey                    // its key is empty or null
	Unreadable               // a side has it, and it could not be read there
)

// Statuses are all statuses, in the order in which reports name them.
var Statuses = [...]Status{Matched, PosOnly, StoreOnly, Duplicate, NoKey, Unreadable}

var statusNames = [...]string{"matched", "pos_only", "store_only", "duplicate", "no_key", "unreadable"}

// String returns the status as the configuration and reports write it, for example "pos_only".
func (s Status) String() string { return statusNames[s] }

// Only returns the status of an item that the other side does not have.
func (s Side) Only() Status {
	if s == Store {
		return StoreOnly
	}
	return PosOnly
}

// Cell is what a rule says of an item.
type Cell byte

// The cells.
const (
	Synchronized    Cell = 'S'
	NotSynchronized Cell = 'N'
	Intentional     Cell = 'I'
	NotApplicable   Cell = '-' // the rule read a value that is unknown, or is not about the item
	NotThere        Cell = 0   // the rule is not about such items: there is no cell
)

// Cells are all cells that are shown, in the order in which reports name them.
var Cells = [...]Cell{Synchronized, NotSynchronized, Intentional, NotApplicable}

// String returns the letter.
func (c Cell) String() string {
	switch c { // constants, because reports write many
	case Synchronized:
		return "S"
	case NotSynchronized:
		return "N"
	case Intentional:
		return "I"
	}
	return "-"
}

// Severity says how much a rule's discrepancies matter. Only errors count for the exit status, and an Info is counted against
// nobody.
type Severity uint8

// The severities.
const (
	Error Severity = iota
	Warning
	Info
)

// Severities are all severities.
var Severities = [...]Severity{Error, Warning, Info}

var severityNames = [...]string{"error", "warning", "info"}

// String returns the severity as the configuration writes it.
func (s Severity) String() string { return severityNames[s] }
