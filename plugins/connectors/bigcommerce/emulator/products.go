package emulator

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
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
	part := cut(list, p)
	s.see(part)
	data := make([]byte, 0, len(part)*512)
	for _, product := range part {
		data = s.appendProduct(data, product, include, fields)
	}
	sendPage(w, r, data, len(part), len(list), p)
}

// filterProducts returns the products that the filters let through, in the order of their identifiers.
func (s *Server) filterProducts(q *query) []*Product {
	list := s.catalog.Products
	// The list is in the order of identifiers: no need to look at each.
	for _, bound := range []struct {
		filter string
		from   bool  // the products from there on, or those before
		add    int64 // to the identifier that is given
	}{{"id:greater", true, 1}, {"id:min", true, 0}, {"id:less", false, 0}, {"id:max", false, 1}} {
		id, given := q.number(bound.filter)
		if !given {
			continue
		}
		at, _ := slices.BinarySearchFunc(list, id+bound.add, func(p *Product, id int64) int { return cmp.Compare(p.ID, id) })
		if bound.from {
			list = list[at:]
		} else {
			list = list[:at]
		}
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
			return !p.modified.Before(at)
		})
	}
	if len(tests) == 0 {
		return list
	}
	kept := []*Product{}
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

// appendProduct writes a product as the API answers it.
func (s *Server) appendProduct(buf []byte, p *Product, include, fields []string) []byte {
	if len(buf) > 0 {
		buf = append(buf, ',')
	}
	price := &p.Price
	if p.Sale != nil && p.Sale.Sign() > 0 {
		price = p.Sale
	}
	o := begin(buf, fields)
	o.whole("id", p.ID)
	o.text("name", p.Name)
	o.text("type", "physical")
	o.text("sku", p.SKU)
	o.text("description", "")
	o.zero("weight", p.Weight)
	o.zero("width", p.Width)
	o.zero("depth", p.Depth)
	o.zero("height", p.Height)
	o.zero("price", &p.Price)
	o.zero("cost_price", p.Cost)
	o.zero("retail_price", p.Retail)
	o.zero("sale_price", p.Sale)
	o.raw("map_price", "0")
	o.zero("calculated_price", price)
	o.raw("tax_class_id", "0")
	o.raw("categories", "[]")
	o.text("product_tax_code", "")
	o.whole("brand_id", s.index.brands[p.brandKey])
	o.raw("option_set_id", "null")
	o.text("option_set_display", "right")
	o.whole("inventory_level", p.level())
	o.raw("inventory_warning_level", "0")
	o.text("inventory_tracking", p.Tracking)
	o.raw("total_sold", "0")
	o.truth("is_visible", !p.Hidden)
	o.raw("is_featured", "false")
	o.text("availability", cmp.Or(p.Availability, "available"))
	o.text("condition", "New")
	o.raw("layout_file", "null")
	o.text("bin_picking_number", p.Bin)
	o.text("upc", p.UPC)
	o.text("mpn", "")
	o.text("gtin", "")
	o.raw("sort_order", "0")
	if o.member("custom_url") {
		o.buf = append(appendText(append(o.buf, `{"url":`...), p.Path), `,"is_customized":false}`...)
	}
	if p.base != nil {
		o.whole("base_variant_id", p.base.ID)
	} else {
		o.raw("base_variant_id", "null")
	}
	o.text("date_created", p.Modified)
	o.text("date_modified", p.Modified)
	o.only = nil // what is included comes whatever include_fields says, with all of its fields
	for _, part := range include {
		o.member(part)
		o.buf = append(o.buf, '[')
		if part == "variants" {
			first := len(o.buf)
			for v := range p.all() {
				if len(o.buf) > first {
					o.buf = append(o.buf, ',')
				}
				o.buf = s.appendVariant(o.buf, v, nil)
			}
		}
		o.buf = append(o.buf, ']')
	}
	return o.end()
}

// level is the catalogue's inventory_level.
func (p *Product) level() int64 {
	if p.Tracking != "variant" {
		return p.Stock.available()
	}
	var units int64
	for v := range p.all() {
		units += v.Stock.available()
	}
	return units
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
		kept := []*Variant{}
		for _, v := range list {
			if test(v) {
				kept = append(kept, v)
			}
		}
		list = kept
	}
	part := cut(list, p)
	data := make([]byte, 0, len(part)*512)
	for i, v := range part {
		if i > 0 {
			data = append(data, ',')
		}
		data = s.appendVariant(data, v, fields)
	}
	sendPage(w, r, data, len(part), len(list), p)
}

func (v *Variant) productID() int64 {
	if v.product == nil {
		return 0
	}
	return v.product.ID
}

// appendVariant writes a variant as the API answers it: what it inherits from its product is null.
func (s *Server) appendVariant(buf []byte, v *Variant, fields []string) []byte {
	calculated := v.Price
	if calculated == nil && v.product != nil {
		calculated = &v.product.Price
	}
	o := begin(buf, fields)
	o.whole("id", v.ID)
	o.whole("product_id", v.productID())
	o.text("sku", v.SKU)
	if len(v.Options) > 0 {
		o.whole("sku_id", v.ID+1_000_000)
	} else {
		o.raw("sku_id", "null")
	}
	o.null("price", v.Price)
	o.zero("calculated_price", calculated)
	o.null("sale_price", v.Sale)
	o.null("retail_price", v.Retail)
	o.null("cost_price", v.Cost)
	o.null("weight", v.Weight)
	o.null("width", v.Width)
	o.null("height", v.Height)
	o.null("depth", v.Depth)
	o.raw("is_free_shipping", "false")
	o.raw("fixed_cost_shipping_price", "null")
	o.raw("purchasing_disabled", "false")
	o.text("purchasing_disabled_message", "")
	o.text("upc", v.UPC)
	o.whole("inventory_level", v.Stock.available())
	o.raw("inventory_warning_level", "0")
	o.text("bin_picking_number", v.Bin)
	if o.member("option_values") {
		o.buf = s.appendOptions(o.buf, v.Options)
	}
	return o.end()
}

func (s *Server) appendOptions(buf []byte, options map[string]string) []byte {
	buf = append(buf, '[')
	for i, name := range slices.Sorted(maps.Keys(options)) {
		if i > 0 {
			buf = append(buf, ',')
		}
		value := options[name]
		o := begin(buf, nil)
		o.whole("id", s.index.options[name+"\x00"+value])
		o.text("label", value)
		o.whole("option_id", s.index.options[name])
		o.text("option_display_name", name)
		buf = o.end()
	}
	return append(buf, ']')
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
	list := s.catalog.Brands
	if ids != nil {
		list = []*Brand{}
		for _, b := range s.catalog.Brands {
			if slices.Contains(ids, b.ID) {
				list = append(list, b)
			}
		}
	}
	part := cut(list, p)
	var data []byte
	for i, b := range part {
		if i > 0 {
			data = append(data, ',')
		}
		o := begin(data, fields)
		o.whole("id", b.ID)
		o.text("name", b.Name)
		o.text("page_title", "")
		o.raw("meta_keywords", "[]")
		o.text("meta_description", "")
		o.text("search_keywords", "")
		o.text("image_url", "")
		if o.member("custom_url") {
			o.buf = append(strconv.AppendInt(append(o.buf, `{"url":"/brands/`...), b.ID, 10), `/","is_customized":false}`...)
		}
		data = o.end()
	}
	sendPage(w, r, data, len(part), len(list), p)
}
