package emulator

import (
	"net/http"
	"slices"
	"time"
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
	entry := map[string]any{
		"id": o.ID, "status_id": o.status, "status": statuses[o.status], "customer_id": 0, "is_deleted": o.Archived,
		"date_created": mailDate(o.Created), "date_modified": mailDate(o.Modified), "date_shipped": "",
		"items_total": units, "items_shipped": shipped, "currency_code": s.catalog.Store.Currency,
		"subtotal_ex_tax": "0.0000", "total_ex_tax": "0.0000", "total_inc_tax": "0.0000", "total_tax": "0.0000",
		"payment_method": "Manual", "payment_status": "captured", "order_source": "www", "order_is_digital": false,
		"channel_id": 1, "customer_message": "", "staff_notes": "", "external_id": nil,
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
			"name": l.SKU, "type": kind, "quantity": l.Quantity, "quantity_shipped": l.Shipped,
			"quantity_refunded": l.Refunded, "is_refunded": l.Refunded >= l.Quantity, "base_price": "0.0000",
			"price_ex_tax": "0.0000", "price_inc_tax": "0.0000", "total_ex_tax": "0.0000", "total_inc_tax": "0.0000",
			"is_bundled_product": l.Bundled, "parent_order_product_id": parent, "option_set_id": nil, "event_name": nil,
			"event_date": nil, "wrapping_name": nil, "gift_certificate_id": nil, "applied_discounts": []any{}, "product_options": []any{},
		})
	}
	list := func(delivery, method string) []map[string]any {
		if lines[delivery] == nil {
			return []map[string]any{}
		}
		entry := map[string]any{"line_items": lines[delivery]}
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
