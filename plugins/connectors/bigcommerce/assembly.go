package bigcommerce

import (
	"fmt"
	"slices"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/locations"
)

// intake receives what is read from a store, in this order: the store's facts, locations, brands, stock, orders, products.
// After that, any of them may come again: then it replaces what came before.
//
// An assembly makes items of it at once; a recordWriter writes it to a Local Copy.
type intake interface {
	takeStore(storeFacts) error
	takeLocation(locations.Location) error
	takeBrand(brand) error
	takeStock(stockItem) error
	takeOrder(*order) error
	takeProduct(*product) error
}

// assembly makes items of what is read from a store, or from its Local Copy: both in the same way. It applies the settings
// that only concern how items are made: locations, quantity, which orders are imported.
type assembly struct {
	source *Source
	needs  needs
	w      *sdk.Writer
	warn   func(format string, args ...any)
	count  func(orders ...string) // is told which orders pending counts

	store   storeFacts
	brands  map[int64]string
	stock   *stockBook   // nil if no quantity is asked for
	pending *pendingBook // nil if no pending units are asked for, or they cannot be known

	began   bool
	partly  bool            // it is for single items: what is true of the store as a whole need not show
	only    map[int64]bool  // the variants of which items are wanted; nil: all
	seen    map[int64]int64 // the variants written or held back, with their product
	waiting []row           // rows that lack something, which only the end of the catalogue will tell
	unknown unknowns
}

// unknowns are how many items lack something that the store should know.
type unknowns struct {
	stock  locations.Unknowns // a quantity, though stock is tracked
	brands map[int64]bool     // brands that products name and that do not exist
}

func (s *Source) newAssembly(w *sdk.Writer, warn func(format string, args ...any), count func(orders ...string)) *assembly {
	var names []string
	for _, f := range w.Fields() {
		names = append(names, f.Name)
	}
	a := &assembly{source: s, needs: needsOf(names), w: w, warn: warn, count: count, brands: map[int64]string{0: ""},
		seen: map[int64]int64{}, unknown: unknowns{brands: map[int64]bool{}}}
	if a.needs.parts[stock] {
		a.stock = s.newStockBook()
	}
	if a.needs.parts[orders] && s.imported.known {
		a.pending = newPendingBook()
	}
	return a
}

func (a *assembly) takeStore(facts storeFacts) error {
	a.store = facts
	return nil
}

func (a *assembly) takeLocation(l locations.Location) error {
	if a.stock != nil {
		a.stock.AddLocation(l)
	}
	return nil
}

func (a *assembly) takeBrand(b brand) error {
	a.brands[b.ID] = b.Name
	return nil
}

func (a *assembly) takeStock(item stockItem) error {
	if a.stock != nil {
		a.stock.add(item)
	}
	return nil
}

func (a *assembly) takeOrder(o *order) error {
	if a.pending != nil && a.source.imported.pending(o) {
		a.pending.add(o)
		a.count(idKey(o.ID))
	}
	return nil
}

// takeProduct writes the product's variants, each once. Those that lack something that may still come wait for end.
func (a *assembly) takeProduct(p *product) error {
	if err := a.begin(); err != nil {
		return err
	}
	name, known := a.brands[p.BrandID]
	if !known && a.needs.parts[brandNames] {
		a.unknown.brands[p.BrandID] = true
	}
	grown := slices.ContainsFunc(p.Variants, func(v variant) bool { return a.seen[v.ID] != 0 })
	made := row{product: p, brand: name, variation: p.variation(), shopURL: a.store.URL}
	for i := range p.Variants {
		made.variant = &p.Variants[i]
		if of, seen := a.seen[made.variant.ID]; seen {
			if of != p.ID {
				return errTwice(made.variant.ID, of, p.ID)
			}
			continue
		}
		if grown && a.needs.variation() {
			return fmt.Errorf("product %d got variant %d while the store was read, so that the variation of its other variants is no longer right; try again", p.ID, made.variant.ID)
		}
		a.seen[made.variant.ID] = p.ID
		if a.only != nil && !a.only[made.variant.ID] {
			continue
		}
		if err := a.make(made); err != nil {
			return err
		}
	}
	return nil
}

// begin checks what came before the products, once.
func (a *assembly) begin() error {
	if a.began {
		return nil
	}
	a.began = true
	if a.stock == nil || a.partly {
		return nil
	}
	return a.stock.Check()
}

func (a *assembly) make(made row) error {
	ready := true
	if a.stock != nil {
		ready = a.stock.fill(&made).State == locations.Known
	}
	if a.pending != nil {
		units, complete := a.pending.of(made.product, made.variant)
		made.pending = &units
		ready = ready && complete
	}
	if !ready {
		a.waiting = append(a.waiting, made)
		return nil
	}
	return a.write(&made)
}

func (a *assembly) write(made *row) error {
	if made.pending != nil && made.pending.Sign() != 0 && a.store.StockUpdate == whenShipped {
		made.pending = nil // what was ordered may still be in the store's stock: it would explain differences that it did not make
	}
	foreign := a.foreign()
	for i := range a.needs.columns {
		if f := &a.needs.columns[i]; !foreign || !f.money() {
			f.set(a.w, i, made)
		}
	}
	return a.w.End()
}

// end writes the rows that were waiting, and warns of what people should know about the data. Nothing may be taken after it.
func (a *assembly) end() error {
	if err := a.begin(); err != nil {
		return err
	}
	for i := range a.waiting {
		made := &a.waiting[i]
		if a.stock != nil {
			a.unknown.stock.Add(a.stock.fill(made))
		}
		if a.pending != nil {
			units := made.pending.Add(a.pending.ofGone(made.product, made.variant, func(id int64) bool { return a.seen[id] != 0 }))
			made.pending = &units
		}
		if err := a.write(made); err != nil {
			return err
		}
	}
	a.warnAll()
	return nil
}

func (a *assembly) warnAll() {
	a.tellFacts()
	a.tellCurrency()
	a.tellUnits()
	if a.store.Orphans > 0 {
		a.warn("%s no product and left out (BigCommerce keeps some when products are deleted)",
			counted(a.store.Orphans, "variant belongs to", "variants belong to"))
	}
	if a.needs.parts[orders] && !a.source.imported.known {
		a.warn("pending is not known: say which web orders the point of sale has imported, with imported_through (the last one's number), imported_ids_file or imported_statuses")
	}
	if a.stock != nil {
		a.stock.Tell(&a.unknown.stock, a.warn)
	}
	if n := len(a.unknown.brands); n > 0 {
		a.warn("%s by products, but not known to the store: their brand is empty",
			counted(n, "brand is named", "brands are named"))
	}
}
