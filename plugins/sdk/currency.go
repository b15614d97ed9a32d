package sdk

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// currencies are those that a read has told of, by field.
type currencies struct {
	mu  sync.Mutex
	of  map[string]catalog.Currency
	err error // the first
}

func (c *currencies) tell(field, mark string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	is, ok := catalog.ValidCurrency(mark)
	if !ok {
		c.fail(fmt.Errorf("the currency of field %q: %q is none: give its ISO 4217 code, such as CAD, or the sign that stands at the amounts", field, mark))
		return
	}
	both, ok := c.of[field].Meet(is)
	if !ok {
		c.fail(fmt.Errorf("the currency of field %q is said to be %s and %s: the amounts of one field are of one currency", field, c.of[field], is))
		return
	}
	if c.of == nil {
		c.of = map[string]catalog.Currency{}
	}
	c.of[field] = both
}

func (c *currencies) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// settle returns what was told wrongly. offered are all fields of the source.
func (c *currencies) settle(offered *catalog.Schema) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, field := range slices.Sorted(maps.Keys(c.of)) {
		switch at := offered.Index(field); {
		case at < 0:
			c.fail(fmt.Errorf("the currency of a field: %w", noField(field, offered)))
		case offered.Field(at).Type != Number:
			c.fail(mistaken("field %q is a %s, and has no currency", field, offered.Field(at).Type))
		}
	}
	return c.err
}

// told returns the currencies of those fields that were asked for.
func (c *currencies) told(asked []string) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var told map[string]string
	for _, field := range asked {
		if is, ok := c.of[field]; ok {
			if told == nil {
				told = map[string]string{}
			}
			told[field] = string(is)
		}
	}
	return told
}

// Currency says what the amounts of a number field are in, where the platform tells: an ISO 4217 code ("CAD"), or the sign that
// stands at them where it is not known better ("$"). Call it at any time of the read, and again where it shows more
// closely. The host compares no amounts of currencies that exclude each other: the run fails. Amounts of which nothing is
// said fit any. A field that was not asked for is ignored.
func (r ReadRequest) Currency(field, mark string) {
	if r.currencies != nil {
		r.currencies.tell(field, mark)
	}
}

// Currencies returns what Currency has said of the fields that were asked for. It is for tests of connectors.
func (r ReadRequest) Currencies() map[string]string {
	if r.currencies == nil {
		return nil
	}
	return r.currencies.told(r.Fields)
}

// Currency is ReadRequest.Currency, for who has the Writer at hand.
func (w *Writer) Currency(field, mark string) { w.currencies.tell(field, mark) }

// Currencies is ReadRequest.Currencies.
func (w *Writer) Currencies() map[string]string { return w.currencies.told(w.builder.Schema().Names()) }
