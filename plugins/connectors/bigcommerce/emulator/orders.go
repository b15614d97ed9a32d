package emulator

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// orders answers GET /v2/orders: a bare array, or 204 where there is nothing on the page.
func (s *Server) orders(w http.ResponseWriter, r *http.Request) {
	q := queryOf(r)
	p := q.page(250)
	include := q.choices("include", "consignments", "consignments.line_items", "fees")
	structure := q.choices("consignment_structure", "object")
	q.choices("sort", "id")
	least, hasLeast := q.number("min_id")
	most, hasMost := q.number("max_id")
	status, hasStatus := q.number("status_id")
	since := q.text("min_date_modified")
	at, ok := s.moment(since)
	if since != "" && !ok {
		q.wrong("min_date_modified", "must be a date")
	}
	if !q.ok() {
		s.invalid(w, r, q.parameter, q.problem)
		return
	}
	var list []*Order
	for _, o := range s.catalog.Orders {
		if hasLeast && o.ID < least || hasMost && o.ID > most || hasStatus && int64(o.status) != status ||
			since != "" && o.modified.Before(at) {
			continue
		}
		list = append(list, o)
	}
	list = cut(list, p)
	if len(list) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	data := make([]map[string]any, len(list))
	for i, o := range list {
		withLines := slices.Contains(include, "consignments.line_items") && structure != nil
		data[i] = s.orderEntry(o, withLines)
	}
	send(w, http.StatusOK, data)
}

// orderEntry is an order as the API answers it: V2's prices are strings and its dates are those of e-mails.
func (s *Server) orderEntry(o *Order, withLines bool) map[string]any {
	var units, shipped int64
	for _, l := range o.Lines {
		units += l.Quantity
		shipped += l.Shipped
	}
	goods, discount := o.totals()
	total := goods.Sub(discount).Sub(o.Coupon).Add(o.Shipping)
	currency := cmp.Or(o.Currency, s.catalog.Store.Currency)
	entry := map[string]any{
		"id": o.ID, "status_id": o.status, "status": statuses[o.status], "customer_id": 0, "is_deleted": o.Archived,
		"date_created": mailDate(o.Created), "date_modified": mailDate(o.Modified), "date_shipped": "",
		"items_total": units, "items_shipped": shipped, "currency_code": currency, "default_currency_code": currency,
		"store_default_currency_code": s.catalog.Store.Currency, "store_default_to_transactional_exchange_rate": "1.0000000000",
		"subtotal_ex_tax": money(goods), "subtotal_inc_tax": money(o.taxed(goods)), "total_ex_tax": money(total), "total_inc_tax": money(o.taxed(total)),
		"total_tax": money(o.taxed(total).Sub(total)), "shipping_cost_ex_tax": money(o.Shipping), "shipping_cost_inc_tax": money(o.taxed(o.Shipping)),
		"discount_amount": money(discount), "coupon_discount": money(o.Coupon), "refunded_amount": "0.0000",
		"payment_method": "Manual", "payment_status": "captured", "order_source": "www", "order_is_digital": false,
		"channel_id": 1, "customer_message": o.Message, "staff_notes": o.Note, "external_id": nil, "billing_address": o.Customer.entry(),
		"consignments": map[string]any{"url": "https://" + s.catalog.Store.Domain + "/orders", "resource": "/orders/consignments"},
	}
	if withLines {
		entry["consignments"] = consignments(o)
	}
	return entry
}

func mailDate(date string) string {
	at, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return "" // complete lets no such date in
	}
	return at.UTC().Format(time.RFC1123Z)
}

func consignments(o *Order) map[string]any {
	lines := map[string][]map[string]any{}
	for i, l := range o.Lines {
		kind, delivery := "physical", l.Delivery
		if delivery == "" {
			delivery = "shipping"
		}
		if delivery == "download" {
			kind = "digital"
		}
		var parent any
		if l.Bundled && i > 0 {
			parent = o.ID*1000 + int64(i) - 1
		}
		lines[delivery] = append(lines[delivery], map[string]any{
			"id": o.ID*1000 + int64(i), "order_id": o.ID, "product_id": l.ProductID, "variant_id": l.VariantID, "sku": l.SKU,
			"name": cmp.Or(l.Name, l.SKU), "type": kind, "quantity": l.Quantity, "quantity_shipped": l.Shipped,
			"quantity_refunded": l.Refunded, "is_refunded": l.Refunded >= l.Quantity, "base_price": money(*l.Price),
			"price_ex_tax": money(*l.Price), "price_inc_tax": money(o.taxed(*l.Price)), "total_ex_tax": money(l.total()), "total_inc_tax": money(o.taxed(l.total())),
			"is_bundled_product": l.Bundled, "parent_order_product_id": parent, "option_set_id": nil, "event_name": nil,
			"event_date": nil, "wrapping_name": nil, "gift_certificate_id": nil, "applied_discounts": l.discounts(), "product_options": []any{},
		})
	}
	list := func(delivery, method string) []map[string]any {
		if lines[delivery] == nil {
			return []map[string]any{}
		}
		entry := map[string]any{}
		if delivery == "shipping" {
			entry = cmp.Or(o.ShipTo, o.Customer).entry()
			delete(entry, "form_fields")
		}
		entry["line_items"] = lines[delivery]
		if method != "" {
			entry["id"] = o.ID
			entry[method] = "Standard"
		} else {
			entry["recipient_email"] = "customer@example.com"
		}
		return []map[string]any{entry}
	}
	return map[string]any{"shipping": list("shipping", "shipping_method"), "downloads": list("download", ""),
		"pickups": list("pickup", "pickup_method_display_name"), "email": map[string]any{"gift_certificates": []any{}}}
}

// complete gives a line a price, where it has none: that of the variant of its SKU, if there is one.
func (l *Line) complete(v *Variant) {
	switch {
	case l.Price != nil:
	case v == nil:
		l.Price = &catalog.Decimal{}
	default:
		price := v.product.Price
		if v.Price != nil {
			price = *v.Price
		}
		l.Price = &price
	}
}

func (l *Line) total() catalog.Decimal { return l.Price.Mul(catalog.Int(l.Quantity)) }

// discounts are what was taken off the line.
func (l *Line) discounts() []any {
	if l.Discount.Sign() == 0 {
		return []any{}
	}
	return []any{map[string]any{"id": "total-coupon", "amount": money(l.Discount), "name": "Discount", "code": nil, "target": "product"}}
}

// totals returns what the goods of an order cost, and what was taken off its lines.
func (o *Order) totals() (goods, discount catalog.Decimal) {
	for _, l := range o.Lines {
		goods, discount = goods.Add(l.total()), discount.Add(l.Discount)
	}
	return goods, discount
}

// taxed returns an amount with tax.
func (o *Order) taxed(amount catalog.Decimal) catalog.Decimal {
	return amount.Add(amount.Mul(o.TaxRate))
}

// money writes an amount as V2 does: with four digits behind the point.
func money(d catalog.Decimal) string {
	text := d.Round(4).String()
	whole, digits, _ := strings.Cut(text, ".")
	return whole + "." + digits + strings.Repeat("0", 4-len(digits))
}

// entry is a person as the API answers it.
func (p *Person) entry() map[string]any {
	if p == nil {
		p = &Person{}
	}
	return map[string]any{"first_name": p.FirstName, "last_name": p.LastName, "company": p.Company, "street_1": p.Street, "street_2": "", "city": p.City,
		"state": p.State, "zip": p.Zip, "country": p.Country, "country_iso2": "", "phone": p.Phone, "email": p.Email, "form_fields": []any{}}
}

// currency is what the API answers as the store's.
func (s *Store) currency() string {
	if s.NoCurrency {
		return ""
	}
	return s.Currency
}

// store answers GET /v2/store.
func (s *Server) store(w http.ResponseWriter, r *http.Request) {
	q := queryOf(r)
	if !q.ok() {
		s.invalid(w, r, q.parameter, q.problem)
		return
	}
	store := s.catalog.Store
	send(w, http.StatusOK, map[string]any{
		"id": s.hash, "account_uuid": "00000000-0000-4000-8000-000000000000", "name": store.Name, "domain": store.Domain,
		"secure_url": "https://" + store.Domain, "control_panel_base_url": "https://" + store.Domain,
		"status": store.Status, "currency": store.currency(), "currency_symbol": "$", "language": "en",
		"decimal_separator": ".", "thousands_separator": ",", "decimal_places": 2,
		"timezone":  map[string]any{"name": store.Timezone, "raw_offset": 0, "dst_offset": 0, "dst_correction": false},
		"plan_name": store.Plan, "plan_level": store.Plan, "plan_is_trial": false,
		"weight_units": store.WeightUnits, "dimension_units": store.DimensionUnits,
		"is_price_entered_with_tax": store.PricesWithTax, "store_id": 1, "default_channel_id": 1,
		"active_comparison_modules": []any{}, "features": map[string]any{"multi_storefront_enabled": false},
	})
}
