package change_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
)

func number(s string) catalog.Value {
	d, err := catalog.ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return catalog.NumberValue(d)
}

var null = catalog.NullValue(catalog.Number)

// TestHolds says what a platform makes of a value; of null never a number.
func TestHolds(t *testing.T) {
	least, most := catalog.Int(0), catalog.Int(100)
	bounded := change.Writable{Scale: 2, Min: &least, Max: &most}
	for _, c := range []struct {
		w          change.Writable
		give, want catalog.Value
		problem    string
	}{
		{bounded, number("1.255"), number("1.26"), ""},
		{bounded, number("100.001"), number("100"), ""},
		{bounded, number("-0.01"), number("-0.01"), "takes nothing below 0"},
		{bounded, number("100.01"), number("100.01"), "takes nothing above 100"},
		{bounded, null, null, "always has a value there"},
		{change.Writable{Nullable: true, Scale: 2, Min: &least}, null, null, ""},
		{change.Any(), null, null, ""},
		{change.Any(), number("1.23456789"), number("1.23456789"), ""},
		{change.Writable{Length: 2}, catalog.StringValue("éé"), catalog.StringValue("éé"), ""},
		{change.Writable{Length: 2}, catalog.StringValue("ééé"), catalog.StringValue("ééé"), "takes 2 letters, and these are 3"},
	} {
		got, problem := c.w.Holds(c.give)
		if !got.Equal(c.want) || !strings.Contains(problem, c.problem) || (problem == "") != (c.problem == "") {
			t.Errorf("%+v holds %v, %q of %v, want %v, %q", c.w, got.Text(), problem, c.give.Text(), c.want.Text(), c.problem)
		}
	}
}

// TestRefIs says which items are named.
func TestRefIs(t *testing.T) {
	for _, c := range []struct {
		named   change.Ref
		id, sku string
		want    bool
	}{
		{change.Ref{ID: "7", SKU: "CAF\u00c9"}, "7", "CAFE\u0301", true},
		{change.Ref{SKU: "CAF\u00c9"}, "7", "CAFE\u0301", true},
		{change.Ref{ID: "7"}, "7", "TEA", true},
		{change.Ref{ID: "7", SKU: "CAF\u00c9"}, "7", "TEA", false},
		{change.Ref{ID: "7", SKU: "TEA"}, "8", "TEA", false},
		{change.Ref{ID: "7", SKU: "TEA"}, "7", "", false},
	} {
		if got := c.named.Is(c.id, c.sku); got != c.want {
			t.Errorf("%+v is %q, %q: %v", c.named, c.id, c.sku, got)
		}
	}
}

// TestOutcomeCheck says which outcomes cannot be.
func TestOutcomeCheck(t *testing.T) {
	none := catalog.Value{}
	c := change.Change{Key: "k", Field: "price", Expected: number("1"), Desired: number("2.005")}
	held := number("2.01")
	for _, tc := range []struct {
		kind          change.Kind
		before, after catalog.Value
		want          string // "": it can be
	}{
		{change.Applied, number("1"), number("2.01"), ""},
		{change.Applied, number("1"), number("2.0050"), ""},
		{change.Applied, number("1"), number("2"), "is said to be applied, and the item has 2, where it shall have 2.005"},
		{change.Applied, number("1"), null, "the item has null"},
		{change.Applied, number("1"), none, "nobody looked"},
		{change.Applied, none, number("2.01"), "nobody looked"},
		{change.Applied, number("1"), catalog.StringValue("2.01"), "it tells of a string"},
		{change.Unchanged, held, held, ""},
		{change.Unchanged, number("1"), held, "had 1 before, and 2.01 now"},
		{change.Unchanged, number("1"), number("1"), "is said to be unchanged, and the item has 1"},
		{change.Conflict, number("3"), number("3"), ""},
		{change.Conflict, null, null, ""},
		{change.Conflict, none, none, ""},
		{change.Conflict, number("1"), number("1"), "is said to be a conflict"},
		{change.Conflict, held, held, "is said to be a conflict"},
		{change.Pending, number("1"), number("1"), ""},
		{change.Rejected, none, none, ""},
		{change.Failed, number("1"), number("1"), ""},
		{change.Unknown, none, none, ""},
		{change.Skipped, none, none, ""},
		{change.Failed, catalog.BoolValue(true), none, "it tells of a bool"},
	} {
		err := change.Outcome{Key: "k", Kind: tc.kind, Before: tc.before, After: tc.after}.Check(c, held)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s %s > %s: got %v, want %q", tc.kind, tc.before.Text(), tc.after.Text(), err, tc.want)
		}
	}
}

// TestGuardIsChecked holds Guard against Check, for any values: what Guard says can be, and where it lets a value be written, neither
// outcome that it might have said could be.
func TestGuardIsChecked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := func(name string) catalog.Value {
			return rapid.SampledFrom([]catalog.Value{null, number("0"), number("1"), number("1.0"), number("2"), number("2.005")}).Draw(t, name)
		}
		c := change.Change{Key: "k", Field: "price", Expected: value("expected"), Desired: value("desired")}
		now, held := value("now"), value("held")
		outcome, done := c.Guard(now, held)
		if done {
			if err := outcome.Check(c, held); err != nil {
				t.Fatal(err)
			}
			return
		}
		if !now.Equal(c.Expected) {
			t.Fatalf("%s is written over, where %s is expected", now.Text(), c.Expected.Text())
		}
		for _, kind := range []change.Kind{change.Unchanged, change.Conflict} {
			if (change.Outcome{Key: "k", Kind: kind, Before: now, After: now}).Check(c, held) == nil {
				t.Fatalf("%s could be %s", now.Text(), kind)
			}
		}
	})
}

// TestGuardComparesText: a platform may have a text in another form than the one in which items are read.
func TestGuardComparesText(t *testing.T) {
	c := change.Change{Expected: catalog.StringValue("Café\n"), Desired: catalog.StringValue("Bar")}
	if outcome, done := c.Guard(catalog.StringValue("Cafe\u0301\r\n")); done {
		t.Errorf("it is a %s", outcome.Kind)
	}
	options := catalog.MapValue([]catalog.Entry{{Key: "Café", Value: "x"}})
	c = change.Change{Expected: options, Desired: catalog.MapValue(nil)}
	if outcome, done := c.Guard(catalog.MapValue([]catalog.Entry{{Key: "Cafe\u0301", Value: "x"}})); done {
		t.Errorf("it is a %s", outcome.Kind)
	}
}

// TestKindsAreTexts writes and reads each kind.
func TestKindsAreTexts(t *testing.T) {
	for _, k := range change.Kinds() {
		text, err := json.Marshal(k)
		var back change.Kind
		if err != nil || json.Unmarshal(text, &back) != nil || back != k {
			t.Errorf("%s is written %s and read %s, %v", k, text, back, err)
		}
	}
	var k change.Kind
	if err := json.Unmarshal([]byte(`"done"`), &k); err == nil {
		t.Error("there is no outcome done")
	}
}
