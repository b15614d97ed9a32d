package sdk

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// units collects what a connector says during a read of what its numbers are in.
type units struct {
	mu         sync.Mutex
	currencies map[string]catalog.Currency // of amounts, by field
	measures   map[string]catalog.Measure  // of weights and lengths, by field
	err        error                       // the first
}

func (c *units) addCurrency(field, mark string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	is, ok := catalog.ValidCurrency(mark)
	if !ok {
		c.setErr(noCurrency(field, mark))
		return
	}
	both, ok := c.currencies[field].Meet(is)
	if !ok {
		c.setErr(fmt.Errorf("the currency of field %q is said to be %s and %s: the amounts of one field are of one currency", field, c.currencies[field], is))
		return
	}
	if c.currencies == nil {
		c.currencies = map[string]catalog.Currency{}
	}
	c.currencies[field] = both
}

func (c *units) addMeasure(field, unit string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	is, ok := catalog.ParseMeasure(unit)
	if !ok {
		c.setErr(noMeasure(field, unit))
		return
	}
	if before, told := c.measures[field]; told && before != is {
		c.setErr(fmt.Errorf("the unit of field %q is said to be %s and %s: the values of one field are in one unit", field, before, is))
		return
	}
	if c.measures == nil {
		c.measures = map[string]catalog.Measure{}
	}
	c.measures[field] = is
}

func noCurrency(field, mark string) error {
	return fmt.Errorf("the currency of field %q: %q is none: give its ISO 4217 code, such as CAD, or the sign that stands at the amounts", field, mark)
}

func noMeasure(field, unit string) error {
	return fmt.Errorf("the unit of field %q: %q is none that is known: give one of %s", field, unit,
		strings.Join(slices.Concat(catalog.Measures(catalog.Weight), catalog.Measures(catalog.Length)), ", "))
}

func (c *units) setErr(err error) {
	if c.err == nil {
		c.err = err
	}
}

// check returns the first error in what the connector gave. offered are all fields of the source.
func (c *units) check(offered *catalog.Schema) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	check := func(field, what string) {
		switch at := offered.Index(field); {
		case at < 0:
			c.setErr(fmt.Errorf("the %s of a field: %w", what, noField(field, offered)))
		case offered.Field(at).Type != Number:
			c.setErr(misuse("field %q is a %s, and has no %s", field, offered.Field(at).Type, what))
		}
	}
	for _, field := range slices.Sorted(maps.Keys(c.currencies)) {
		check(field, "currency")
	}
	for _, field := range slices.Sorted(maps.Keys(c.measures)) {
		check(field, "unit")
		if kind, is := catalog.UnitOf(field), c.measures[field].Kind(); kind != catalog.NoUnit && kind != is {
			c.setErr(misuse("field %q is %s, and %s is the unit of %s", field, kind, c.measures[field], is))
		}
	}
	return c.err
}

// currenciesOf returns the currencies of the fields that were asked for, as far as they are known.
func (c *units) currenciesOf(asked []string) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ofFields(c.currencies, asked)
}

// measuresOf returns the units of the fields that were asked for, as far as they are known.
func (c *units) measuresOf(asked []string) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ofFields(c.measures, asked)
}

func ofFields[T ~string](byField map[string]T, asked []string) map[string]string {
	var told map[string]string
	for _, field := range asked {
		if is, ok := byField[field]; ok {
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
	if r.units != nil {
		r.units.addCurrency(field, mark)
	}
}

// Unit sets the unit of the weights or lengths in a number field: mg, g, kg, t, oz, lb; mm, cm, m, in, ft, yd, or a usual way to write one of
// them, such as Kilograms. Call it at any time during the read. The host never compares weights, or lengths, in two units as they are: the
// run fails, and says by what the rule has to multiply. Values without a known unit are compared with any. A field that was not asked for
// is ignored.
func (r ReadRequest) Unit(field, unit string) {
	if r.units != nil {
		r.units.addMeasure(field, unit)
	}
}

// Currencies returns the currencies that were set for the fields that were asked for. It is for tests of connectors.
func (r ReadRequest) Currencies() map[string]string {
	if r.units == nil {
		return nil
	}
	return r.units.currenciesOf(r.Fields)
}

// Units returns the units that were set for the fields that were asked for. It is for tests of connectors.
func (r ReadRequest) Units() map[string]string {
	if r.units == nil {
		return nil
	}
	return r.units.measuresOf(r.Fields)
}

// Currency is the same as ReadRequest.Currency.
func (w *Writer) Currency(field, mark string) { w.units.addCurrency(field, mark) }

// Unit is the same as ReadRequest.Unit.
func (w *Writer) Unit(field, unit string) { w.units.addMeasure(field, unit) }

// Currencies is the same as ReadRequest.Currencies.
func (w *Writer) Currencies() map[string]string {
	return w.units.currenciesOf(w.builder.Schema().Names())
}

// Units is the same as ReadRequest.Units.
func (w *Writer) Units() map[string]string {
	return w.units.measuresOf(w.builder.Schema().Names())
}
