package expr

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Each is what each.NAME stands for: the texts of one line in a list of shops.
type Each struct {
	Columns []string
	Shop    string            // whose line it is; "" if no shop was chosen
	Values  map[string]string // by column; one that is empty is no value
	Secret  func(column string) bool
	Place   string // of the line, as a person looks it up: shops.csv:7
	Broken  bool   // the list, or the choice, has a mistake, which is reported where it stands: nothing else is said
	Choose  string // how to choose a shop, and which there are: a sentence
}

// eachNamed compiles each.NAME. Where the shop has no value, it can only be an argument of what takes another one then.
func (c *compiler) eachNamed(name string, rng hcl.Range) *node {
	each := c.scope.Each
	value, known := each.Values[name]
	switch {
	case each.Broken:
		return unknown(rng)
	case !slices.Contains(each.Columns, name):
		return c.errorf(rng, "Unknown column", "The list of shops has no column %q.%s%s", name, catalog.DidYouMean(name, each.Columns), available(each.Columns))
	case c.scope.Secret == nil && each.Secret != nil && each.Secret(name):
		return c.errorf(rng, "Secret in what is shown", "The column %q is called like a secret, so it can only be used in a source block.", name)
	case each.Shop == "":
		return c.errorf(rng, "No shop is chosen", "each.%s is another value for each shop. %s", name, each.Choose)
	case (!known || value == "") && !c.mayLack:
		return c.errorf(rng, "No value", "The shop %s has nothing in the column %q: see %s. What may be missing is written as coalesce(each.%s, \"...\").", each.Shop, name, each.Place, name)
	}
	n := fromValue(catalog.StringValue(value), rng)
	n.kind, n.secret = LocalValue, each.Secret != nil && each.Secret(name)
	return n
}

// secret compiles secret(), which is looked up at once: its result is a constant that is never shown.
func secret(c *compiler, args []*node, at hcl.Range) *node {
	if c.scope.Secret == nil {
		c.errorf(at, "Secrets cannot be read here", "Call secret in a source block.")
		return nil
	}
	if args[0].opaque {
		return textNode(nil)
	}
	name, _ := args[0].constantText()
	value, err := c.scope.Secret(name)
	if err != nil {
		c.errorf(at, "Secret cannot be read", "%s.", capital(err.Error()))
		return nil
	}
	n := textNode(constant(value, true))
	n.secret = true
	return n
}
