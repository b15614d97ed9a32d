package bigcommerce

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// order is an order with the lines of all of its consignments.
type order struct {
	ID       int64
	StatusID int
	Deleted  bool
	Modified string // as in an e-mail
	Lines    []orderLine

	Told *sdk.Order // all that is told of it; nil where it was not asked for
}

type orderLine struct {
	SKU       string
	ProductID int64 // 0: something that is in no catalogue
	VariantID int64
	Quantity  sdk.Decimal
	Refunded  sdk.Decimal
}

// orderAnswer is an order as V2 answers it with its consignments' lines.
type orderAnswer struct {
	ID           webapi.Whole        `json:"id"`
	StatusID     webapi.Whole        `json:"status_id"`
	Deleted      *bool               `json:"is_deleted"`
	Modified     webapi.Text         `json:"date_modified"`
	Units        webapi.Amount       `json:"items_total"`
	Consignments *consignmentsAnswer `json:"consignments"`
}

type consignmentsAnswer struct {
	URL       webapi.Text         `json:"url"` // in place of the rest, if they were not included
	Shipping  []consignmentAnswer `json:"shipping"`
	Pickups   []consignmentAnswer `json:"pickups"`
	Downloads []consignmentAnswer `json:"downloads"`
	Email     struct {
		GiftCertificates []json.RawMessage `json:"gift_certificates"` // they may count among the order's units
	} `json:"email"`
}

type consignmentAnswer struct {
	Lines []lineAnswer `json:"line_items"`
}

type lineAnswer struct {
	ID        webapi.Whole  `json:"id"`
	SKU       webapi.Text   `json:"sku"`
	ProductID webapi.Whole  `json:"product_id"`
	VariantID webapi.Whole  `json:"variant_id"`
	Quantity  webapi.Amount `json:"quantity"`
	Refunded  webapi.Amount `json:"quantity_refunded"`
}

// order returns what the answer says. It is an error if the answer does not say which units the order takes out of stock.
func (a *orderAnswer) order() (order, error) {
	o := order{ID: a.ID.Value, StatusID: int(a.StatusID.Value), Modified: a.Modified.Value}
	if !a.ID.Identifies() {
		return o, errors.New("it has an order without its id")
	}
	if a.Consignments == nil || a.Consignments.URL.Given != webapi.Absent {
		return o, fmt.Errorf("order %d comes without its consignments", o.ID)
	}
	all, ids := true, map[int64]bool{}
	for _, list := range [][]consignmentAnswer{a.Consignments.Shipping, a.Consignments.Pickups, a.Consignments.Downloads} {
		all = all && list != nil
		for _, c := range list {
			if c.Lines == nil {
				return o, fmt.Errorf("order %d comes with a consignment without its lines", o.ID)
			}
			for i := range c.Lines {
				line, err := c.Lines[i].line()
				if err != nil {
					return o, fmt.Errorf("order %d comes with a line %w", o.ID, err)
				}
				if id := c.Lines[i].ID; id.Identifies() {
					if ids[id.Value] { // its units would count twice
						return o, fmt.Errorf("order %d comes with line %d twice", o.ID, id.Value)
					}
					ids[id.Value] = true
				}
				o.Lines = append(o.Lines, line)
			}
		}
	}
	switch {
	case a.StatusID.Given != webapi.Present || a.StatusID.Value < 0 || a.StatusID.Value > math.MaxInt32:
		return o, fmt.Errorf("order %d comes without its status_id", o.ID)
	case !a.whole(o.Lines, all):
		return o, fmt.Errorf("order %d comes without all of its lines", o.ID)
	}
	o.Deleted = a.Deleted != nil && *a.Deleted // the API lists deleted orders only where it is asked for them
	return o, nil
}

// whole reports whether the lines can be all lines of the order. An order that has units but no lines is not whole. all says
// whether the answer has each kind of consignment. If not, the lines must add up to the order's number of units.
func (a *orderAnswer) whole(lines []orderLine, all bool) bool {
	units := a.Units.Value
	if len(a.Consignments.Email.GiftCertificates) > 0 {
		return all
	}
	if units == nil {
		return all
	}
	if all && len(lines) > 0 {
		return true
	}
	var sum sdk.Decimal
	for _, l := range lines {
		sum = sum.Add(l.Quantity)
	}
	return sum.Cmp(*units) >= 0
}

// line returns what the answer says. The text of its error continues "a line".
func (a *lineAnswer) line() (orderLine, error) {
	l := orderLine{SKU: a.SKU.Value, ProductID: a.ProductID.Value, VariantID: a.VariantID.Value}
	switch {
	case a.Quantity.Value == nil:
		return l, errors.New("without a quantity")
	case a.Refunded.Value == nil:
		return l, errors.New("without its quantity_refunded")
	case a.Quantity.Value.Sign() < 0 || a.Refunded.Value.Sign() < 0:
		return l, errors.New("of less than nothing")
	case a.ProductID.Given != webapi.Present || a.ProductID.Value < 0:
		return l, errors.New("without its product_id")
	case a.VariantID.Given == webapi.Absent || a.VariantID.Value < 0:
		return l, errors.New("without its variant_id")
	case a.SKU.Given == webapi.Absent:
		return l, errors.New("without its sku")
	}
	l.Quantity, l.Refunded = *a.Quantity.Value, *a.Refunded.Value
	return l, nil
}

// open returns the units that the customer has or will get. Shipped units count, since the point of sale still has them in
// its stock until it imports the order. Refunded units do not count.
func (l orderLine) open() sdk.Decimal {
	units := l.Quantity.Sub(l.Refunded)
	if units.Sign() < 0 {
		return sdk.Decimal{}
	}
	return units
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
