package history

import (
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Mark is what is kept of a cell: what it says, and of S and - also why.
type Mark uint8

// The marks. Their numbers stand in files.
const (
	NotThere  Mark = iota // the rule is not about items of that status: there is no cell
	Equal                 // S
	Explained             // S, since another rule explains the difference
	Red                   // N
	Excused               // I
	Unknown               // -, since the rule read a null
	NotAbout              // -, since the rule is not about the item
	marks                 // how many there are
)

var markCells = [marks]verdict.Cell{
	NotThere: verdict.NotThere, Equal: verdict.Synchronized, Explained: verdict.Synchronized, Red: verdict.NotSynchronized,
	Excused: verdict.Intentional, Unknown: verdict.NotApplicable, NotAbout: verdict.NotApplicable,
}

// Cell returns what the cell says.
func (m Mark) Cell() verdict.Cell { return markCells[m] }

// String returns the cell's letter, "" if there is none.
func (m Mark) String() string {
	if m == NotThere {
		return ""
	}
	return m.Cell().String()
}

// marksOf returns the marks of an item with the outcome, which may be nil.
func marksOf(o *report.Outcome, rules int) []Mark {
	list := make([]Mark, rules)
	if o == nil {
		return list
	}
	for i, c := range o.Cells {
		switch c {
		case verdict.Synchronized:
			list[i] = Equal
		case verdict.NotSynchronized:
			list[i] = Red
		case verdict.Intentional:
			list[i] = Excused
		case verdict.NotApplicable:
			list[i] = NotAbout
			if o.IsUnknown(i) {
				list[i] = Unknown
			}
		}
	}
	for _, explained := range o.Explains {
		for _, other := range explained {
			if list[other] == Equal {
				list[other] = Explained
			}
		}
	}
	return list
}

// The bits of an item's byte of status.
const (
	statusBits = 0x07
	classShift = 3
	classBits  = 0x18
	isParent   = 0x20
	isIntended = 0x40
	hasValues  = 0x80
)

// stateOf returns an item's byte of status.
func stateOf(it *report.Item, kept bool) byte {
	state := byte(it.Status)
	class := verdict.Agrees
	if it.Outcome != nil {
		class = it.Outcome.Class
	}
	state |= byte(class) << classShift
	if it.Parent {
		state |= isParent
	}
	if it.Intended() != nil {
		state |= isIntended
	}
	if kept {
		state |= hasValues
	}
	return state
}
