package verdict

// Class is what all rules together say of a matched item. Each item is of one class: the first one that holds.
type Class uint8

// The classes.
const (
	Differs   Class = iota // a cell of severity error or warning is N
	Unchecked              // a rule of severity error read a null
	Excused                // a cell is I
	Agrees                 // none of these: the item is synchronized
)

// Classes are all classes.
var Classes = [...]Class{Differs, Unchecked, Excused, Agrees}

var classNames = [...]string{"not_synchronized", "not_checked", "intentional", "synchronized"}

// String returns the class as reports write it.
func (c Class) String() string { return classNames[c] }

// With returns the class of an item of class c of which one more rule has a say: its severity, its cell, and whether the
// cell is '-' because the rule read a null. A '-' of a rule that is not about the item does not matter.
func (c Class) With(s Severity, cell Cell, unknown bool) Class {
	switch {
	case cell == NotSynchronized && s != Info:
		return Differs
	case unknown && s == Error:
		return min(c, Unchecked)
	case cell == Intentional:
		return min(c, Excused)
	}
	return c
}

// Unknown is why a rule could not be evaluated on an item.
type Unknown struct {
	Side  Side
	Field string // what was null there; "" if it was no field

	Reason string // in words, where Field is "": "division by zero"
}

// String says what was unknown: "store.qoh", or the reason in words.
func (u Unknown) String() string {
	if u.Field == "" {
		return u.Reason
	}
	return u.Side.String() + "." + u.Field
}
