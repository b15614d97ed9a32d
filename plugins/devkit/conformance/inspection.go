package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// checkCurrencies checks the currencies in Done.
func (s *suite) checkCurrencies(c *readSource) {
	told := c.full.done.GetCurrencies()
	for _, field := range slices.Sorted(maps.Keys(told)) {
		at := c.schema.Index(field)
		if at < 0 || c.schema.Field(at).Type != catalog.Number {
			s.fail("6.26", "%q has a currency, and is no number field", printable(field))
		} else if _, ok := catalog.ValidCurrency(told[field]); !ok {
			s.fail("6.26", "field %q is said to be in %q", field, printable(told[field]))
		} else {
			s.pass("6.26", "%s is in %s", field, told[field])
		}
	}
	units := c.full.done.GetUnits()
	for _, field := range slices.Sorted(maps.Keys(units)) {
		is, ok := catalog.ValidMeasure(units[field])
		kind := catalog.UnitOf(field)
		switch at := c.schema.Index(field); {
		case at < 0 || c.schema.Field(at).Type != catalog.Number:
			s.fail("6.26", "%q has a unit, and is no number field", printable(field))
		case !ok || kind != catalog.NoUnit && kind != is.Kind():
			s.fail("6.26", "field %q is said to be in %q", field, printable(units[field]))
		default:
			s.pass("6.26", "%s is in %s", field, is)
		}
	}
	if len(told) == 0 && len(units) == 0 {
		s.skip("6.26", "it does not say what its amounts are in")
	}
	for field, empty := range c.first.inspect.empty {
		if catalog.UnitOf(field) == catalog.Money && !empty {
			_, is := told[field]
			s.money[field] = s.money[field] || is
		}
	}
}

// noteUntold notes fields with amounts of which no source says what they are in. The protocol allows that, since there are platforms that do not
// tell; but nothing else would show that it was forgotten.
func (s *suite) noteUntold() {
	fields := slices.Sorted(maps.Keys(s.money))
	fields = slices.DeleteFunc(fields, func(field string) bool { return s.money[field] })
	if len(fields) > 0 {
		s.notes = append(s.notes, fmt.Sprintf("nobody says what the amounts in %s are in, so that a comparison takes equal numbers in two currencies for the same price. "+
			"Tell it in each read (Done's currencies; in Go req.Currency, in TypeScript request.currency); where the platform does not tell, let a setting say it, and give it here (6.26).", strings.Join(fields, ", ")))
	}
}

func (s *suite) checkReadAt(done *sourcev1.Done) {
	switch at := done.GetReadAt(); {
	case at == nil:
		s.skip("6.23", "read_at is left out")
	case !at.IsValid():
		s.fail("6.23", "read_at is no time")
	case at.AsTime().After(time.Now().Add(time.Second)):
		s.fail("6.23", "read_at is %s, and now it is %s", at.AsTime().Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339))
	default:
		s.pass("6.23", "")
	}
}

// reportInspection passes and fails the demands about values, from the inspection of the first read.
func (s *suite) reportInspection(c *readSource) {
	n := c.first.inspect
	switch {
	case n.notNFC != "":
		s.fail("6.6", "%s", n.notNFC)
	case n.unicode == 0:
		s.skip("6.6", "there was only ASCII to see: give a source with é or ü in its names")
	default:
		s.pass("6.6", "%d texts with more than ASCII", n.unicode)
	}
	switch {
	case n.notLF != "":
		s.fail("6.24", "%s", n.notLF)
	case n.items > 0:
		s.pass("6.24", "")
	default:
		s.skip("6.24", "there were no items")
	}
	for field, empty := range n.empty {
		if was, seen := s.empty[field]; !seen || was {
			s.empty[field] = empty
		}
	}
	switch {
	case n.holes != "":
		s.fail("6.7", "%s", n.holes)
	case n.nested == 0:
		s.skip("6.7", "no list or map had an element")
	default:
		s.pass("6.7", "%d elements of lists and maps; %d numbers and bools were null", n.nested, n.nulls)
	}
	switch {
	case n.twice != "":
		s.fail("6.8", "%s", n.twice)
	case !n.hasSKU:
		s.skip("6.8", "there is no field sku")
	case c.full.items == 0:
		s.skip("6.8", "there were no items")
	case n.twins > 0:
		s.pass("6.8", "%d items have the sku of another and an id of their own: the host will report them as duplicates", n.twins)
	default:
		s.pass("6.8", "")
	}
	if n.longest < large {
		s.skip("6.9", "the longest text had %s: give a source with one of %s", size(int64(n.longest)), size(large))
	}
}

// reportEmptyFields names the fields that had no value in any source, unless that is expected: about these nothing was checked.
func (s *suite) reportEmptyFields() {
	var empty []string
	var expected []string
	for _, c := range s.sources {
		expected = append(expected, c.expected.Empty...)
	}
	for field := range s.empty {
		if s.empty[field] && !slices.Contains(expected, field) {
			empty = append(empty, field)
		}
	}
	slices.Sort(empty)
	for _, field := range expected {
		if _, read := s.empty[field]; !read && len(s.empty) > 0 {
			s.fail("6.25", "%q is expected to be empty, and is no field.%s", printable(field), catalog.DidYouMean(field, slices.Collect(maps.Keys(s.empty))))
		}
	}
	switch {
	case len(empty) > 0:
		s.fail("6.25", "null or empty in every item: %s", strings.Join(empty, ", "))
	case len(s.empty) > 0:
		s.pass("6.25", "")
	default:
		s.skip("6.25", "there were no items")
	}
}
