package proto

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

func anyValue(of catalog.Type) *rapid.Generator[catalog.Value] {
	return rapid.Custom(func(t *rapid.T) catalog.Value {
		switch of {
		case catalog.Number:
			if rapid.Bool().Draw(t, "null") {
				return catalog.NullValue(of)
			}
			d, err := catalog.ParseDecimal(rapid.StringMatching(`-?[0-9]{1,40}(\.[0-9]{1,30})?`).Draw(t, "number"))
			if err != nil {
				t.Fatal(err)
			}
			return catalog.NumberValue(d)
		case catalog.Bool:
			if rapid.Bool().Draw(t, "null") {
				return catalog.NullValue(of)
			}
			return catalog.BoolValue(rapid.Bool().Draw(t, "truth"))
		case catalog.List:
			return catalog.ListValue(rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "list"))
		case catalog.Map:
			var entries []catalog.Entry
			for key, value := range rapid.MapOfN(rapid.String(), rapid.String(), 0, 4).Draw(t, "map") {
				entries = append(entries, catalog.Entry{Key: key, Value: value})
			}
			return catalog.MapValue(entries)
		}
		return catalog.StringValue(rapid.String().Draw(t, "text"))
	})
}

// sent is a message as the other side gets it.
func sent[M proto.Message](t *rapid.T, m, empty M) M {
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := proto.Unmarshal(data, empty); err != nil {
		t.Fatal(err)
	}
	return empty
}

// TestChangesArrive sends changes and what is said of them: all of it arrives as it was.
func TestChangesArrive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.SampledFrom([]catalog.Type{catalog.String, catalog.Number, catalog.Bool, catalog.List, catalog.Map}).Draw(t, "type")
		value := anyValue(of)
		seen := func(name string) catalog.Value {
			if rapid.Bool().Draw(t, name+" was seen") {
				return value.Draw(t, name)
			}
			return catalog.Value{}
		}
		refs := rapid.Custom(func(t *rapid.T) change.Ref {
			return change.Ref{ID: rapid.String().Draw(t, "id"), SKU: "x" + rapid.String().Draw(t, "sku")}
		})
		same := cmp.Comparer(func(a, b catalog.Value) bool { return a.Equal(b) })

		c := change.Change{Key: "k" + rapid.String().Draw(t, "key"), Item: refs.Draw(t, "item"), Field: rapid.String().Draw(t, "field"),
			Expected: value.Draw(t, "expected"), Desired: value.Draw(t, "desired")}
		gotChange, err := ToChange(sent(t, FromChange(c), &sourcev1.Change{}), func(string) (catalog.Type, error) { return of, nil })
		if diff := cmp.Diff(c, gotChange, same); err != nil || diff != "" {
			t.Fatal(err, diff)
		}

		p := change.Prepared{Key: c.Key, Will: value.Draw(t, "will"), Also: rapid.SliceOfN(refs, 0, 3).Draw(t, "also")}
		if rapid.Bool().Draw(t, "with a problem") {
			p.Problem, p.Will = "no", catalog.Value{}
		}
		gotPrepared, err := ToPrepared(sent(t, FromPrepared(p), &sourcev1.Prepared{}), of)
		if diff := cmp.Diff(p, gotPrepared, same); err != nil || diff != "" {
			t.Fatal(err, diff)
		}

		o := change.Outcome{Key: c.Key, Kind: rapid.SampledFrom(change.Kinds()).Draw(t, "kind"), Before: seen("before"), After: seen("after"), Reason: rapid.String().Draw(t, "reason")}
		gotOutcome, err := ToOutcome(sent(t, FromOutcome(o), &sourcev1.Outcome{}), of)
		if diff := cmp.Diff(o, gotOutcome, same); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
		if want := strings.ToUpper(o.Kind.String()); FromKind(o.Kind).String() != want {
			t.Fatalf("%s is sent as %s", o.Kind, FromKind(o.Kind))
		}
	})
}

// TestWritableArrives sends how a platform takes the values of its fields.
func TestWritableArrives(t *testing.T) {
	least, most := catalog.Int(-1), catalog.Int(7)
	fields := map[string]change.Writable{
		"price": {Nullable: true, Guarded: true, Scale: 0, Min: &least, Max: &most},
		"name":  {Parent: true, Unique: true, Late: true, Scale: -1, Length: 250},
	}
	got, err := ToWritable(FromWritable(fields))
	if diff := cmp.Diff(fields, got, cmp.Comparer(func(a, b catalog.Decimal) bool { return a.Equal(b) })); err != nil || diff != "" {
		t.Error(err, diff)
	}
	scale := uint32(1 << 31)
	for want, list := range map[string][]*sourcev1.Writable{
		"says so twice":         {{Field: "a"}, {Field: "a"}},
		"names none":            {{}},
		"the bound \"much\"":    {{Field: "a", Max: "much"}},
		"greater than its grea": {{Field: "a", Min: "2", Max: "1"}},
		"a scale of 2147483648": {{Field: "a", Scale: &scale}},
	} {
		if _, err := ToWritable(list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestWrongChanges says which messages are refused.
func TestWrongChanges(t *testing.T) {
	text := &sourcev1.Value{Kind: &sourcev1.Value_Text{Text: "x"}}
	entry := &sourcev1.MapEntry{Key: "k"}
	for want, value := range map[string]*sourcev1.Value{
		"it is a string, and the field is a number": text,
		"\"1,5\": not a decimal number":             {Kind: &sourcev1.Value_Number{Number: "1,5"}},
		`the key "k" twice`:                         {Kind: &sourcev1.Value_Map{Map: &sourcev1.MapValue{Entries: []*sourcev1.MapEntry{entry, entry}}}},
	} {
		if _, err := ToValue(value, catalog.Number); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	number := func(string) (catalog.Type, error) { return catalog.Number, nil }
	if _, err := ToChange(&sourcev1.Change{Key: "k", Field: "price"}, number); err == nil || !strings.Contains(err.Error(), "named neither by its id nor by its SKU") {
		t.Errorf("got %v", err)
	}
	if _, err := ToChange(&sourcev1.Change{Item: &sourcev1.Ref{Sku: "A"}}, number); err == nil || !strings.Contains(err.Error(), "has no key") {
		t.Errorf("got %v", err)
	}
	for _, kind := range []sourcev1.Outcome_Kind{-1, 0, 9, 1 << 30} {
		if _, err := ToOutcome(&sourcev1.Outcome{Key: "k", Kind: kind}, catalog.Number); err == nil {
			t.Errorf("an outcome of kind %d is taken", kind)
		}
	}
	for _, done := range []*sourcev1.PrepareDone{{Requests: -1}, {Milliseconds: -1}, {Milliseconds: 1 << 62}, {Requests: 1 << 62}} {
		if cost, err := ToCost(done); err == nil {
			t.Errorf("a cost of %v is taken", cost)
		}
	}
	if cost, err := ToCost(FromCost(change.Cost{Requests: 3, Time: 2 * time.Second}, 1)); err != nil || cost.Time != 2*time.Second || cost.Requests != 3 {
		t.Errorf("%v, %v", cost, err)
	}
}
