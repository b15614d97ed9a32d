package bigcommerce

import (
	"slices"
)

// needs is what has to be read from the API to fill the fields that are asked for.
type needs struct {
	columns []field // the fields themselves, in the order in which they were asked for
	parts   map[part]bool
	product []string // the product's fields, as the API names them
	prices  bool     // there are prices among the fields
}

// needsOf returns the needs of the fields with these names. It ignores names that the connector does not offer.
func needsOf(names []string) needs {
	n := needs{parts: map[part]bool{}, product: []string{"sku"}} // an empty list would mean all
	for _, name := range names {
		at := slices.IndexFunc(allFields(), func(f field) bool { return f.Name == name })
		if at < 0 {
			continue
		}
		f := allFields()[at]
		n.columns = append(n.columns, f)
		n.parts[f.part] = true
		n.prices = n.prices || f.money()
		for _, from := range f.from {
			if !slices.Contains(n.product, from) {
				n.product = append(n.product, from)
			}
		}
	}
	return n
}

// variation reports whether the field variation is asked for.
func (n *needs) variation() bool {
	return slices.ContainsFunc(n.columns, func(f field) bool { return f.Name == "variation" })
}

// withDates returns the needs of a Local Copy: it also needs the dates of products, to ask for what has changed.
func (n needs) withDates() needs {
	if !slices.Contains(n.product, "date_modified") {
		n.product = append(n.product, "date_modified")
	}
	return n
}
