package bigcommerce

import (
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
)

// walk changes a store at random.
type walk struct {
	*rapid.T
	shop   *shop
	blind  bool // no stock is read, so that only dates tell of changes
	many   bool // there are more orders than fit into a page, so that only dates tell of changes of orders
	serial int  // makes names that nothing had before
}

func (w *walk) next(prefix string) string {
	w.serial++
	return fmt.Sprintf("%s%03d", prefix, w.serial)
}

func (w *walk) number(label string, from, to int) int {
	return rapid.IntRange(from, to).Draw(w.T, label)
}

func (w *walk) yes(label string) bool { return rapid.Bool().Draw(w.T, label) }

func one[E any](w *walk, label string, list []E) E { return list[w.number(label, 0, len(list)-1)] }

func (w *walk) money() catalog.Decimal {
	return catalog.NewDecimal(int64(w.number("cents", 0, 9999)), 2)
}

func (w *walk) stock() emulator.Stock {
	s := emulator.Stock{1: {OnHand: int64(w.number("on hand", -2, 9)), SafetyStock: int64(w.number("safety stock", 0, 2))}}
	if w.yes("at two locations") {
		s[2] = emulator.Level{OnHand: int64(w.number("on hand", 0, 9))}
	}
	return s
}

// product makes a new product.
func (w *walk) product() *emulator.Product {
	p := &emulator.Product{SKU: w.next("P"), Name: w.next("Name "), Brand: w.brand(), Price: w.money(), Stock: w.stock(),
		Tracking: one(w, "tracking", []string{"", "", "none", "product"})}
	for range max(w.number("variants", -3, 3), 0) {
		p.Variants = append(p.Variants, w.variant())
	}
	return p
}

func (w *walk) variant() *emulator.Variant {
	v := &emulator.Variant{SKU: w.next("V"), Options: map[string]string{"Size": w.next("S")}, Stock: w.stock()}
	if w.yes("a price of its own") {
		price := w.money()
		v.Price = &price
	}
	return v
}

func (w *walk) brand() string { return fmt.Sprintf("Brand %d", w.number("brand", 0, 4)) }

func (w *walk) order(c *emulator.Catalog) *emulator.Order {
	o := &emulator.Order{Status: w.status()}
	for range w.number("lines", 1, 3) {
		line := &emulator.Line{SKU: "GONE", Quantity: int64(w.number("quantity", 1, 4))}
		if len(c.Products) > 0 && !w.yes("for nothing in the catalogue") {
			p := one(w, "product", c.Products)
			if line.SKU = p.SKU; len(p.Variants) > 0 {
				line.SKU = one(w, "variant", p.Variants).SKU
			}
		}
		o.Lines = append(o.Lines, line)
	}
	return o
}

func (w *walk) status() string {
	return one(w, "status", []string{"Incomplete", "Pending", "Shipped", "Refunded", "Cancelled", "Awaiting Fulfillment", "Completed",
		"Partially Refunded"})
}

// change is one thing that may happen in a store. told says whether the dates of products tell of it, where that is not
// sure; a change of which nothing tells before the next full read is not among them.
type change struct {
	name string
	do   func(w *walk, c *emulator.Catalog)
	told func(w *walk) bool // nil: as the emulator dates it
}

// tracked returns a product whose stock is kept for each of its variants, nil if there is none.
func (w *walk) tracked(c *emulator.Catalog) *emulator.Product {
	var list []*emulator.Product
	for _, p := range c.Products {
		if p.Tracking == "variant" || p.Tracking == "product" && len(p.Variants) == 0 {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return one(w, "tracked product", list)
}

func perhaps(w *walk) bool { return w.yes("the date tells") || w.blind }

// onProduct makes a change of any product.
func onProduct(do func(w *walk, p *emulator.Product)) func(w *walk, c *emulator.Catalog) {
	return func(w *walk, c *emulator.Catalog) {
		if len(c.Products) > 0 {
			do(w, one(w, "product", c.Products))
		}
	}
}

// onTracked makes a change of a product whose stock is kept for each of its variants.
func onTracked(do func(w *walk, p *emulator.Product)) func(w *walk, c *emulator.Catalog) {
	return func(w *walk, c *emulator.Catalog) {
		if p := w.tracked(c); p != nil {
			do(w, p)
		}
	}
}

var changes = []change{
	{"a price", onProduct(func(w *walk, p *emulator.Product) { p.Price = w.money() }), nil},
	{"a variant's price", onProduct(func(w *walk, p *emulator.Product) {
		for _, v := range p.Variants {
			price := w.money()
			v.Price = &price
		}
	}), nil},
	{"a name", onProduct(func(w *walk, p *emulator.Product) { p.Name = w.next("Name ") }), nil},
	{"visibility", onProduct(func(_ *walk, p *emulator.Product) { p.Hidden = !p.Hidden }), nil},
	{"another brand", onProduct(func(w *walk, p *emulator.Product) { p.Brand = w.brand() }), nil},
	{"a brand's name", func(w *walk, c *emulator.Catalog) {
		if len(c.Brands) == 0 {
			return
		}
		b, name := one(w, "brand", c.Brands), w.next("Brand ")
		for _, p := range c.Products {
			if p.Brand == b.Name {
				p.Brand = name
			}
		}
		b.Name = name
	}, func(*walk) bool { return false }},
	{"stock", onProduct(func(w *walk, p *emulator.Product) {
		p.Stock = w.stock()
		for _, v := range p.Variants {
			v.Stock = w.stock()
		}
	}), nil},
	{"a new product", func(w *walk, c *emulator.Catalog) { c.Products = append(c.Products, w.product()) }, nil},
	{"a product goes", func(w *walk, c *emulator.Catalog) {
		if len(c.Products) == 0 {
			return
		}
		at := w.number("product", 0, len(c.Products)-1)
		if w.yes("its variants stay") {
			for _, v := range c.Products[at].Variants {
				c.Orphans = append(c.Orphans, &emulator.Variant{ID: v.ID, SKU: v.SKU})
			}
		}
		c.Products = slices.Delete(c.Products, at, at+1)
	}, nil},
	{"a new variant", onProduct(func(w *walk, p *emulator.Product) { p.Variants = append(p.Variants, w.variant()) }), nil},
	{"a new variant that the stock tells of", onTracked(func(w *walk, p *emulator.Product) {
		p.Variants = append(p.Variants, w.variant())
	}), perhaps},
	{"a new variant that only the number of variants tells of", func(w *walk, c *emulator.Catalog) {
		for _, p := range c.Products {
			if p.Tracking == "none" && len(p.Variants) > 0 {
				p.Variants = append(p.Variants, w.variant())
				return
			}
		}
	}, func(w *walk) bool { return w.yes("the date tells") }},
	{"a variant goes", onTracked(func(w *walk, p *emulator.Product) {
		if n := len(p.Variants); n > 1 {
			at := w.number("variant", 0, n-1)
			p.Variants = slices.Delete(p.Variants, at, at+1)
		}
	}), perhaps},
	{"a SKU", onProduct(func(w *walk, p *emulator.Product) { w.rename(p) }), nil},
	{"a SKU that the stock tells of", onTracked(func(w *walk, p *emulator.Product) { w.rename(p) }), perhaps},
	{"a SKU is used anew", onProduct(func(w *walk, p *emulator.Product) {
		if len(p.Variants) > 0 {
			v := p.Variants[0]
			p.Variants[0] = &emulator.Variant{SKU: v.SKU, Options: v.Options, Stock: v.Stock}
		}
	}), nil},
	{"tracking ends", onTracked(func(_ *walk, p *emulator.Product) { p.Tracking = "none" }), perhaps},
	{"tracking", onProduct(func(w *walk, p *emulator.Product) {
		p.Tracking = one(w, "tracking", []string{"none", "product", "variant"})
	}), nil},
	{"an order", func(w *walk, c *emulator.Catalog) { c.Orders = append(c.Orders, w.order(c)) }, nil},
	{"an order's status", onOrder(func(w *walk, o *emulator.Order) { o.Status = w.status() }), nil},
	{"a refund", onOrder(func(w *walk, o *emulator.Order) { o.Lines[0].Refunded = int64(w.number("refunded", 0, 4)) }), nil},
	{"an order is put away", onOrder(func(_ *walk, o *emulator.Order) { o.Archived = true }), nil},
	{"an order goes", func(w *walk, c *emulator.Catalog) {
		if len(c.Orders) > 0 && !w.many {
			at := w.number("order", 0, len(c.Orders)-1)
			c.Orders = slices.Delete(c.Orders, at, at+1)
		}
	}, nil},
}

func onOrder(do func(w *walk, o *emulator.Order)) func(w *walk, c *emulator.Catalog) {
	return func(w *walk, c *emulator.Catalog) {
		if len(c.Orders) > 0 {
			do(w, one(w, "order", c.Orders))
		}
	}
}

// rename gives a variant, or a product without any, another SKU.
func (w *walk) rename(p *emulator.Product) {
	if len(p.Variants) > 0 {
		one(w, "variant", p.Variants).SKU = w.next("V")
		return
	}
	p.SKU = w.next("P")
}

// pass lets some time go by.
func (w *walk) pass() {
	w.shop.clock.pass(time.Duration(w.number("minutes", 0, 240)) * time.Minute)
}

// step makes one change. Where the date is not to tell of it, products keep theirs.
func (w *walk) step() {
	made := one(w, "change", changes)
	w.Logf("%s", made.name)
	told := made.told == nil || made.told(w)
	dates := map[int64]string{}
	update := func(change func(c *emulator.Catalog)) {
		if err := w.shop.Update(change); err != nil {
			w.Fatalf("%s: %v", made.name, err)
		}
	}
	update(func(c *emulator.Catalog) {
		for _, p := range c.Products {
			dates[p.ID] = p.Modified
		}
		made.do(w, c)
	})
	if told {
		return
	}
	update(func(c *emulator.Catalog) {
		for _, p := range c.Products {
			if date, ok := dates[p.ID]; ok {
				p.Modified = date
			}
		}
	})
}

// TestRandomWalk refreshes a copy again and again, while the store is changed in between: each time the copy has to make
// the items that a full read brings.
func TestRandomWalk(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := &walk{T: r}
		c := &emulator.Catalog{Locations: []*emulator.Location{{ID: 1, Name: "Main"}, {ID: 2, Name: "Annex"}}}
		for range w.number("products", 0, 8) {
			c.Products = append(c.Products, w.product())
		}
		for range w.number("orders", 0, 4) {
			c.Orders = append(c.Orders, w.order(c))
		}
		var breaks atomic.Int64 // from which request on nothing is answered; 0: all are. What a pull gave up may still arrive
		w.shop = newShop(r, c, emulator.WithQuota(0, 0), emulator.WithFaults(func(n int, _ *http.Request) emulator.Fault {
			if from := breaks.Load(); from > 0 && int64(n) >= from {
				return emulator.Status(http.StatusInternalServerError)
			}
			return nil
		}))
		held := newCopy(allNames()...)
		if w.blind = w.yes("no stock"); w.blind {
			held.fields = []string{"sku", "name", "price", "pending", "brand", "variation"}
		}
		pages := one(w, "pages", []pageSizes{usualPages, {products: 3, variants: 3, brands: 3, stock: 3, orders: 250},
			{products: 2, variants: 1, brands: 2, stock: 1, orders: 3}})
		w.many = pages.orders < 250
		for range w.number("refreshes", 2, 5) {
			source := w.shop.source(r, settings{"imported_through": 99 + w.number("imported", 0, 3)})
			source.pages = pages
			if w.yes("a pull that breaks off") {
				from := w.shop.Requests() + w.number("after", 1, 20)
				breaks.Store(int64(from))
				if err := held.pull(r, source); err == nil && w.shop.Requests() >= from {
					r.Fatal("the store did not answer, and the pull ended well")
				}
				breaks.Store(0)
				w.pass()
				w.step()
			}
			if err := held.pull(r, source); err != nil {
				r.Fatalf("Pull: %v", err)
			}
			held.pulled(r, source)
			for range w.number("changes", 0, 4) {
				w.pass()
				w.step()
			}
			w.pass()
		}
	})
}
