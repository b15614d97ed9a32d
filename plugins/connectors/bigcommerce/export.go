package bigcommerce

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// Orders reads the orders that are not imported yet anew, with all that is told of them.
func (s *Source) Orders(ctx context.Context, req sdk.OrdersRequest, emit func(sdk.Order) error) error {
	if !s.imported.known {
		return &sdk.SettingError{Summary: "nobody said which web orders the point of sale has imported",
			Detail: "Set imported_through (the last one's number), imported_ids_file or imported_statuses."}
	}
	client, err := s.connect(ctx)
	if err != nil {
		return err
	}
	reader := &orderReader{session: client.Session(req), limit: s.pages.orders, from: s.imported.through + 1, details: true}
	list, err := reader.all(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		if !s.imported.pending(&list[i]) {
			continue
		}
		if err := emit(*list[i].Told); err != nil {
			return err
		}
	}
	return nil
}

// detailedAnswer is the same order with what is told of it where somebody wants to import it. A read for the field pending does not look at
// that: what is wrong there is no reason for it to fail.
type detailedAnswer struct {
	ID              webapi.Whole         `json:"id"`
	Status          webapi.Text          `json:"status"`
	Created         webapi.Text          `json:"date_created"`
	Currency        webapi.Text          `json:"default_currency_code"` // in which the customer pays
	ShownCurrency   webapi.Text          `json:"currency_code"`         // the same, in orders that do not tell the former
	TotalExTax      webapi.Amount        `json:"total_ex_tax"`
	TotalIncTax     webapi.Amount        `json:"total_inc_tax"`
	ShippingExTax   webapi.Amount        `json:"shipping_cost_ex_tax"`
	ShippingIncTax  webapi.Amount        `json:"shipping_cost_inc_tax"`
	Discount        webapi.Amount        `json:"discount_amount"`
	Coupons         webapi.Amount        `json:"coupon_discount"`
	Note            webapi.Text          `json:"staff_notes"`
	CustomerMessage webapi.Text          `json:"customer_message"`
	Billing         addressAnswer        `json:"billing_address"`
	Consignments    detailedConsignments `json:"consignments"`
}

type detailedConsignments struct {
	Shipping  []detailedConsignment `json:"shipping"`
	Pickups   []detailedConsignment `json:"pickups"`
	Downloads []detailedConsignment `json:"downloads"`
}

type detailedConsignment struct {
	addressAnswer                // of what is shipped
	Lines         []detailedLine `json:"line_items"`
}

type detailedLine struct {
	Name        webapi.Text   `json:"name"`
	PriceExTax  webapi.Amount `json:"price_ex_tax"`
	PriceIncTax webapi.Amount `json:"price_inc_tax"`
	Discounts   []struct {
		Amount webapi.Amount `json:"amount"`
	} `json:"applied_discounts"`
}

type addressAnswer struct {
	FirstName webapi.Text `json:"first_name"`
	LastName  webapi.Text `json:"last_name"`
	Company   webapi.Text `json:"company"`
	Street1   webapi.Text `json:"street_1"`
	Street2   webapi.Text `json:"street_2"`
	City      webapi.Text `json:"city"`
	State     webapi.Text `json:"state"`
	Zip       webapi.Text `json:"zip"`
	Country   webapi.Text `json:"country"`
	Phone     webapi.Text `json:"phone"`
	Email     webapi.Text `json:"email"`
}

// addDetails adds to the orders of an answer all that it tells of them.
func addDetails(page []order, body []byte) error {
	var answers []detailedAnswer
	if err := webapi.Decode(body, &answers); err != nil {
		return err
	}
	for i := range page { // they come from the same body
		told, err := answers[i].order(&page[i])
		if err != nil {
			return fmt.Errorf("order %d comes %w", page[i].ID, err)
		}
		page[i].Told = told
	}
	return nil
}

// order returns what is told of an order. Its lines are those of o, which has them from the same answer in the same order. The text of its
// error continues "an order comes".
func (a *detailedAnswer) order(o *order) (*sdk.Order, error) {
	at, err := time.Parse(time.RFC1123Z, a.Created.Value)
	if err != nil {
		return nil, fmt.Errorf("with the date_created %.40q, which is no date", a.Created.Value)
	}
	told := &sdk.Order{ID: idKey(o.ID), PlacedAt: at, Status: a.Status.Value, Currency: strings.ToUpper(a.Currency.Value),
		TotalExTax: a.TotalExTax.Value, TotalIncTax: a.TotalIncTax.Value, ShippingExTax: a.ShippingExTax.Value, ShippingIncTax: a.ShippingIncTax.Value,
		Discount: sumOf(a.Discount, a.Coupons), Note: a.Note.Value, CustomerNote: a.CustomerMessage.Value,
		Customer: sdk.Customer{Name: a.Billing.name(), Email: a.Billing.Email.Value, Phone: a.Billing.Phone.Value}}
	if told.Currency == "" {
		told.Currency = strings.ToUpper(a.ShownCurrency.Value)
	}
	if told.Status == "" && o.StatusID < len(statusNames) {
		told.Status = statusNames[o.StatusID]
	}
	for _, list := range [][]detailedConsignment{a.Consignments.Shipping, a.Consignments.Pickups, a.Consignments.Downloads} {
		for _, c := range list {
			for _, l := range c.Lines {
				if l.PriceExTax.Value == nil || l.PriceIncTax.Value == nil {
					return nil, errors.New("with a line without its price_ex_tax or price_inc_tax")
				}
				line := sdk.OrderLine{SKU: o.Lines[len(told.Lines)].SKU, Name: l.Name.Value, Quantity: o.Lines[len(told.Lines)].open(),
					PriceExTax: l.PriceExTax.Value, PriceIncTax: l.PriceIncTax.Value, Address: c.address()}
				if l.Discounts != nil {
					line.Discount = &sdk.Decimal{}
				}
				for _, d := range l.Discounts {
					line.Discount = sumOf(webapi.Amount{Value: line.Discount}, d.Amount)
				}
				told.Lines = append(told.Lines, line)
			}
		}
	}
	return told, nil
}

// sumOf adds amounts; it is nil where one of them is not known.
func sumOf(amounts ...webapi.Amount) *sdk.Decimal {
	var sum sdk.Decimal
	for _, a := range amounts {
		if a.Value == nil {
			return nil
		}
		sum = sum.Add(*a.Value)
	}
	return &sum
}

func (a *addressAnswer) name() string {
	return strings.TrimSpace(a.FirstName.Value + " " + a.LastName.Value)
}

func (a *addressAnswer) address() sdk.Address {
	street := strings.TrimSpace(a.Street1.Value + "\n" + a.Street2.Value)
	return sdk.Address{Name: a.name(), Company: a.Company.Value, Street: street, City: a.City.Value, State: a.State.Value, Zip: a.Zip.Value, Country: a.Country.Value}
}
