package file

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// writable are the fields that a file of changes can have. It holds what is to change, and does not change the platform: that shows a value
// when somebody has had it imported, and has exported anew. Null cannot be set, since an import takes an empty cell for many things.
var writable = func() map[string]sdk.Writable {
	fields := map[string]sdk.Writable{}
	for _, name := range []string{"name", "brand", "price", "sale_price", "cost_price", "retail_price", "qoh", "upc", "bin", "weight", "width", "height", "depth"} {
		fields[name] = sdk.Writable{Late: true, Scale: -1}
	}
	return fields
}()

// Writable implements sdk.Applier.
func (s *source) Writable() map[string]sdk.Writable { return maps.Clone(writable) }

// Settable implements sdk.ApplyDecider: with a file for changes, the fields that have a column of their own.
func (s *source) Settable(ctx context.Context) ([]string, error) {
	if s.ChangesFile == "" {
		return nil, nil
	}
	names, err := s.ColumnNames(ctx)
	if err != nil || names["sku"] == "" {
		return nil, err
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// Fetch implements sdk.Fetcher: it reads the export again, all of it.
func (s *source) Fetch(ctx context.Context, req sdk.FetchRequest, emit func(sdk.Item) error) error {
	rows, err := s.look(ctx, req.ReadRequest, req.Items, req.Fields)
	if err != nil {
		return err
	}
	for _, r := range rows.list {
		it := sdk.Item{}
		for name, v := range r.values {
			it[name] = plain(v)
		}
		if err := emit(it); err != nil {
			return err
		}
	}
	return nil
}

// plain returns a value as items have it.
func plain(v sdk.Value) any {
	switch {
	case v.IsNull():
		return nil
	case v.Type() == sdk.Number:
		return v.Number()
	case v.Type() == sdk.Bool:
		return v.Bool()
	case v.Type() == sdk.List:
		return v.List()
	case v.Type() == sdk.Map:
		m := map[string]string{}
		for _, e := range v.Entries() {
			m[e.Key] = e.Value
		}
		return m
	}
	return v.Str()
}

// exportRow is a row of the export: its values by field, sku and id among them as far as there are any.
type exportRow struct{ values map[string]sdk.Value }

func (r *exportRow) text(field string) string {
	if v, ok := r.values[field]; ok {
		return v.Str()
	}
	return ""
}

// exportRows are rows of the export that were asked for.
type exportRows struct {
	list        []*exportRow
	byID, bySKU map[string][]*exportRow
}

// of returns the row of an item; why says why there is none.
func (r *exportRows) of(ref sdk.Ref) (is *exportRow, why string) {
	found := r.bySKU[ref.SKU]
	if ref.ID != "" && len(r.byID) > 0 {
		found = r.byID[ref.ID]
	}
	switch len(found) {
	case 0:
		return nil, "the export does not have the item any more"
	case 1:
		if sku := found[0].text("sku"); !ref.Is(ref.ID, sku) {
			return nil, fmt.Sprintf("the export has given the item another SKU meanwhile, %q: plan again", sku)
		}
		return found[0], ""
	}
	return nil, fmt.Sprintf("the export has %d rows of that item, and which is meant, an import could not know", len(found))
}

// look reads the export anew, and returns the rows of some items with these fields.
func (s *source) look(ctx context.Context, req sdk.ReadRequest, items []sdk.Ref, fields []string) (*exportRows, error) {
	offered, err := s.Schema(ctx)
	if err != nil {
		return nil, err
	}
	req = req.OnNotice(func(string) {}) // how the file is read was told when the plan was made
	req.Fields = slices.Clone(fields)
	for _, key := range []string{"sku", "id"} {
		known := slices.ContainsFunc(offered, func(f sdk.Field) bool { return f.Name == key })
		if known && !slices.Contains(req.Fields, key) {
			req.Fields = append(req.Fields, key)
		}
	}
	wanted := map[sdk.Ref]bool{}
	for _, ref := range items {
		wanted[sdk.Ref{ID: ref.ID}], wanted[sdk.Ref{SKU: ref.SKU}] = true, true
	}
	delete(wanted, sdk.Ref{})
	found := &exportRows{byID: map[string][]*exportRow{}, bySKU: map[string][]*exportRow{}}
	_, err = sdk.ReadAll(ctx, s.Table, req, func(b *catalog.Batch) error {
		defer b.Release()
		for i := range b.Len() {
			r := &exportRow{map[string]sdk.Value{}}
			for _, name := range req.Fields {
				r.values[name] = own(b.Value(name, i))
			}
			id, sku := r.text("id"), r.text("sku")
			if !wanted[sdk.Ref{ID: id}] && !wanted[sdk.Ref{SKU: sku}] {
				continue
			}
			found.list = append(found.list, r)
			found.bySKU[sku] = append(found.bySKU[sku], r)
			if id != "" {
				found.byID[id] = append(found.byID[id], r)
			}
		}
		return nil
	})
	return found, err
}

// own returns a value that outlives its batch.
func own(v sdk.Value) sdk.Value {
	if v.Type() == sdk.String {
		return catalog.StringValue(strings.Clone(v.Str()))
	}
	return v
}

// fieldsOf returns the fields that changes are about.
func fieldsOf(list []sdk.Change) (fields []string) {
	for _, c := range list {
		if !slices.Contains(fields, c.Field) {
			fields = append(fields, c.Field)
		}
	}
	return fields
}

// Prepare implements sdk.Applier.
func (s *source) Prepare(_ context.Context, req sdk.ApplyRequest, answer func(sdk.Prepared) error) (sdk.Cost, error) {
	for _, c := range req.Changes {
		p := sdk.Prepared{Key: c.Key, Will: c.Desired}
		switch {
		case c.Desired.IsNull():
			p.Problem = "an empty cell of an import can mean several things: take the value away by hand"
		case c.Desired.Type() == sdk.String && strings.TrimSpace(c.Desired.Str()) != c.Desired.Str():
			p.Problem = "it has white space at its ends, which an import may leave out"
		case c.Item.SKU == "":
			p.Problem = "the item has no SKU, by which an import could know it"
		}
		if err := answer(p); err != nil {
			return sdk.Cost{}, err
		}
	}
	return sdk.Cost{}, nil
}

// changes is what this process has written to the file of changes.
type changes struct {
	mu   sync.Mutex
	made *sheet // nil before something was written
}

// Apply implements sdk.Applier. It never changes the export. What it writes, the platform has when somebody has had it imported.
func (s *source) Apply(ctx context.Context, req sdk.ApplyRequest, answer func(sdk.Outcome) error) error {
	s.changes.mu.Lock()
	defer s.changes.mu.Unlock()
	var refs []sdk.Ref
	for _, c := range req.Changes {
		refs = append(refs, c.Item)
	}
	now, err := s.look(ctx, req.ReadRequest, refs, fieldsOf(req.Changes))
	if err != nil {
		return err
	}
	var open []entry
	for _, c := range req.Changes {
		r, why := now.of(c.Item)
		if why != "" {
			if err := answer(sdk.Outcome{Key: c.Key, Kind: sdk.Rejected, Reason: why}); err != nil {
				return err
			}
			continue
		}
		if outcome, done := c.Guard(r.values[c.Field]); done {
			if err := answer(outcome); err != nil {
				return err
			}
			continue
		}
		open = append(open, entry{c, r})
	}
	if len(open) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	why := s.hand(ctx, req.ReadRequest, open)
	for _, e := range open {
		o := sdk.Outcome{Key: e.change.Key, Kind: sdk.Pending, Before: e.row.values[e.change.Field], After: e.row.values[e.change.Field],
			Reason: fmt.Sprintf("it is in %s: have that imported, export anew to %s, and apply the plan again", s.ChangesFile, s.Path)}
		if text := why(e); text != "" {
			o.Kind, o.Reason = sdk.Failed, text
		}
		if err := answer(o); err != nil {
			return err
		}
	}
	return nil
}
