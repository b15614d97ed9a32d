package emulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// adjustment is an entry of a request that sets stock.
type adjustment struct {
	Location int64  `json:"location_id"`
	Variant  int64  `json:"variant_id"`
	Product  int64  `json:"product_id"`
	SKU      string `json:"sku"`
	Quantity *int64 `json:"quantity"`
}

// putStock answers PUT /v3/inventory/adjustments/absolute: all or nothing, and shown when the server shows stock.
func (s *Server) putStock(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Reason string       `json:"reason"`
		Items  []adjustment `json:"items"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(body.Items) == 0 {
		s.refuseStock(w, r, "The items are missing.")
		return
	}
	if len(body.Items) > mostStock {
		s.fail(w, r, http.StatusRequestEntityTooLarge, "The request payload is too large.")
		return
	}
	found := map[int64]int{} // of a variant, where in the inventory it is
	whole := map[int64]int{} // of a product that is tracked as a whole
	for i, item := range s.index.stocked {
		found[item.variant] = i
		if len(s.productOf(item.product).Variants) == 0 || item.variant == 0 {
			whole[item.product] = i
		}
	}
	var changes []edit
	for i := range body.Items {
		change, problem := s.planStock(&body.Items[i], found, whole)
		if problem != "" {
			if s.writing.vague {
				problem = "One of the items is not valid"
			}
			s.refuseStock(w, r, problem)
			return
		}
		changes = append(changes, change)
	}
	for _, change := range changes {
		s.written(change.at)
		if s.writing.late == 0 {
			change.make()
		} else if s.writing.late > 0 {
			s.writing.expected = append(s.writing.expected, lateStock{change.make, s.writing.late})
		}
	}
	send(w, http.StatusOK, map[string]string{"transaction_id": fmt.Sprintf("t-%d", s.requests.Load())})
}

// refuseStock refuses a request as the inventory does: in another format than the catalogue.
func (s *Server) refuseStock(w http.ResponseWriter, r *http.Request, problem string) {
	w.Header().Set("Content-Type", "application/problem+json")
	s.fail(w, r, http.StatusUnprocessableEntity, problem)
}

func (s *Server) productOf(id int64) *Product {
	at, ok := slices.BinarySearchFunc(s.catalog.Products, id, func(p *Product, id int64) int { return cmp.Compare(p.ID, id) })
	if !ok {
		return &Product{}
	}
	return s.catalog.Products[at]
}

// planStock looks at one entry. It returns what makes the change, or why it is not taken.
func (s *Server) planStock(a *adjustment, found, whole map[int64]int) (change edit, problem string) {
	at, ok := found[a.Variant]
	entry := variantEntry(a.Variant)
	switch {
	case a.Product != 0:
		at, ok = whole[a.Product]
		entry = productEntry(a.Product)
	case a.Variant == 0:
		return edit{}, "an item has no variant_id and no product_id"
	case ok && s.productOf(s.index.stocked[at].product).Tracking == "product":
		return edit{}, fmt.Sprintf("[Item with variant_id %d is tracked by product, please update stock by product id]", a.Variant)
	}
	switch {
	case !ok:
		return edit{}, entry + " is not tracked"
	case a.Quantity == nil || *a.Quantity < 0 || *a.Quantity > 1<<31-1:
		return edit{}, entry + ": the quantity is not valid"
	case !slices.ContainsFunc(s.catalog.Locations, func(l *Location) bool { return l.ID == a.Location }):
		return edit{}, fmt.Sprintf("there is no location %d", a.Location)
	}
	if why := s.refusal(entry, "quantity", json.RawMessage(fmt.Sprint(*a.Quantity))); why != nil {
		return edit{}, why.text
	}
	product, variant := s.index.stocked[at].product, s.index.stocked[at].variant
	return edit{Written{fmt.Sprintf("%s at %d", entry, a.Location), "quantity"}, func() { s.setStock(product, variant, a.Location, *a.Quantity) }}, ""
}

// setStock sets what is on hand at a location, in the inventory and in the catalogue it is made of.
func (s *Server) setStock(product, variant, location, quantity int64) {
	at := slices.IndexFunc(s.index.stocked, func(i stocked) bool { return i.product == product && i.variant == variant })
	if at < 0 {
		return // it was deleted meanwhile
	}
	item := &s.index.stocked[at]
	key := location
	if _, shelf := item.stock[0]; shelf && location == s.catalog.Locations[0].ID {
		key = 0
	}
	stock := Stock{}
	for l, level := range item.stock {
		stock[l] = level
	}
	stock[key] = Level{OnHand: quantity, SafetyStock: stock[key].SafetyStock}
	item.stock = stock
	p := s.productOf(item.product)
	if p.Tracking == "product" {
		p.Stock = stock
		if p.base != nil {
			p.base.Stock = stock
		}
		return
	}
	for v := range p.all() {
		if v.ID == item.variant {
			v.Stock = stock
		}
	}
	if p.base != nil && p.base.ID == item.variant {
		p.Stock = stock
	}
}
