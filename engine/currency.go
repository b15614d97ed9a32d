package engine

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// CurrencyError says that a rule compares amounts in different currencies: equal numbers would not be equal amounts.
type CurrencyError struct {
	Rule          string    // its code
	First, Second Amount    // as the rule reads them
	Range         hcl.Range // where the rule reads the second
}

// Amount is a field and the currency of its amounts.
type Amount struct {
	Side     verdict.Side
	Source   string // connector and name, as in the configuration
	Field    string
	Currency catalog.Currency
}

func (e *CurrencyError) Error() string {
	return fmt.Sprintf("rule %s compares amounts of two currencies: %s, %s. %s", e.Rule, e.First, e.Second,
		"Equal numbers would not be equal amounts: read all prices that one rule reads in one currency, make rules of their own of them, or leave the rule out of the reconciliation's rules")
}

// String returns the amount as messages have it.
func (a Amount) String() string {
	return fmt.Sprintf("%s.%s of %s is in %s", a.Side, a.Field, a.Source, a.Currency)
}

// checkCurrencies compares the currencies of all fields that a rule reads, as far as the sources told them: whatever it does with
// them, amounts of two currencies meet in it. Fields of one side count too: cost in USD and price in CAD are no conflict before
// one rule reads both.
func checkCurrencies(job Job, reads [2]Read) error {
	names := [2]string{nameOf(job.Pos), nameOf(job.Store)}
	for _, r := range job.Program.Rules {
		for i, f := range r.Fields {
			second := Amount{f.Side, names[f.Side], f.Field, reads[f.Side].Currencies[f.Field]}
			for _, g := range r.Fields[:i] {
				first := Amount{g.Side, names[g.Side], g.Field, reads[g.Side].Currencies[g.Field]}
				if _, ok := first.Currency.Meet(second.Currency); !ok {
					return &CurrencyError{Rule: r.Code, First: first, Second: second, Range: f.Range}
				}
			}
		}
	}
	return nil
}

// warnUntold warns of amounts of which their source does not say what they are in, where a rule reads them with amounts of the other side that
// are known to be in a currency: nobody knows whether equal numbers are equal amounts.
func warnUntold(job Job, reads [2]Read, result *report.Result) {
	for _, r := range job.Program.Rules {
		told := [2]catalog.Currency{}
		for _, f := range r.Fields {
			if is := reads[f.Side].Currencies[f.Field]; is.Known() {
				told[f.Side] = is
			}
		}
		for _, f := range r.Fields {
			other := told[f.Side.Other()]
			if other == "" || catalog.UnitOf(f.Field) != catalog.Money || reads[f.Side].Currencies[f.Field] != "" || reads[f.Side].Items == 0 {
				continue
			}
			result.Warn(report.Warning{Source: sideOf(job, f.Side).Name, Text: fmt.Sprintf("nobody says what its amounts in the field %s are in, and those that rule %s compares them with are in %s: equal numbers are taken for equal amounts. %s",
				f.Field, r.Code, other, "Say it with currency in its source, if that has such a setting; else its connector is to tell it")})
		}
	}
}

func sideOf(job Job, side verdict.Side) Side {
	if side == verdict.Pos {
		return job.Pos
	}
	return job.Store
}

func nameOf(s Side) string { return fmt.Sprintf("source %q %q", s.Connector, s.Name) }
