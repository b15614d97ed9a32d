package bigcommerce

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

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
