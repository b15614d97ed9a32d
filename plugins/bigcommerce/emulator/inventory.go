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
	var list []stocked
	for _, product := range s.catalog.Products {
		for _, item := range product.stocked() {
			if (skus == nil || slices.Contains(skus, item.sku)) &&
				(variants == nil || slices.Contains(variants, item.variant)) &&
				(products == nil || slices.Contains(products, product.ID)) {
				list = append(list, item)
			}
		}
	}
	var data []map[string]any
	for _, item := range cut(list, p) {
		data = append(data, s.inventoryEntry(item, locations))
	}
	sendPage(w, r, data, len(list), p)
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

func (s *Server) inventoryEntry(item stocked, only []int64) map[string]any {
	identity := map[string]any{"sku": item.sku, "product_id": item.product}
	if item.variant != 0 {
		identity["variant_id"], identity["sku_id"] = item.variant, nil
		if item.real {
			identity["sku_id"] = item.variant + 1_000_000
		}
	}
	locations := []map[string]any{}
	for i, l := range s.catalog.Locations {
		if only != nil && !slices.Contains(only, l.ID) {
			continue
		}
		level, kept := item.stock[l.ID]
		if first, ok := item.stock[0]; ok && i == 0 {
			level, kept = Level{level.OnHand + first.OnHand, level.SafetyStock + first.SafetyStock}, true
		}
		if !kept && i > 0 { // the first location has a line for everything, the others for what lies there
			continue
		}
		available := level.OnHand - level.SafetyStock
		locations = append(locations, map[string]any{
			"location_id": l.ID, "location_code": l.Code, "location_name": l.Name, "location_enabled": !l.Disabled,
			"available_to_sell": available, "total_inventory_onhand": level.OnHand,
			"settings": map[string]any{"safety_stock": level.SafetyStock, "is_in_stock": available > 0,
				"warning_level": 0, "bin_picking_number": item.bin},
		})
	}
	return map[string]any{"identity": identity, "locations": locations}
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
