package locations_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/locations"
)

func units(n int64) *sdk.Decimal {
	d := catalog.NewDecimal(n, 0)
	return &d
}

var yes, no = true, false

// TestQuantities adds up what lies at the locations that count, and takes nothing that is not told for 0.
func TestQuantities(t *testing.T) {
	at := func(id int64, enabled *bool, available, onHand *sdk.Decimal) locations.Level {
		return locations.Level{ID: id, Name: fmt.Sprint("L", id), Enabled: enabled, Available: available, OnHand: onHand}
	}
	available, onHand := locations.Settings{Quantity: locations.Available}, locations.Settings{Quantity: locations.OnHand}
	for _, c := range []struct {
		name     string
		settings locations.Settings
		levels   []locations.Level
		state    locations.State
		units    string
		leftOut  string
	}{
		{"two locations", available, []locations.Level{at(1, &yes, units(3), units(3)), at(2, &yes, units(4), units(4))}, locations.Known, "7", "0"},
		{"one that is disabled", available, []locations.Level{at(1, &yes, units(3), units(3)), at(2, &no, units(4), units(4))}, locations.Known, "3", "0"},
		{"one that is disabled and counts", locations.Settings{Quantity: locations.Available, DisabledLocations: "count"},
			[]locations.Level{at(1, &yes, units(3), units(3)), at(2, &no, units(4), units(4))}, locations.Known, "7", "0"},
		{"one that was not asked for", locations.Settings{Quantity: locations.Available, Locations: []int64{2}},
			[]locations.Level{at(1, &yes, units(3), units(3))}, locations.Known, "0", "0"},
		{"safety stock, left out", available, []locations.Level{at(1, &yes, units(3), units(5))}, locations.Known, "3", "2"},
		{"safety stock, counted", onHand, []locations.Level{at(1, &yes, units(3), units(5))}, locations.Known, "5", "0"},
		{"safety stock, and nobody chose", locations.Settings{}, []locations.Level{at(1, &yes, units(3), units(5))}, locations.Open, "", ""},
		{"nobody chose, and nothing depends on it", locations.Settings{}, []locations.Level{at(1, &yes, units(5), units(5))}, locations.Known, "5", "0"},
		{"no location", available, nil, locations.Untold, "", ""},
		{"a location without its quantity", available, []locations.Level{at(1, &yes, nil, units(5))}, locations.Untold, "", ""},
		{"nobody chose, and one of the two is not told", locations.Settings{}, []locations.Level{at(1, &yes, units(5), nil)}, locations.Untold, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := locations.NewBook[string](c.settings)
			b.Add("A", c.levels)
			q, ok := b.Of("A")
			if !ok || q.State != c.state {
				t.Fatalf("state %d, want %d", q.State, c.state)
			}
			if left := b.LeftOut(q); q.State == locations.Known && (q.Units.String() != c.units || left.String() != c.leftOut) {
				t.Errorf("%s units, %s left out; want %s and %s", q.Units, left, c.units, c.leftOut)
			}
		})
	}
	if _, ok := locations.NewBook[string](available).Of("A"); ok {
		t.Error("a book that is empty has a quantity")
	}
}

// TestEnabledIsNotSaid: an inventory that never says whether a location is enabled comes from an API that does not know of it, and
// everything counts, with a warning; one that says it of some leaves the others unknown.
func TestEnabledIsNotSaid(t *testing.T) {
	for _, c := range []struct {
		name    string
		other   *bool
		count   bool
		want    locations.State
		warning string
	}{
		{"of none", nil, false, locations.Known, "the store does not say of any location whether it is enabled"},
		{"of another", &yes, false, locations.Unclear, "the store does not say whether the locations of 1 item are enabled"},
		{"of another, where all count", &yes, true, locations.Known, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := locations.NewBook[int](locations.Settings{DisabledLocations: map[bool]string{true: "count"}[c.count], Quantity: locations.Available})
			b.Add(7, []locations.Level{{ID: 1, Name: "Main", Available: units(3), OnHand: units(3)}})
			b.Add(8, []locations.Level{{ID: 1, Name: "Main", Enabled: c.other, Available: units(3), OnHand: units(3)}})
			q, _ := b.Of(7)
			var u locations.Unknowns
			u.Add(q)
			var warnings []string
			b.Tell(&u, func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) })
			if q.State != c.want {
				t.Errorf("state %d, want %d", q.State, c.want)
			}
			if said := strings.Join(warnings, "\n"); c.warning == "" && said != "" || !strings.HasPrefix(said, c.warning) || len(warnings) > 1 {
				t.Errorf("warnings %q, want %q", warnings, c.warning)
			}
		})
	}
}

// TestLocationsThatCannotCount names a location that has no stock, and meets a store in which all that count are disabled.
func TestLocationsThatCannotCount(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings locations.Settings
		want     string
	}{
		{"all", locations.Settings{}, ""},
		{"unknown", locations.Settings{Locations: []int64{1, 9}}, "no stock is kept at location 9; stock is kept at 1 (Main), 2 (Barn)"},
		{"disabled", locations.Settings{Locations: []int64{2}}, "each location that counts is disabled in the store: 2 (Barn); enable one"},
		{"disabled, and counts", locations.Settings{Locations: []int64{2}, DisabledLocations: "count"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := locations.NewBook[int](c.settings)
			if err := b.Check(); err != nil {
				t.Errorf("no stock at all: %v", err)
			}
			b.AddLocation(locations.Location{ID: 1, Name: "Main"})
			b.AddLocation(locations.Location{ID: 2, Name: "Barn", Disabled: true})
			if err := b.Check(); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestFacts(t *testing.T) {
	b := locations.NewBook[int](locations.Settings{})
	if disabled, safety := b.DisabledFact(), b.SafetyFact(0); disabled+safety != "" {
		t.Errorf("%q, %q", disabled, safety)
	}
	b.AddLocation(locations.Location{ID: 2, Name: "Barn", Disabled: true})
	b.Add(1, []locations.Level{{ID: 1, Available: units(2), OnHand: units(3)}})
	if got, want := b.DisabledFact(), "1 of 1, left out of qoh: 2 (Barn)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := b.SafetyFact(1000), "1 item among the first 1000, 1 unit in all; "; !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q first", got, want)
	}
}
