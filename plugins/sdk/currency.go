package sdk

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// currencies collects the currencies that a connector gives during a read.
type currencies struct {
	mu      sync.Mutex
	byField map[string]catalog.Currency
	err     error // the first
}

func (c *currencies) add(field, mark string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	is, ok := catalog.ValidCurrency(mark)
	if !ok {
		c.setErr(fmt.Errorf("the currency of field %q: %q is none: give its ISO 4217 code, such as CAD, or the sign that stands at the amounts", field, mark))
		return
	}
	both, ok := c.byField[field].Meet(is)
	if !ok {
		c.setErr(fmt.Errorf("the currency of field %q is said to be %s and %s: the amounts of one field are of one currency", field, c.byField[field], is))
		return
	}
	if c.byField == nil {
		c.byField = map[string]catalog.Currency{}
	}
	c.byField[field] = both
}

func (c *currencies) setErr(err error) {
	if c.err == nil {
		c.err = err
	}
}

// check returns the first error in what the connector gave. offered are all fields of the source.
func (c *currencies) check(offered *catalog.Schema) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, field := range slices.Sorted(maps.Keys(c.byField)) {
		switch at := offered.Index(field); {
		case at < 0:
			c.setErr(fmt.Errorf("the currency of a field: %w", noField(field, offered)))
		case offered.Field(at).Type != Number:
			c.setErr(misuse("field %q is a %s, and has no currency", field, offered.Field(at).Type))
		}
	}
	return c.err
}

// ofFields returns the currencies of the fields that were asked for, as far as they are known.
func (c *currencies) ofFields(asked []string) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var told map[string]string
	for _, field := range asked {
		if is, ok := c.byField[field]; ok {
			if told == nil {
				told = map[string]string{}
			}
			told[field] = string(is)
		}
	}
	return told
}

// Currency sets the currency of the amounts in a number field: an ISO 4217 code ("CAD"), or the sign at the amounts ("$") if
// the code is not known. Call it at any time during the read, and again when you know it more exactly. The host never
// compares amounts in different currencies: the run fails. Amounts without a known currency are compared with any. A field
// that was not asked for is ignored.
func (r ReadRequest) Currency(field, mark string) {
	if r.currencies != nil {
		r.currencies.add(field, mark)
	}
}

// Currencies returns the currencies that were set for the fields that were asked for. It is for tests of connectors.
func (r ReadRequest) Currencies() map[string]string {
	if r.currencies == nil {
		return nil
	}
	return r.currencies.ofFields(r.Fields)
}

// Currency is the same as ReadRequest.Currency.
func (w *Writer) Currency(field, mark string) { w.currencies.add(field, mark) }

// Currencies is the same as ReadRequest.Currencies.
func (w *Writer) Currencies() map[string]string {
	return w.currencies.ofFields(w.builder.Schema().Names())
}
