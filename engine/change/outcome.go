package change

import (
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Check returns what is wrong with the outcome of a change, whoever told it: an item that was changed has what it shall have, one that
// is unchanged, too, and a conflict is about another value. holds are the values that may stand for the desired one: what the platform
// makes of it. Values of another type than the field's are wrong, too.
func (o Outcome) Check(c Change, holds ...catalog.Value) error {
	for _, seen := range []catalog.Value{o.Before, o.After} {
		if !fits(seen, c) && seen.Type() != catalog.Invalid {
			return fmt.Errorf("it tells of a %s, and the field %q is a %s", seen.Type(), c.Field, c.Desired.Type())
		}
	}
	wanted := func(v catalog.Value) bool {
		for _, h := range append([]catalog.Value{c.Desired}, holds...) {
			if h.Equal(v) {
				return true
			}
		}
		return false
	}
	switch o.Kind {
	case Applied, Unchanged:
		if o.After.Type() == catalog.Invalid || o.Before.Type() == catalog.Invalid {
			return fmt.Errorf("it is said to be %s, and nobody looked at what the item had before and what it has now", o.Kind)
		}
		if !wanted(o.After) {
			return fmt.Errorf("it is said to be %s, and the item has %s, where it shall have %s", o.Kind, show(o.After), show(c.Desired))
		}
		if o.Kind == Unchanged && !wanted(o.Before) {
			return fmt.Errorf("it is said to be unchanged, and the item had %s before, and %s now", show(o.Before), show(o.After))
		}
	case Conflict:
		if o.Before.Type() != catalog.Invalid && (wanted(o.Before) || o.Before.Equal(c.Expected)) {
			return fmt.Errorf("it is said to be a conflict, and the item had %s, which is the value that is expected or desired", show(o.Before))
		}
	}
	return nil
}

// fits reports whether a value is of the type of a change's field.
func fits(v catalog.Value, c Change) bool { return v.Type() == c.Desired.Type() }

// show writes a value for a message, shortened.
func show(v catalog.Value) string {
	text, err := v.MarshalJSON()
	const most = 80
	if err != nil || len(text) > most {
		return fmt.Sprintf("a %s", v.Type())
	}
	return string(text)
}

// Guard compares what an item has now with what a change expects. If there is nothing to be written, done is true, and the outcome says
// why: the item has the desired value already, or it is a conflict. holds are the values that may stand for the desired one. Text that was
// read in another form than catalog.NormalText is compared in that form.
func (c Change) Guard(now catalog.Value, holds ...catalog.Value) (outcome Outcome, done bool) {
	now = Normal(now)
	for _, h := range append([]catalog.Value{c.Desired}, holds...) {
		if now.Equal(h) {
			return Outcome{Key: c.Key, Kind: Unchanged, Before: now, After: now}, true
		}
	}
	if !now.Equal(c.Expected) {
		return Outcome{Key: c.Key, Kind: Conflict, Before: now, After: now}, true
	}
	return Outcome{}, false
}

// Normal returns a value with all its texts in the form of catalog.NormalText, in which items are read.
func Normal(v catalog.Value) catalog.Value {
	switch {
	case v.IsNull():
	case v.Type() == catalog.String:
		return catalog.StringValue(catalog.NormalText(v.Str()))
	case v.Type() == catalog.List:
		list := make([]string, len(v.List()))
		for i, s := range v.List() {
			list[i] = catalog.NormalText(s)
		}
		return catalog.ListValue(list)
	case v.Type() == catalog.Map:
		entries := make([]catalog.Entry, len(v.Entries()))
		for i, e := range v.Entries() {
			entries[i] = catalog.Entry{Key: catalog.NormalText(e.Key), Value: catalog.NormalText(e.Value)}
		}
		return catalog.MapValue(entries)
	}
	return v
}
