package proto

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// FromValue writes a value. Null, and the zero Value, are a message with nothing in it.
func FromValue(v catalog.Value) *sourcev1.Value {
	switch {
	case v.IsNull():
		return &sourcev1.Value{}
	case v.Type() == catalog.String:
		return &sourcev1.Value{Kind: &sourcev1.Value_Text{Text: v.Str()}}
	case v.Type() == catalog.Number:
		return &sourcev1.Value{Kind: &sourcev1.Value_Number{Number: v.Number().String()}}
	case v.Type() == catalog.Bool:
		return &sourcev1.Value{Kind: &sourcev1.Value_Truth{Truth: v.Bool()}}
	case v.Type() == catalog.List:
		return &sourcev1.Value{Kind: &sourcev1.Value_List{List: &sourcev1.ListValue{Elements: v.List()}}}
	case v.Type() == catalog.Map:
		m := &sourcev1.MapValue{}
		for _, e := range v.Entries() {
			m.Entries = append(m.Entries, &sourcev1.MapEntry{Key: e.Key, Value: e.Value})
		}
		return &sourcev1.Value{Kind: &sourcev1.Value_Map{Map: m}}
	}
	return &sourcev1.Value{}
}

// ToValue reads a value of a field of type t. It fails if the value is of another type, and on a number that is none. A message with
// nothing in it is null; for types that have no null it is "" or empty.
func ToValue(m *sourcev1.Value, t catalog.Type) (catalog.Value, error) {
	var v catalog.Value
	switch kind := m.GetKind().(type) {
	case nil:
		return catalog.NullValue(t), nil
	case *sourcev1.Value_Text:
		v = catalog.StringValue(kind.Text)
	case *sourcev1.Value_Number:
		d, err := catalog.ParseDecimal(kind.Number)
		if err != nil {
			return v, fmt.Errorf("a number of which the text is %.40q: %w", kind.Number, err)
		}
		v = catalog.NumberValue(d)
	case *sourcev1.Value_Truth:
		v = catalog.BoolValue(kind.Truth)
	case *sourcev1.Value_List:
		v = catalog.ListValue(kind.List.GetElements())
	case *sourcev1.Value_Map:
		entries, err := toEntries(kind.Map)
		if err != nil {
			return v, err
		}
		v = catalog.MapValue(entries)
	}
	if v.Type() != t {
		return v, fmt.Errorf("it is a %s, and the field is a %s", v.Type(), t)
	}
	return v, nil
}

func toEntries(m *sourcev1.MapValue) ([]catalog.Entry, error) {
	seen := map[string]bool{}
	var entries []catalog.Entry
	for _, e := range m.GetEntries() {
		if seen[e.GetKey()] {
			return nil, fmt.Errorf("a map has the key %.40q twice", e.GetKey())
		}
		seen[e.GetKey()] = true
		entries = append(entries, catalog.Entry{Key: e.GetKey(), Value: e.GetValue()})
	}
	return entries, nil
}

// FromRefs writes names of items.
func FromRefs(refs []change.Ref) []*sourcev1.Ref {
	m := make([]*sourcev1.Ref, len(refs))
	for i, r := range refs {
		m[i] = fromRef(r)
	}
	return m
}

func fromRef(r change.Ref) *sourcev1.Ref { return &sourcev1.Ref{Id: r.ID, Sku: r.SKU} }

// ToRefs reads names of items. It fails on one that names nothing.
func ToRefs(m []*sourcev1.Ref) ([]change.Ref, error) {
	refs := make([]change.Ref, len(m))
	for i, r := range m {
		var err error
		if refs[i], err = toRef(r); err != nil {
			return nil, err
		}
	}
	return refs, nil
}

func toRef(m *sourcev1.Ref) (change.Ref, error) {
	r := change.Ref{ID: m.GetId(), SKU: m.GetSku()}
	if r == (change.Ref{}) {
		return r, errors.New("an item is named neither by its id nor by its SKU")
	}
	return r, nil
}

// FromChange writes a change.
func FromChange(c change.Change) *sourcev1.Change {
	return &sourcev1.Change{Key: c.Key, Item: fromRef(c.Item), Field: c.Field, Expected: FromValue(c.Expected), Desired: FromValue(c.Desired)}
}

// ToChange reads a change. typeOf returns the type of a field that can be set, or an error for any other.
func ToChange(m *sourcev1.Change, typeOf func(field string) (catalog.Type, error)) (c change.Change, err error) {
	c = change.Change{Key: m.GetKey(), Field: m.GetField()}
	if c.Key == "" {
		return c, errors.New("a change has no key")
	}
	if c.Item, err = toRef(m.GetItem()); err != nil {
		return c, fmt.Errorf("change %.80q: %w", c.Key, err)
	}
	t, err := typeOf(c.Field)
	if err == nil {
		c.Expected, err = ToValue(m.GetExpected(), t)
	}
	if err == nil {
		c.Desired, err = ToValue(m.GetDesired(), t)
	}
	if err != nil {
		return c, fmt.Errorf("change %.80q of field %.80q: %w", c.Key, c.Field, err)
	}
	return c, nil
}

// FromPrepared writes what a platform would make of a change.
func FromPrepared(p change.Prepared) *sourcev1.Prepared {
	return &sourcev1.Prepared{Key: p.Key, Will: FromValue(p.Will), Also: FromRefs(p.Also), Problem: p.Problem}
}

// ToPrepared reads what a platform would make of a change of a field of type t. Of one that cannot be made there is no Will.
func ToPrepared(m *sourcev1.Prepared, t catalog.Type) (p change.Prepared, err error) {
	p = change.Prepared{Key: m.GetKey(), Problem: m.GetProblem()}
	if p.Problem == "" {
		if p.Will, err = ToValue(m.GetWill(), t); err != nil {
			return p, fmt.Errorf("the value that the platform will hold: %w", err)
		}
	}
	if p.Also, err = ToRefs(m.GetAlso()); err != nil {
		return p, fmt.Errorf("items that change with it: %w", err)
	}
	return p, nil
}

// FromOutcome writes what became of a change.
func FromOutcome(o change.Outcome) *sourcev1.Outcome {
	return &sourcev1.Outcome{Key: o.Key, Kind: FromKind(o.Kind), Before: fromSeen(o.Before), After: fromSeen(o.After), Reason: o.Reason}
}

// kinds are the words of the protocol for what can become of a change.
var kinds = map[change.Kind]sourcev1.Outcome_Kind{
	change.Applied:   sourcev1.Outcome_APPLIED,
	change.Unchanged: sourcev1.Outcome_UNCHANGED,
	change.Pending:   sourcev1.Outcome_PENDING,
	change.Conflict:  sourcev1.Outcome_CONFLICT,
	change.Rejected:  sourcev1.Outcome_REJECTED,
	change.Failed:    sourcev1.Outcome_FAILED,
	change.Unknown:   sourcev1.Outcome_UNKNOWN,
	change.Skipped:   sourcev1.Outcome_SKIPPED,
}

// FromKind writes what can become of a change.
func FromKind(k change.Kind) sourcev1.Outcome_Kind { return kinds[k] }

// ToKind reads what can become of a change. It fails on what this version does not know.
func ToKind(m sourcev1.Outcome_Kind) (change.Kind, error) {
	for k, told := range kinds {
		if told == m {
			return k, nil
		}
	}
	return 0, fmt.Errorf("an outcome of kind %s", m)
}

// ToOutcome reads what became of a change of a field of type t.
func ToOutcome(m *sourcev1.Outcome, t catalog.Type) (o change.Outcome, err error) {
	o = change.Outcome{Key: m.GetKey(), Reason: m.GetReason()}
	if o.Kind, err = ToKind(m.GetKind()); err != nil {
		return o, err
	}
	if o.Before, err = toSeen(m.GetBefore(), t); err != nil {
		return o, fmt.Errorf("the value before: %w", err)
	}
	if o.After, err = toSeen(m.GetAfter(), t); err != nil {
		return o, fmt.Errorf("the value after: %w", err)
	}
	return o, nil
}

func fromSeen(v catalog.Value) *sourcev1.Seen {
	if v.Type() == catalog.Invalid {
		return nil
	}
	return &sourcev1.Seen{Value: FromValue(v)}
}

func toSeen(m *sourcev1.Seen, t catalog.Type) (catalog.Value, error) {
	if m == nil {
		return catalog.Value{}, nil
	}
	return ToValue(m.GetValue(), t)
}

// FromCost writes the cost of changes that were prepared.
func FromCost(c change.Cost, changes int64) *sourcev1.PrepareDone {
	return &sourcev1.PrepareDone{Changes: changes, Requests: c.Requests, Milliseconds: c.Time.Milliseconds()}
}

// mostCost is how long changes may take, and how many requests, so that a sum of such costs does not overflow.
const mostCost = 10 * 365 * 24 * time.Hour

// ToCost reads the cost of changes. It fails on what nothing can cost.
func ToCost(m *sourcev1.PrepareDone) (change.Cost, error) {
	if n := m.GetRequests(); n < 0 || n > int64(mostCost) {
		return change.Cost{}, fmt.Errorf("%d requests", n)
	}
	if ms := m.GetMilliseconds(); ms < 0 || ms > mostCost.Milliseconds() {
		return change.Cost{}, fmt.Errorf("%d milliseconds", ms)
	}
	return change.Cost{Requests: m.GetRequests(), Time: time.Duration(m.GetMilliseconds()) * time.Millisecond}, nil
}

// FromWritable writes how a platform takes the values of its fields, in the order of their names.
func FromWritable(fields map[string]change.Writable) (list []*sourcev1.Writable) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		w := fields[name]
		m := &sourcev1.Writable{Field: name, Parent: w.Parent, Nullable: w.Nullable, Unique: w.Unique, Guarded: w.Guarded, Late: w.Late,
			Min: bound(w.Min), Max: bound(w.Max), Length: uint32(max(w.Length, 0))}
		if w.Scale >= 0 {
			scale := uint32(w.Scale)
			m.Scale = &scale
		}
		list = append(list, m)
	}
	return list
}

func bound(d *catalog.Decimal) string {
	if d == nil {
		return ""
	}
	return d.String()
}

// mostScale is the most digits behind the point that a platform can be said to keep; no number has more.
const mostScale = 1000

// ToWritable reads how a platform takes the values of its fields. It fails on a field that is there twice, on bounds that are no
// numbers or leave nothing between them, and on a scale that no number has.
func ToWritable(list []*sourcev1.Writable) (map[string]change.Writable, error) {
	fields := make(map[string]change.Writable, len(list))
	for _, m := range list {
		name := m.GetField()
		if _, twice := fields[name]; twice || name == "" {
			return nil, fmt.Errorf("the field %.80q can be set, it says, and says so twice, or names none", name)
		}
		w := change.Writable{Parent: m.GetParent(), Nullable: m.GetNullable(), Unique: m.GetUnique(), Guarded: m.GetGuarded(), Late: m.GetLate(),
			Scale: -1, Length: int(min(m.GetLength(), 1<<30))}
		if m.Scale != nil {
			if w.Scale = int(min(m.GetScale(), mostScale+1)); w.Scale > mostScale {
				return nil, fmt.Errorf("field %.80q: a scale of %d digits", name, m.GetScale())
			}
		}
		var err error
		if w.Min, err = toBound(m.GetMin()); err == nil {
			w.Max, err = toBound(m.GetMax())
		}
		if err == nil && w.Min != nil && w.Max != nil && w.Min.Cmp(*w.Max) > 0 {
			err = fmt.Errorf("its least value %s is greater than its greatest, %s", w.Min, w.Max)
		}
		if err != nil {
			return nil, fmt.Errorf("field %.80q: %w", name, err)
		}
		fields[name] = w
	}
	return fields, nil
}

func toBound(text string) (*catalog.Decimal, error) {
	if text == "" {
		return nil, nil
	}
	d, err := catalog.ParseDecimal(text)
	if err != nil {
		return nil, fmt.Errorf("the bound %.40q: %w", text, err)
	}
	return &d, nil
}
