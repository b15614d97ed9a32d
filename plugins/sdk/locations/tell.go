package locations

import (
	"fmt"
	"slices"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Unknowns are how many items have a quantity that is not known, though the platform keeps count of them. The zero value has none.
type Unknowns struct {
	items  map[State]int
	safety sdk.Decimal // units of which nobody chose whether they count
}

// Add notes an item's quantity.
func (u *Unknowns) Add(q Quantity) {
	if u.items == nil {
		u.items = map[State]int{}
	}
	u.items[q.State]++
	if q.State == Open {
		u.safety = u.safety.Add(q.Safety.Abs())
	}
}

// Tell warns of quantities that are not known, and of locations that were asked for and do not count.
func (b *Book[K]) Tell(u *Unknowns, warn func(format string, args ...any)) {
	if n := u.items[Missing]; n > 0 {
		warn("%s no stock level in the inventory, though stock is tracked: their qoh is not known", counted(n, "item has", "items have"))
	}
	if n := u.items[Untold]; n > 0 {
		warn("the store does not tell the stock of %s, at all or at one of the locations that count: their qoh is not known", counted(n, "item", "items"))
	}
	if n := u.items[Unclear]; n > 0 {
		warn(`the store does not say whether the locations of %s are enabled: their qoh is not known; disabled_locations = "count" counts all locations`, counted(n, "item", "items"))
	}
	if n := u.items[Open]; n > 0 {
		warn(`%s, %s in all, and nobody chose whether that counts: their qoh is not known. Set quantity = "available" to compare what can be sold, without it, or "on_hand" to compare what is there, with it`,
			counted(n, "item has safety stock", "items have safety stock"), units(u.safety))
	}
	if b.unsaid() {
		warn("the store does not say of any location whether it is enabled: all locations that stock is kept at count in qoh")
	}
	asked := func(l Location) bool { return l.Disabled && !b.countsDisabled() && slices.Contains(b.Locations, l.ID) }
	if names := b.which(asked); names != "" {
		warn(`the store has disabled %s, which locations names: what lies there is left out; disabled_locations = "count" counts it`, names)
	}
}

// unsaid reports whether the inventory does not say of any location whether it is enabled, and a quantity counts such a location. Then
// the platform does not know disabled locations, and all locations count.
func (b *Book[K]) unsaid() bool {
	if b.told {
		return false
	}
	for _, q := range b.quantities {
		if q.unsaid {
			return true
		}
	}
	return false
}

// DisabledFact says which of the locations the store has disabled, for a source's Check; "" if none is.
func (b *Book[K]) DisabledFact() string {
	n := 0
	disabled := func(l Location) bool { return l.Disabled }
	for _, l := range b.locations {
		if disabled(l) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	fate := "left out of qoh"
	if b.countsDisabled() {
		fate = "counted in qoh"
	}
	return fmt.Sprintf("%d of %d, %s: %s", n, len(b.locations), fate, b.which(disabled))
}

// SafetyFact says how many items have safety stock, and what is made of it, for a source's Check; "" if none has. first is how many items
// the Book has, if there are more; 0 if it has all.
func (b *Book[K]) SafetyFact(first int) string {
	n := 0
	var sum sdk.Decimal
	for _, q := range b.quantities {
		if q.Safety.Sign() != 0 {
			n++
			sum = sum.Add(q.Safety.Abs())
		}
	}
	if n == 0 {
		return ""
	}
	among := ""
	if first > 0 {
		among = fmt.Sprintf(" among the first %d", first)
	}
	fate := `counted in qoh: quantity = "on_hand"`
	switch b.Quantity {
	case Available:
		fate = `left out of qoh: quantity = "available"`
	case "":
		fate = `the qoh of these is not known until quantity is set, to "available" (without it) or "on_hand" (with it)`
	}
	return fmt.Sprintf("%s%s, %s in all; %s", counted(n, "item", "items"), among, units(sum), fate)
}

// counted says how many there are, in words for one and for many.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// units says how many units there are.
func units(d sdk.Decimal) string {
	if d.String() == "1" {
		return "1 unit"
	}
	return d.String() + " units"
}
