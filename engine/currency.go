package engine

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// CurrencyError says that a rule compares amounts in different currencies: equal numbers would not be equal amounts.
type CurrencyError struct {
	Rule       string // its code
	Pos, Store Amount
	Range      hcl.Range // where the rule reads the store's
}

// Amount is a field and the currency of its amounts.
type Amount struct {
	Source   string // connector and name, as in the configuration
	Field    string
	Currency catalog.Currency
}

func (e *CurrencyError) Error() string {
	return fmt.Sprintf("rule %s compares amounts of two currencies: pos.%s of %s is in %s, store.%s of %s in %s. %s", e.Rule,
		e.Pos.Field, e.Pos.Source, e.Pos.Currency, e.Store.Field, e.Store.Source, e.Store.Currency,
		"Equal numbers would not be equal amounts: read both prices in one currency, or leave the rule out of the reconciliation's rules")
}

// checkCurrencies compares the currencies of the fields that a rule reads on the two sides, as far as the sources told them.
// A rule may read several fields, such as cost and price, which may be in different currencies. Fields with the same name are
// compared with each other. A field whose name the rule does not read on the other side is compared with all of that side.
func checkCurrencies(job Job, reads [2]Read) error {
	if len(reads[0].Currencies) == 0 || len(reads[1].Currencies) == 0 {
		return nil
	}
	for _, r := range job.Program.Rules {
		named := [2]map[string]bool{{}, {}}
		for _, f := range r.Fields {
			named[f.Side][f.Field] = true
		}
		for _, p := range r.Fields {
			for _, s := range r.Fields {
				if p.Side != 0 || s.Side != 1 || p.Field != s.Field && named[0][s.Field] && named[1][p.Field] {
					continue
				}
				pos, store := reads[0].Currencies[p.Field], reads[1].Currencies[s.Field]
				if _, ok := pos.Meet(store); !ok {
					return &CurrencyError{Rule: r.Code, Range: s.Range,
						Pos: Amount{nameOf(job.Pos), p.Field, pos}, Store: Amount{nameOf(job.Store), s.Field, store}}
				}
			}
		}
	}
	return nil
}

func nameOf(s Side) string { return fmt.Sprintf("source %q %q", s.Connector, s.Name) }
