// Package locations is for platforms that keep stock at several locations: which of them count, how many units there are in all, and
// what nobody can know of that. A quantity that is not known is never taken for 0.
package locations

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/pack"
)

// Settings are a source's settings about its locations. Embed it.
type Settings struct {
	Locations         []int64 `setting:"locations" doc:"The ids of the inventory locations whose quantities are added up; all if left out."`
	DisabledLocations string  `setting:"disabled_locations,live" default:"leave_out" values:"leave_out|count" doc:"Whether what lies at locations that the store has disabled is left out of qoh, as the storefront does, or counted."`

	Quantity string `setting:"quantity,live" values:"available|on_hand" doc:"What qoh is: available to sell, or on hand, which includes safety stock. If it is left out, the qoh of items for which the two differ is not known."`
}

// What qoh is, as the setting quantity says.
const (
	Available = "available"
	OnHand    = "on_hand"
)

func (s Settings) countsDisabled() bool { return s.DisabledLocations == "count" }

// names reports whether what lies at a location counts, whether it is disabled or not.
func (s Settings) names(id int64) bool {
	return len(s.Locations) == 0 || slices.Contains(s.Locations, id)
}

// Counting returns those of an item's levels that count.
func (s Settings) Counting(levels []Level) (counting []Level) {
	for _, l := range levels {
		if s.names(l.ID) && (s.countsDisabled() || l.Enabled == nil || *l.Enabled) {
			counting = append(counting, l)
		}
	}
	return counting
}

// Location is a place where stock is kept.
type Location struct {
	ID       int64
	Name     string
	Disabled bool // orders are not served from there
}

// String names the location for people.
func (l Location) String() string { return fmt.Sprintf("%d (%s)", l.ID, l.Name) }

// Record is what a Local Copy keeps of a location, beside its ID.
func (l *Location) Record(r *pack.Record) {
	r.Text(&l.Name)
	r.Bool(&l.Disabled)
}

// Level is the stock of an item at one location. What the platform did not tell is nil.
type Level struct {
	ID        int64
	Name      string
	Enabled   *bool
	Available *sdk.Decimal
	OnHand    *sdk.Decimal
}

// Location returns where the level is.
func (l *Level) Location() Location {
	return Location{l.ID, l.Name, l.Enabled != nil && !*l.Enabled}
}

// Record is what a Local Copy keeps of a level; the location's name is in its own record.
func (l *Level) Record(r *pack.Record) {
	r.Whole(&l.ID)
	r.Flag(&l.Enabled)
	r.Decimal(&l.Available)
	r.Decimal(&l.OnHand)
}

// Book knows the quantities in stock, by what they belong to. It is for one goroutine.
type Book[K comparable] struct {
	Settings
	told       bool               // some level says whether its location is enabled
	locations  map[int64]Location // all at which stock is kept
	quantities map[K]Quantity
}

// NewBook returns a Book that knows nothing yet.
func NewBook[K comparable](s Settings) *Book[K] {
	return &Book[K]{Settings: s, locations: map[int64]Location{}, quantities: map[K]Quantity{}}
}

// Quantity is how many units there are, if that is known.
type Quantity struct {
	Units  sdk.Decimal
	Safety sdk.Decimal // units on hand and not available to sell
	State  State
	unsaid bool // it counts a location of which the platform does not say whether it is enabled
}

// State is what is known of a quantity.
type State uint8

// The states of a quantity. Missing is never in a Book: it is for an item that the Book has nothing of.
const (
	Known   State = iota
	Missing       // the inventory does not list the item
	Untold        // the inventory lists it without its locations, or one of those that count without its quantity
	Unclear       // the inventory says of other locations whether they are enabled, but not of the item's
	Open          // there is safety stock, and nobody chose whether it counts
)

// AddLocation notes a location at which stock is kept.
func (b *Book[K]) AddLocation(l Location) { b.locations[l.ID] = l }

// Add notes the levels of an item, in place of those that came before.
func (b *Book[K]) Add(key K, levels []Level) {
	b.told = b.told || slices.ContainsFunc(levels, func(l Level) bool { return l.Enabled != nil })
	b.quantities[key] = b.sum(levels)
}

// sum adds up the units at the locations that count. An item that is only at other locations has 0 units. An item without any location
// has an unknown quantity.
func (b *Book[K]) sum(levels []Level) (sum Quantity) {
	if len(levels) == 0 {
		return Quantity{State: Untold}
	}
	for _, level := range b.Counting(levels) {
		sum.unsaid = sum.unsaid || !b.countsDisabled() && level.Enabled == nil
		units := level.Available
		if b.Quantity == OnHand {
			units = level.OnHand
		}
		if units == nil || b.Quantity == "" && level.OnHand == nil {
			return Quantity{State: Untold}
		}
		sum.Units = sum.Units.Add(*units)
		if level.Available != nil && level.OnHand != nil {
			sum.Safety = sum.Safety.Add(level.OnHand.Sub(*level.Available))
		}
	}
	if sum.Safety.Sign() != 0 && b.Quantity == "" {
		sum.State = Open
	}
	return sum
}

// Of returns the quantity of an item. It reports false if the inventory has nothing of it.
func (b *Book[K]) Of(key K) (Quantity, bool) {
	q, ok := b.quantities[key]
	if q.State == Known && q.unsaid && b.told {
		q.State = Unclear
	}
	return q, ok
}

// LeftOut returns those units of a quantity that are on hand and that qoh leaves out.
func (b *Book[K]) LeftOut(q Quantity) sdk.Decimal {
	if b.Quantity == OnHand {
		return sdk.Decimal{}
	}
	return q.Safety
}

// Check returns an error if the settings name a location that has no stock at all, or if all locations that count are disabled: every
// quantity would be 0.
func (b *Book[K]) Check() error {
	if len(b.locations) == 0 {
		return nil // no stock is kept at all
	}
	for _, id := range b.Locations {
		if _, ok := b.locations[id]; !ok {
			return fmt.Errorf("locations: no stock is kept at location %d; stock is kept at %s", id, b.which(func(Location) bool { return true }))
		}
	}
	for _, l := range b.locations {
		if b.names(l.ID) && (b.countsDisabled() || !l.Disabled) {
			return nil
		}
	}
	return errors.New("locations: each location that counts is disabled in the store: " + b.which(func(l Location) bool { return b.names(l.ID) }) +
		`; enable one, name others in locations, or set disabled_locations = "count"`)
}

// which lists those locations for which is is true, in the order of their identifiers.
func (b *Book[K]) which(is func(Location) bool) string {
	var names []string
	for _, id := range slices.Sorted(maps.Keys(b.locations)) {
		if is(b.locations[id]) {
			names = append(names, b.locations[id].String())
		}
	}
	return strings.Join(names, ", ")
}
