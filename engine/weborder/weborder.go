// Package weborder has the words in which web orders are told that the point of sale has still to import, and the file of the numbers of
// those that it has. Connectors, the protocol between them and the host, and what writes orders to a file share it.
package weborder

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Order is a web order. An amount is nil if it is not known.
type Order struct {
	ID       string // its number, as the point of sale has it, too
	PlacedAt time.Time
	Status   string // in the platform's words
	Currency string // of all of its amounts: an ISO 4217 code; "" if it is not known

	// Of the whole order, as it was placed: what was refunded since is in them. Discount has that of the lines in it.
	TotalExTax, TotalIncTax, ShippingExTax, ShippingIncTax, Discount *catalog.Decimal

	Note  string // of the shop's staff
	Lines []Line

	// What is told of people only where somebody asks for it: see Wish.
	Customer     Customer
	CustomerNote string
}

// Line is a line of an order.
type Line struct {
	SKU, Name string
	Quantity  catalog.Decimal // less what was refunded; never negative

	PriceExTax, PriceIncTax *catalog.Decimal // of one unit
	Discount                *catalog.Decimal // of the whole line, as it was placed

	Address Address // where it goes
}

// Customer is who has ordered.
type Customer struct{ Name, Email, Phone string }

// Address is where a line goes.
type Address struct{ Name, Company, Street, City, State, Zip, Country string }

// Wish says what is told of people.
type Wish struct{ Customer, Address, CustomerNote bool }

// Only returns the order without what is not wished for.
func (o Order) Only(w Wish) Order {
	if !w.Customer {
		o.Customer = Customer{}
	}
	if !w.CustomerNote {
		o.CustomerNote = ""
	}
	if !w.Address {
		lines := make([]Line, len(o.Lines))
		for i, l := range o.Lines {
			l.Address = Address{}
			lines[i] = l
		}
		o.Lines = lines
	}
	return o
}

// Check returns what is wrong with an order, whoever told it.
func (o Order) Check() error {
	if err := CheckNumber(o.ID); err != nil {
		return err
	}
	if o.PlacedAt.IsZero() {
		return fmt.Errorf("order %s has no date", o.ID)
	}
	if o.Currency != "" && (len(o.Currency) != 3 || strings.ContainsFunc(o.Currency, func(r rune) bool { return r < 'A' || r > 'Z' })) {
		return fmt.Errorf("order %s is in the currency %.20q, which is no code of ISO 4217", o.ID, o.Currency)
	}
	for i, l := range o.Lines {
		if l.Quantity.Sign() < 0 {
			return fmt.Errorf("order %s: line %d is of less than nothing", o.ID, i+1)
		}
	}
	return nil
}

// mostNumber is how long the number of an order is at most, in bytes.
const mostNumber = 100

// CheckNumber returns what is wrong with the number of an order. In a file of numbers it is a line, or a field of one.
func CheckNumber(id string) error {
	switch {
	case id == "":
		return errors.New("an order has no number")
	case len(id) > mostNumber:
		return fmt.Errorf("the number %.40q of an order has more than %d bytes", id, mostNumber)
	case strings.TrimSpace(id) != id || strings.ContainsAny(id, "#,;\"") || strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("%.40q cannot be the number of an order: a file of numbers could not hold it", id)
	}
	return nil
}
