package plan

import (
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// CurrencyError says that a remedy would write an amount of one currency as one of another.
type CurrencyError struct {
	Rule, Field string // the rule, and the field of the store that it sets
	Currency    catalog.Currency
	Other       string // the field that is read, with its side
	OtherIs     catalog.Currency
	Place       string // of the rule
}

func (e *CurrencyError) Error() string {
	return fmt.Sprintf("the remedy of rule %s at %s sets store.%s, which is in %s, by %s, which is in %s: equal numbers would not be equal amounts",
		e.Rule, e.Place, e.Field, e.Currency, e.Other, e.OtherIs)
}

// MeasureError says that a remedy would write a weight or a length of one unit as one of another.
type MeasureError struct {
	Rule, Field string // the rule, and the field of the store that it sets
	Unit        catalog.Measure
	Other       string // the field that is read, with its side
	OtherIs     catalog.Measure
	Place       string // of the rule
}

func (e *MeasureError) Error() string {
	how := "have both sources tell them in one unit"
	if factor := e.OtherIs.Times(e.Unit); factor != "" {
		how = fmt.Sprintf("write %s = %s * %s", e.Field, e.Other, factor)
	} else if factor := e.Unit.Times(e.OtherIs); factor != "" {
		how = fmt.Sprintf("write %s = round(%s / %s, 4), with as many decimals as the store keeps", e.Field, e.Other, factor)
	}
	return fmt.Sprintf("the remedy of rule %s at %s sets store.%s, which is in %s, by %s, which is in %s: equal numbers would not be equal. In the remedy, %s",
		e.Rule, e.Place, e.Field, e.Unit, e.Other, e.OtherIs, how)
}

// checkMeasures compares the unit of each field that a remedy sets with those of all fields that it reads for it as they are.
func checkMeasures(job Job) error {
	of := [2]map[string]catalog.Measure{job.Result.Pos.Units, job.Result.Store.Units}
	for _, r := range job.Program.Rules {
		if r.Remedy == nil {
			continue
		}
		for _, up := range r.Remedy.Uploads {
			is := of[verdict.Store][up.Field]
			for _, read := range up.Reads {
				if other := of[read.Side][read.Field]; !read.Scaled && !is.Fits(other) {
					return &MeasureError{Rule: r.Code, Field: up.Field, Unit: is, Other: read.Side.String() + "." + read.Field, OtherIs: other,
						Place: fmt.Sprintf("%s:%d", r.Range.Filename, r.Range.Start.Line)}
				}
			}
		}
	}
	return nil
}

// checkCurrencies compares the currency of each field that a remedy sets with those of all fields that it reads for it.
func checkCurrencies(job Job) error {
	of := [2]map[string]catalog.Currency{job.Result.Pos.Currencies, job.Result.Store.Currencies}
	for _, r := range job.Program.Rules {
		if r.Remedy == nil {
			continue
		}
		for _, up := range r.Remedy.Uploads {
			is := of[verdict.Store][up.Field]
			for _, read := range up.Reads {
				other := of[read.Side][read.Field]
				if _, ok := is.Meet(other); !ok {
					return &CurrencyError{Rule: r.Code, Field: up.Field, Currency: is, Other: read.Side.String() + "." + read.Field, OtherIs: other,
						Place: fmt.Sprintf("%s:%d", r.Range.Filename, r.Range.Start.Line)}
				}
			}
		}
	}
	return nil
}
