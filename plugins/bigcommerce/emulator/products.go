package emulator

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// products answers GET /v3/catalog/products.
func (s *Server) products(w http.ResponseWriter, r *http.Request) {
	q := queryOf(r)
	most := 250
	include := q.choices("include", "variants", "options", "modifiers", "images", "custom_fields", "bulk_pricing_rules")
	if slices.Contains(include, "options") || slices.Contains(include, "modifiers") {
		most = 10
	}
	fields := q.list("include_fields")
	p := q.page(most)
	list := s.sortProducts(q, s.filterProducts(q))
	if !q.ok() {
		s.invalid(w, r, q.parameter, q.problem)
		return
	}
	var data []map[string]any
	for _, product := range cut(list, p) {
		entry := only(s.productEntry(product), fields)
		if slices.Contains(include, "variants") { // whatever include_fields says, with all of their fields
			variants := []map[string]any{}
			for v := range product.all() {
				variants = append(variants, s.variantEntry(v))
			}
			entry["variants"] = variants
		}
		for _, part := range include {
			if part != "variants" {
				entry[part] = []any{}
			}
		}
		data = append(data, entry)
	}
	sendPage(w, r, data, len(list), p)
}

// filterProducts returns the products that the filters let through, in the order of their identifiers.
func (s *Server) filterProducts(q *query) []*Product {
	list := s.catalog.Products
	if id, given := q.number("id:greater"); given { // the list is in order: no need to look at each
		from, _ := slices.BinarySearchFunc(list, id+1, func(p *Product, id int64) int { return int(p.ID - id) })
		list = list[from:]
	}
	var tests []func(*Product) bool
	if ids := q.numbers("id:in"); ids != nil {
		tests = append(tests, func(p *Product) bool { return slices.Contains(ids, p.ID) })
	}
	if id, given := q.number("id"); given {
		tests = append(tests, func(p *Product) bool { return p.ID == id })
	}
	if skus := q.list("sku:in"); skus != nil { // a product's own SKU: those of its variants are not looked at
		tests = append(tests, func(p *Product) bool { return slices.Contains(skus, p.SKU) })
	}
	if sku := q.text("sku"); sku != "" {
		tests = append(tests, func(p *Product) bool { return p.SKU == sku })
	}
	if since := q.text("date_modified:min"); since != "" {
		at, ok := s.moment(since)
		if !ok {
			q.wrong("date_modified:min", "must be a date")
		}
		tests = append(tests, func(p *Product) bool {
			modified, _ := time.Parse(time.RFC3339, p.Modified)
			return !modified.Before(at)
		})
	}
	if len(tests) == 0 {
		return list
	}
	var kept []*Product
	for _, p := range list {
		if !slices.ContainsFunc(tests, func(test func(*Product) bool) bool { return !test(p) }) {
			kept = append(kept, p)
		}
	}
	return kept
}

// moment reads a date. To one without a time the API adds the present time of day, which is rarely what is meant.
func (s *Server) moment(text string) (time.Time, bool) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		now := s.now().UTC()
		return day.Add(now.Sub(now.Truncate(24 * time.Hour))), true
	}
	at, err := time.Parse(time.RFC3339, text)
	return at, err == nil
}

func (s *Server) sortProducts(q *query, list []*Product) []*Product {
	by := q.choices("sort", "id", "name", "date_modified")
	direction := q.choices("direction", "asc", "desc")
	if len(by) > 0 && by[0] != "id" {
		list = slices.Clone(list)
		slices.SortStableFunc(list, func(a, b *Product) int {
			if by[0] == "name" {
				return strings.Compare(a.Name, b.Name)
			}
			return strings.Compare(a.Modified, b.Modified)
		})
	}
	if len(direction) > 0 && direction[0] == "desc" {
		list = slices.Clone(list)
		slices.Reverse(list)
	}
	return list
}

// productEntry is a product as the API answers it.
func (s *Server) productEntry(p *Product) map[string]any {
	stock := p.Stock.available()
	if p.Tracking == "variant" {
		stock = 0
		for v := range p.all() {
			stock += v.Stock.available()
		}
	}
	price := p.Price
	if p.Sale != nil && p.Sale.Sign() > 0 {
		price = *p.Sale
	}
	var base any
	if p.base != nil {
		base = p.base.ID
	}
	return map[string]any{
		"id": p.ID, "name": p.Name, "type": "physical", "sku": p.SKU, "description": "", "weight": zero(p.Weight),
		"width": zero(p.Width), "depth": zero(p.Depth), "height": zero(p.Height), "price": p.Price,
		"cost_price": zero(p.Cost), "retail_price": zero(p.Retail), "sale_price": zero(p.Sale), "map_price": 0,
		"calculated_price": price, "tax_class_id": 0, "categories": []int{}, "product_tax_code": "",
		"brand_id": s.index.brands[strings.ToLower(p.Brand)], "option_set_id": nil, "option_set_display": "right",
		"inventory_level": stock, "inventory_warning_level": 0, "inventory_tracking": p.Tracking,
		"total_sold": 0, "is_visible": !p.Hidden, "is_featured": false, "availability": "available", "condition": "New",
		"layout_file": nil, "bin_picking_number": p.Bin, "upc": p.UPC, "mpn": "", "gtin": "", "sort_order": 0,
		"custom_url":      map[string]any{"url": p.Path, "is_customized": false},
		"base_variant_id": base, "date_created": p.Modified, "date_modified": p.Modified,
	}
}

// zero is an optional number as products have it: 0 if it is not set.
func zero(d *catalog.Decimal) catalog.Decimal {
	if d == nil {
		return catalog.Decimal{}
	}
	return *d
}

// variants answers GET /v3/catalog/variants.
func (s *Server) variants(w http.ResponseWriter, r *http.Request) {
	q := queryOf(r)
	fields := q.list("include_fields")
	p := q.page(250)
	list := s.index.variants
	var tests []func(*Variant) bool
	if ids := q.numbers("product_id:in"); ids != nil {
		tests = append(tests, func(v *Variant) bool { return slices.Contains(ids, v.productID()) })
	}
	if id, given := q.number("id"); given {
		tests = append(tests, func(v *Variant) bool { return v.ID == id })
	}
	if sku := q.text("sku"); sku != "" {
		tests = append(tests, func(v *Variant) bool { return v.SKU == sku })
	}
	if !q.ok() {
		s.invalid(w, r, q.parameter, q.problem)
		return
	}
	for _, test := range tests {
		var kept []*Variant
		for _, v := range list {
			if test(v) {
				kept = append(kept, v)
			}
		}
		list = kept
	}
	var data []map[string]any
	for _, v := range cut(list, p) {
		data = append(data, only(s.variantEntry(v), fields))
	}
	sendPage(w, r, data, len(list), p)
}

func (v *Variant) productID() int64 {
	if v.product == nil {
		return 0
	}
	return v.product.ID
}

// variantEntry is a variant as the API answers it: what it inherits from its product is null.
func (s *Server) variantEntry(v *Variant) map[string]any {
	options := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(v.Options)) {
		value := v.Options[name]
		options = append(options, map[string]any{"id": s.index.options[name+"\x00"+value], "label": value,
			"option_id": s.index.options[name], "option_display_name": name})
	}
	var skuID any
	if len(v.Options) > 0 {
		skuID = v.ID + 1_000_000
	}
	calculated := v.Price
	if calculated == nil && v.product != nil {
		calculated = &v.product.Price
	}
	return map[string]any{
		"id": v.ID, "product_id": v.productID(), "sku": v.SKU, "sku_id": skuID, "price": null(v.Price),
		"calculated_price": zero(calculated), "sale_price": null(v.Sale), "retail_price": null(v.Retail),
		"cost_price": null(v.Cost), "weight": null(v.Weight), "width": null(v.Width), "height": null(v.Height),
		"depth": null(v.Depth), "is_free_shipping": false, "fixed_cost_shipping_price": nil,
		"purchasing_disabled": false, "purchasing_disabled_message": "", "upc": v.UPC,
		"inventory_level": v.Stock.available(), "inventory_warning_level": 0, "bin_picking_number": v.Bin,
		"option_values": options,
	}
}

// null is an optional number as variants have it: null if it is the product's.
func null(d *catalog.Decimal) any {
	if d == nil {
		return nil
	}
	return *d
}

// brands answers GET /v3/catalog/brands.
func (s *Server) brands(w http.ResponseWriter, r *http.Request) {
	q := queryOf(r)
	fields := q.list("include_fields")
	p := q.page(250)
	ids := q.numbers("id:in")
	if !q.ok() {
		s.invalid(w, r, q.parameter, q.problem)
		return
	}
	var list []*Brand
	for _, b := range s.catalog.Brands {
		if ids == nil || slices.Contains(ids, b.ID) {
			list = append(list, b)
		}
	}
	var data []map[string]any
	for _, b := range cut(list, p) {
		data = append(data, only(map[string]any{"id": b.ID, "name": b.Name, "page_title": "", "meta_keywords": []string{},
			"meta_description": "", "search_keywords": "", "image_url": "",
			"custom_url": map[string]any{"url": "/brands/" + strconv.FormatInt(b.ID, 10) + "/", "is_customized": false}}, fields))
	}
	sendPage(w, r, data, len(list), p)
}
