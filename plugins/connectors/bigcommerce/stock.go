package bigcommerce

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// stockBook knows the quantities in stock, by variant and by product.
type stockBook struct {
	chosen    []int64            // the locations that count; all if there are none
	disabled  bool               // those that are disabled count, too
	what      string             // the setting quantity; "" if nobody chose
	told      bool               // some entry says whether a location is enabled
	locations map[int64]location // all locations at which stock is kept
	byVariant map[int64]quantity
	byProduct map[int64]quantity // of products that are tracked as a whole

	// safety are the units that are on hand and not for sale, of what has any.
	safety map[stockKey]sdk.Decimal
}

// quantity is how many units there are, if that is known.
type quantity struct {
	units  sdk.Decimal
	state  stockState
	unsaid bool // it counts a location of which the inventory does not say whether it is enabled
}

// stockState is what is known of a quantity.
type stockState uint8

const (
	stockKnown   stockState = iota
	stockMissing            // the inventory does not list the item
	stockUntold             // the inventory lists it without its locations, or one of those that count without its quantity
	stockUnclear            // the inventory says of other locations whether they are enabled, but not of the item's
	stockOpen               // there is safety stock, and nobody chose whether it counts
)

func (s *Source) newStockBook() *stockBook {
	return &stockBook{chosen: s.Locations, disabled: s.DisabledLocations == "count", what: s.Quantity, locations: map[int64]location{},
		byVariant: map[int64]quantity{}, byProduct: map[int64]quantity{}, safety: map[stockKey]sdk.Decimal{}}
}

// What qoh is, as the setting quantity says.
const (
	quantityAvailable = "available"
	quantityOnHand    = "on_hand"
)

func (b *stockBook) add(item stockItem) {
	b.told = b.told || slices.ContainsFunc(item.Locations, func(l stockLevel) bool { return l.Enabled != nil })
	sum, safety := b.sum(item)
	if item.VariantID != 0 {
		b.byVariant[item.VariantID] = sum
	} else {
		b.byProduct[item.ProductID] = sum
	}
	if key := quantityOf(item.ProductID, item.VariantID); safety.Sign() != 0 {
		b.safety[key] = safety
	} else {
		delete(b.safety, key) // it may have come before, with some
	}
}

// counts reports whether what lies at a location counts, whether it is disabled or not.
func (b *stockBook) counts(id int64) bool { return len(b.chosen) == 0 || slices.Contains(b.chosen, id) }

// sum adds up the units at the locations that count. An item that is only at other locations has 0 units. An item without
// any location has an unknown quantity: it is never taken for 0. safety is what is on hand there and not available to sell.
func (b *stockBook) sum(item stockItem) (sum quantity, safety sdk.Decimal) {
	if len(item.Locations) == 0 {
		return quantity{state: stockUntold}, safety
	}
	for _, level := range item.Locations {
		if !b.counts(level.ID) {
			continue
		}
		if !b.disabled && level.Enabled != nil && !*level.Enabled {
			continue
		}
		sum.unsaid = sum.unsaid || !b.disabled && level.Enabled == nil
		units := level.Available
		if b.what == quantityOnHand {
			units = level.OnHand
		}
		if units == nil || b.what == "" && level.OnHand == nil {
			return quantity{state: stockUntold}, sdk.Decimal{}
		}
		sum.units = sum.units.Add(*units)
		if level.Available != nil && level.OnHand != nil {
			safety = safety.Add(level.OnHand.Sub(*level.Available))
		}
	}
	if safety.Sign() != 0 && b.what == "" {
		sum.state = stockOpen
	}
	return sum, safety
}

// knowLocations returns an error if the settings name a location that has no stock at all, or if all locations that count
// are disabled: every quantity would be 0.
func (b *stockBook) knowLocations() error {
	if len(b.locations) == 0 {
		return nil // no stock is kept at all
	}
	for _, id := range b.chosen {
		if _, ok := b.locations[id]; !ok {
			return fmt.Errorf("locations: no stock is kept at location %d; stock is kept at %s", id, namesOf(b.locations, func(location) bool { return true }))
		}
	}
	counting := func(l location) bool { return b.counts(l.ID) }
	for _, l := range b.locations {
		if counting(l) && (b.disabled || !l.Disabled) {
			return nil
		}
	}
	return fmt.Errorf(`locations: each location that counts is disabled in the store: %s; enable one, name others in locations, or set disabled_locations = "count"`,
		namesOf(b.locations, counting))
}

// namesOf lists the names of those locations for which which is true, in the order of their identifiers.
func namesOf(locations map[int64]location, which func(location) bool) string {
	var names []string
	for _, id := range slices.Sorted(maps.Keys(locations)) {
		if which(locations[id]) {
			names = append(names, locations[id].String())
		}
	}
	return strings.Join(names, ", ")
}

// leftOut names the locations that were asked for and do not count, since they are disabled; "" if there is none.
func (b *stockBook) leftOut() string {
	return namesOf(b.locations, func(l location) bool { return l.Disabled && !b.disabled && slices.Contains(b.chosen, l.ID) })
}

// unsaid reports whether the inventory does not say of any location whether it is enabled, and a quantity counts such a
// location. Then the API does not know disabled locations, and all locations count.
func (b *stockBook) unsaid() bool {
	if b == nil || b.told {
		return false
	}
	unsaid := func(q quantity) bool { return q.unsaid }
	return containsQuantity(b.byVariant, unsaid) || containsQuantity(b.byProduct, unsaid)
}

func containsQuantity(quantities map[int64]quantity, is func(quantity) bool) bool {
	for _, q := range quantities {
		if is(q) {
			return true
		}
	}
	return false
}

// of returns the quantity of a variant. It is nil if stock is not tracked, or the quantity is not known. If the product is
// tracked as a whole, each of its variants has the product's quantity.
func (b *stockBook) of(p *product, v *variant) (*sdk.Decimal, stockState) {
	switch tracked, known := p.tracked(); {
	case !known:
		return nil, stockUntold
	case !tracked:
		return nil, stockKnown
	}
	held, ok := b.byVariant[v.ID]
	if !ok && p.Tracking == trackedAsWhole {
		held, ok = b.byProduct[p.ID]
	}
	switch {
	case !ok:
		return nil, stockMissing
	case held.state != stockKnown:
		return nil, held.state
	case held.unsaid && b.told:
		return nil, stockUnclear
	}
	return &held.units, stockKnown
}

// leftOutOf returns the variant's units that are on hand and that its qoh leaves out.
func (b *stockBook) leftOutOf(p *product, v *variant) sdk.Decimal {
	if b.what == quantityOnHand {
		return sdk.Decimal{}
	}
	return b.safetyOf(p, v)
}

// safetyOf returns the variant's units that are on hand and not available to sell.
func (b *stockBook) safetyOf(p *product, v *variant) sdk.Decimal {
	if _, own := b.byVariant[v.ID]; !own && p.Tracking == trackedAsWhole {
		return b.safety[quantityOf(p.ID, 0)]
	}
	return b.safety[quantityOf(0, v.ID)]
}
