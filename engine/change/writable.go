package change

import (
	"fmt"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Writable says how a platform takes the values of a field.
type Writable struct {
	Parent   bool // the field belongs to the item's parent: with one item its siblings change, too
	Nullable bool // it can be set to null, which is: the platform has no value of its own there
	Unique   bool // no two items have the same value
	// Guarded: the platform itself compares with the expected value, so that no foreign write can come between look and write.
	Guarded bool
	// Late: the platform takes it and does it later, so that reading it back may not show it at once.
	Late bool
	// Scale is how many digits behind the point the platform keeps; it rounds what has more. -1: it keeps all.
	Scale    int
	Min, Max *catalog.Decimal // nil: there is no bound
	Length   int              // of a text, in letters; 0: any
}

// Holds returns what the platform holds after it was given a value. problem says why it does not take it; "" if it does.
func (w Writable) Holds(v catalog.Value) (held catalog.Value, problem string) {
	if v.IsNull() {
		if !w.Nullable {
			problem = "the platform always has a value there, and this is none"
		}
		return v, problem
	}
	switch v.Type() {
	case catalog.Number:
		n := v.Number()
		if w.Scale >= 0 {
			n = n.Round(w.Scale)
		}
		switch {
		case w.Min != nil && n.Cmp(*w.Min) < 0:
			return v, fmt.Sprintf("the platform takes nothing below %s, and this is %s", w.Min, n)
		case w.Max != nil && n.Cmp(*w.Max) > 0:
			return v, fmt.Sprintf("the platform takes nothing above %s, and this is %s", w.Max, n)
		}
		return catalog.NumberValue(n), ""
	case catalog.String:
		if n := utf8.RuneCountInString(v.Str()); w.Length > 0 && n > w.Length {
			return v, fmt.Sprintf("the platform takes %d letters, and these are %d", w.Length, n)
		}
	}
	return v, ""
}

// Any returns how a field is taken of which nobody said anything.
func Any() Writable { return Writable{Scale: -1, Nullable: true} }
