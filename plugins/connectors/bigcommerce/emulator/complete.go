package emulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// index is what a catalogue's parts are found by.
type index struct {
	variants []*Variant // all, orphans included, by identifier
	stocked  []stocked  // in the order of the products' identifiers
	brands   map[string]int64
	options  map[string]int64 // an option's name, or name and value, to an identifier
}

// complete fills in what a catalogue leaves out, brings it into the API's order, and indexes it. It may be called again
// after a change.
func (c *Catalog) complete(now func() time.Time) (index, error) {
	x := index{brands: map[string]int64{}, options: map[string]int64{}}
	c.Store.complete()
	if len(c.Locations) == 0 {
		c.Locations = []*Location{{ID: 1, Name: "Main"}}
	}
	c.completeBrands(x.brands)
	bySKU := map[string]*Variant{}
	products, variants := ids{next: 100}, ids{next: 1000}
	for _, p := range c.Products {
		products.see(p.ID)
		variants.see(p.BaseVariantID)
		for v := range p.all() {
			variants.see(v.ID)
		}
	}
	for _, v := range c.Orphans {
		variants.see(v.ID)
	}
	for _, p := range c.Products {
		products.give(&p.ID)
		if err := p.complete(now()); err != nil {
			return x, fmt.Errorf("product %q: %w", p.SKU, err)
		}
		if err := p.Stock.at(c.Locations); err != nil {
			return x, fmt.Errorf("product %q: %w", p.SKU, err)
		}
		for v := range p.all() {
			variants.give(&v.ID)
			v.product = p
			if err := v.Stock.at(c.Locations); err != nil {
				return x, fmt.Errorf("product %q, variant %q: %w", p.SKU, v.SKU, err)
			}
			x.add(v)
			bySKU[cmp.Or(v.SKU, p.SKU)] = v
		}
		if p.base != nil {
			p.BaseVariantID = p.base.ID
		}
	}
	for _, v := range c.Orphans {
		variants.give(&v.ID)
		x.add(v)
	}
	slices.SortFunc(c.Products, func(a, b *Product) int { return cmp.Compare(a.ID, b.ID) })
	for _, p := range c.Products {
		x.stocked = append(x.stocked, p.stocked()...)
	}
	slices.SortFunc(x.variants, func(a, b *Variant) int { return cmp.Compare(a.ID, b.ID) })
	return x, c.completeOrders(now(), bySKU)
}

// ids gives identifiers in order, past those that are taken.
type ids struct{ next int64 }

func (i *ids) see(id int64) { i.next = max(i.next, id+1) }
func (i *ids) give(id *int64) {
	if *id == 0 {
		*id = i.next
	}
	i.see(*id)
}

func (x *index) add(v *Variant) {
	x.variants = append(x.variants, v)
	for _, name := range slices.Sorted(maps.Keys(v.Options)) {
		for _, key := range []string{name, name + "\x00" + v.Options[name]} {
			if x.options[key] == 0 {
				x.options[key] = int64(len(x.options) + 1)
			}
		}
	}
}

func (s *Store) complete() {
	for field, usual := range map[*string]string{&s.Name: "Sandbox", &s.Currency: "CAD", &s.Domain: "sandbox.example",
		&s.Status: "live", &s.Plan: "Standard", &s.Timezone: "America/Vancouver", &s.WeightUnits: "KGS",
		&s.DimensionUnits: "Centimeters", &s.UpdateStock: "order_placed"} {
		if *field == "" {
			*field = usual
		}
	}
}

func (c *Catalog) completeBrands(byName map[string]int64) {
	next := ids{next: 10}
	for _, b := range c.Brands {
		next.see(b.ID)
	}
	for _, b := range c.Brands {
		next.give(&b.ID)
		byName[strings.ToLower(b.Name)] = b.ID // BigCommerce matches brands without regard to case
	}
	for _, p := range c.Products {
		p.brandKey = strings.ToLower(p.Brand)
		if key := p.brandKey; key != "" && byName[key] == 0 {
			b := &Brand{Name: p.Brand}
			next.give(&b.ID)
			byName[key] = b.ID
			c.Brands = append(c.Brands, b)
		}
	}
	slices.SortFunc(c.Brands, func(a, b *Brand) int { return cmp.Compare(a.ID, b.ID) })
}

func (p *Product) complete(now time.Time) error {
	switch {
	case p.Tracking == "" && len(p.Variants) > 0:
		p.Tracking = "variant"
	case p.Tracking == "":
		p.Tracking = "product"
	case !slices.Contains([]string{"none", "product", "variant"}, p.Tracking):
		return fmt.Errorf("tracking %q is none of none, product, variant", p.Tracking)
	}
	if !slices.Contains([]string{"", "available", "preorder", "disabled"}, p.Availability) {
		return fmt.Errorf("availability %q is none of available, preorder, disabled", p.Availability)
	}
	if p.Path == "" {
		p.Path = "/" + strings.ToLower(strings.Join(strings.Fields(p.Name), "-")) + "/"
	}
	if p.Modified == "" {
		p.Modified = now.UTC().Format(time.RFC3339)
	}
	var err error
	if p.modified, err = time.Parse(time.RFC3339, p.Modified); err != nil {
		return fmt.Errorf("modified: %w", err)
	}
	if p.Bare && len(p.Variants) > 0 {
		return fmt.Errorf("it is bare and has variants")
	}
	if p.Bare || len(p.Variants) > 0 {
		p.base, p.BaseVariantID = nil, 0
	} else {
		p.base = &Variant{ID: p.BaseVariantID, SKU: p.SKU, Stock: p.Stock, UPC: p.UPC, Bin: p.Bin, product: p}
		if p.BaseWithoutSKU {
			p.base.SKU = ""
		}
	}
	return nil
}

// all yields the product's variants, or its base variant.
func (p *Product) all() func(func(*Variant) bool) {
	if p.base != nil && len(p.Variants) == 0 {
		return slices.Values([]*Variant{p.base})
	}
	return slices.Values(p.Variants)
}

func (c *Catalog) completeOrders(now time.Time, bySKU map[string]*Variant) error {
	next := ids{next: 100}
	for _, o := range c.Orders {
		next.see(o.ID)
	}
	for _, o := range c.Orders {
		next.give(&o.ID)
		if o.status = statusID(o.Status); o.status < 0 {
			return fmt.Errorf("order %d: there is no status %q", o.ID, o.Status)
		}
		if o.Created == "" {
			o.Created = now.UTC().Format(time.RFC3339)
		}
		if o.Modified == "" {
			o.Modified = o.Created
		}
		for _, date := range []string{o.Created, o.Modified} {
			at, err := time.Parse(time.RFC3339, date)
			if err != nil {
				return fmt.Errorf("order %d: %w", o.ID, err)
			}
			o.modified = at
		}
		for _, l := range o.Lines {
			if v := bySKU[l.SKU]; v != nil && l.VariantID == 0 && l.ProductID == 0 && !l.Custom {
				l.VariantID, l.ProductID = v.ID, v.product.ID
			}
			l.complete(bySKU[l.SKU])
		}
	}
	slices.SortFunc(c.Orders, func(a, b *Order) int { return cmp.Compare(a.ID, b.ID) })
	return nil
}

// statuses are the orders' statuses, by their numbers.
var statuses = []string{"Incomplete", "Pending", "Shipped", "Partially Shipped", "Refunded", "Cancelled", "Declined",
	"Awaiting Payment", "Awaiting Pickup", "Awaiting Shipment", "Completed", "Awaiting Fulfillment",
	"Manual Verification Required", "Disputed", "Partially Refunded"}

// statusID returns the number of a status, given by name or number; -1 if there is none.
func statusID(status string) int {
	if id, err := strconv.Atoi(status); err == nil && id >= 0 && id < len(statuses) {
		return id
	}
	return slices.IndexFunc(statuses, func(name string) bool { return strings.EqualFold(name, status) })
}
