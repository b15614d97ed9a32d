package plan

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/strict"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// Held is a value of an item as it was when the plan was made.
type Held struct {
	Side  verdict.Side
	Field string
	Value catalog.Value
}

// task says of which item something is to be done, and what both sides have of the fields that it is about. A field that both have alike is
// left out, unless all are.
func (p *planner) task(it *report.Item, t Task, about []expr.Ref) Task {
	t.SKU, t.Name = it.SKU(), it.Name()
	if sku, ok := it.SKUOn(verdict.Store); ok && p.ID != nil {
		t.ID = p.ID(strings.Clone(sku))
	}
	for _, ref := range about {
		if v := it.Row(ref.Side).Value(ref.Field); v.Type() != catalog.Invalid { // there is such an item, and its source has such a field
			t.Held = append(t.Held, Held{ref.Side, ref.Field, v})
		}
	}
	alike := func(h Held) bool {
		return slices.ContainsFunc(t.Held, func(o Held) bool { return o.Side != h.Side && o.Field == h.Field && o.Value.Equal(h.Value) })
	}
	if slices.ContainsFunc(t.Held, func(h Held) bool { return !alike(h) }) {
		t.Held = slices.DeleteFunc(slices.Clone(t.Held), alike)
	}
	return t
}

// About says which values the task is about, each as value writes it: "qoh (POS -2)". It is "" if that is not known.
func (t *Task) About(value func(catalog.Value) string) string {
	var fields, said []string
	for _, h := range t.Held {
		at := slices.Index(fields, h.Field)
		if at < 0 {
			at = len(fields)
			fields, said = append(fields, h.Field), append(said, "")
		} else {
			said[at] += ", "
		}
		said[at] += [...]string{verdict.Pos: "POS ", verdict.Store: "store "}[h.Side] + value(h.Value)
	}
	for i, field := range fields {
		said[i] = field + " (" + said[i] + ")"
	}
	return strings.Join(said, "; ")
}

// writtenHeld is a value as a plan's file has it.
type writtenHeld struct {
	Side  string          `json:"side"`
	Field string          `json:"field"`
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"` // JSON of that type
}

// MarshalJSON implements json.Marshaler.
func (h Held) MarshalJSON() ([]byte, error) {
	text, err := h.Value.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return plainJSON(writtenHeld{h.Side.String(), h.Field, h.Value.Type().String(), text})
}

// UnmarshalJSON implements json.Unmarshaler.
func (h *Held) UnmarshalJSON(text []byte) error {
	var w writtenHeld
	if err := strict.Decode(text, &w); err != nil {
		return err
	}
	of, err := catalog.ParseType(w.Type)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(verdict.Sides[:], func(s verdict.Side) bool { return s.String() == w.Side })
	if err := known(at, "side", []byte(w.Side)); err != nil {
		return err
	}
	*h = Held{Side: verdict.Side(at), Field: w.Field}
	h.Value, err = change.ParseValue(of, w.Value)
	return err
}
