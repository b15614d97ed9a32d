package proto

import (
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/weborder"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// FromWish writes what of people is to be told.
func FromWish(w weborder.Wish) *sourcev1.OrdersRequest {
	return &sourcev1.OrdersRequest{Customer: w.Customer, Address: w.Address, CustomerNote: w.CustomerNote}
}

// ToWish reads what of people is to be told.
func ToWish(m *sourcev1.OrdersRequest) weborder.Wish {
	return weborder.Wish{Customer: m.GetCustomer(), Address: m.GetAddress(), CustomerNote: m.GetCustomerNote()}
}

// FromOrder writes an order.
func FromOrder(o weborder.Order) *sourcev1.Order {
	m := &sourcev1.Order{Id: o.ID, PlacedAt: timestamppb.New(o.PlacedAt), Status: o.Status, Currency: o.Currency,
		TotalExTax: amount(o.TotalExTax), TotalIncTax: amount(o.TotalIncTax), ShippingExTax: amount(o.ShippingExTax), ShippingIncTax: amount(o.ShippingIncTax),
		Discount: amount(o.Discount), Note: o.Note, CustomerNote: o.CustomerNote}
	if c := o.Customer; c != (weborder.Customer{}) {
		m.Customer = &sourcev1.Customer{Name: c.Name, Email: c.Email, Phone: c.Phone}
	}
	for _, l := range o.Lines {
		line := &sourcev1.OrderLine{Sku: l.SKU, Name: l.Name, Quantity: l.Quantity.String(), PriceExTax: amount(l.PriceExTax), PriceIncTax: amount(l.PriceIncTax), Discount: amount(l.Discount)}
		if a := l.Address; a != (weborder.Address{}) {
			line.Address = &sourcev1.Address{Name: a.Name, Company: a.Company, Street: a.Street, City: a.City, State: a.State, Zip: a.Zip, Country: a.Country}
		}
		m.Lines = append(m.Lines, line)
	}
	return m
}

func amount(d *catalog.Decimal) string {
	if d == nil {
		return ""
	}
	return d.String()
}

// ToOrder reads an order. It fails on an amount that is no number, and on what weborder.Order.Check finds.
func ToOrder(m *sourcev1.Order) (weborder.Order, error) {
	o := weborder.Order{ID: m.GetId(), Status: m.GetStatus(), Currency: m.GetCurrency(), Note: m.GetNote(), CustomerNote: m.GetCustomerNote(),
		Customer: weborder.Customer{Name: m.GetCustomer().GetName(), Email: m.GetCustomer().GetEmail(), Phone: m.GetCustomer().GetPhone()}}
	if m.GetPlacedAt().IsValid() {
		o.PlacedAt = m.GetPlacedAt().AsTime()
	}
	var err error
	read := func(what, text string) *catalog.Decimal {
		if text == "" {
			return nil
		}
		d, wrong := catalog.ParseDecimal(text)
		if wrong != nil && err == nil {
			err = fmt.Errorf("order %.80q: the %s of which the text is %.40q: %w", o.ID, what, text, wrong)
		}
		return &d
	}
	o.TotalExTax, o.TotalIncTax = read("total", m.GetTotalExTax()), read("total", m.GetTotalIncTax())
	o.ShippingExTax, o.ShippingIncTax = read("shipping", m.GetShippingExTax()), read("shipping", m.GetShippingIncTax())
	o.Discount = read("discount", m.GetDiscount())
	for i, l := range m.GetLines() {
		quantity := read("quantity", l.GetQuantity())
		if quantity == nil {
			return o, fmt.Errorf("order %.80q: line %d has no quantity", o.ID, i+1)
		}
		a := l.GetAddress()
		o.Lines = append(o.Lines, weborder.Line{SKU: l.GetSku(), Name: l.GetName(), Quantity: *quantity,
			PriceExTax: read("price", l.GetPriceExTax()), PriceIncTax: read("price", l.GetPriceIncTax()), Discount: read("discount", l.GetDiscount()),
			Address: weborder.Address{Name: a.GetName(), Company: a.GetCompany(), Street: a.GetStreet(), City: a.GetCity(), State: a.GetState(), Zip: a.GetZip(), Country: a.GetCountry()}})
	}
	if err != nil {
		return o, err
	}
	return o, o.Check()
}
