package emulator

import (
	"net/http"
	"slices"
)

// inventory answers GET /v3/inventory/items: an item for each variant whose stock is tracked, and one for a product that
// is tracked as a whole.
func (s *Server) inventory(w http.ResponseWriter, r *http.Request) {
	q := queryOf(r)
	p := q.page(1000)
	skus, variants := q.list("sku:in"), q.numbers("variant_id:in")
	products, locations := q.numbers("product_id:in"), q.numbers("location_id:in")
	if !q.ok() {
		s.invalid(w, r, q.parameter, q.problem)
		return
	}
	list := s.index.stocked
	if skus != nil || variants != nil || products != nil {
		list = nil
		for _, item := range s.index.stocked {
			if (skus == nil || slices.Contains(skus, item.sku)) &&
				(variants == nil || slices.Contains(variants, item.variant)) &&
				(products == nil || slices.Contains(products, item.product)) {
				list = append(list, item)
			}
		}
	}
	part := cut(list, p)
	s.seeStock(part)
	data := make([]byte, 0, len(part)*384)
	for i := range part {
		if i > 0 {
			data = append(data, ',')
		}
		data = s.appendStocked(data, &part[i], locations)
	}
	sendPage(w, r, data, len(part), len(list), p)
}

// stocked is something whose stock is kept.
type stocked struct {
	sku              string
	product, variant int64 // variant is 0 for a product with options that is tracked as a whole
	real             bool  // a variant with options
	stock            Stock
	bin              string
}

func (p *Product) stocked() []stocked {
	switch {
	case p.Tracking == "none":
		return nil
	case p.Bare:
		return nil
	case p.base != nil:
		return []stocked{{p.SKU, p.ID, p.base.ID, false, p.Stock, p.Bin}}
	case p.Tracking == "product":
		return []stocked{{p.SKU, p.ID, 0, false, p.Stock, p.Bin}}
	}
	var list []stocked
	for _, v := range p.Variants {
		list = append(list, stocked{v.SKU, p.ID, v.ID, len(v.Options) > 0, v.Stock, v.Bin})
	}
	return list
}

// appendStocked writes an item of the inventory as the API answers it.
func (s *Server) appendStocked(buf []byte, item *stocked, only []int64) []byte {
	o := begin(buf, nil)
	o.member("identity")
	identity := begin(o.buf, nil)
	identity.text("sku", item.sku)
	identity.whole("product_id", item.product)
	if item.variant != 0 {
		identity.whole("variant_id", item.variant)
		if item.real {
			identity.whole("sku_id", item.variant+1_000_000)
		} else {
			identity.raw("sku_id", "null")
		}
	}
	o.buf = identity.end()
	if _, untold := item.stock[nowhere]; untold {
		o.raw("locations", "null")
		return o.end()
	}
	o.member("locations")
	o.buf = append(o.buf, '[')
	first := len(o.buf)
	for i, l := range s.catalog.Locations {
		if only != nil && !slices.Contains(only, l.ID) {
			continue
		}
		level, kept := item.stock[l.ID]
		if shelf, ok := item.stock[0]; ok && i == 0 {
			level, kept = Level{level.OnHand + shelf.OnHand, level.SafetyStock + shelf.SafetyStock, level.Untold || shelf.Untold}, true
		}
		if !kept && i > 0 { // the first location has a line for everything, the others for what lies there
			continue
		}
		if len(o.buf) > first {
			o.buf = append(o.buf, ',')
		}
		o.buf = appendLevel(o.buf, l, level, item.bin)
	}
	o.buf = append(o.buf, ']')
	return o.end()
}

func appendLevel(buf []byte, l *Location, level Level, bin string) []byte {
	available := level.OnHand - level.SafetyStock
	o := begin(buf, nil)
	o.whole("location_id", l.ID)
	o.text("location_code", l.Code)
	o.text("location_name", l.Name)
	o.truth("location_enabled", !l.Disabled)
	count := func(o *object, name string, value int64) {
		if level.Untold {
			o.raw(name, "null")
		} else {
			o.whole(name, value)
		}
	}
	count(o, "available_to_sell", available)
	count(o, "total_inventory_onhand", level.OnHand)
	o.member("settings")
	settings := begin(o.buf, nil)
	count(settings, "safety_stock", level.SafetyStock)
	settings.truth("is_in_stock", available > 0)
	settings.raw("warning_level", "0")
	settings.text("bin_picking_number", bin)
	o.buf = settings.end()
	return o.end()
}

// inventorySettings answers GET /v3/settings/inventory.
func (s *Server) inventorySettings(w http.ResponseWriter, r *http.Request) {
	q := queryOf(r)
	if !q.ok() {
		s.invalid(w, r, q.parameter, q.problem)
		return
	}
	send(w, http.StatusOK, map[string]any{"meta": map[string]any{}, "data": map[string]any{
		"update_stock_behavior": s.catalog.Store.UpdateStock, "product_out_of_stock_behavior": "do_nothing",
		"option_out_of_stock_behavior": "do_nothing", "edit_order_stock_adjustment": true,
		"refund_order_stock_adjustment": true, "stock_level_display": "dont_show",
		"default_out_of_stock_message": "", "hide_in_product_filtering": false,
		"show_pre_order_stock_levels": false, "show_out_of_stock_message": false,
	}})
}
