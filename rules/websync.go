package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// websyncAllowed are AmberPOS's websync fields and what each may be set to: off (the store's value is its own), manual
// (AmberPOS's value goes online only when somebody re-uploads the item) or on (re-upload and background sync).
var websyncAllowed = func() map[string][]string {
	allowed := map[string][]string{}
	for _, name := range []string{"names", "prices", "cost_prices", "upcs", "bin_numbers", "qohs", "brands", "weights", "dimensions"} {
		allowed[name] = []string{"off", "manual", "on"}
	}
	for _, name := range []string{"skus", "var_prices", "var_weights", "var_images"} {
		allowed[name] = []string{"off", "manual"}
	}
	return allowed
}()

// websyncNames are the fields in the order in which messages list them.
var websyncNames = []string{"names", "prices", "cost_prices", "upcs", "bin_numbers", "qohs", "brands", "weights", "dimensions",
	"skus", "var_prices", "var_weights", "var_images"}

// websyncField is what the configuration says of one field.
type websyncField struct {
	setting string // "off", "manual" or "on"
	at      hcl.Range
}

// decodeWebsync reads the websync block, of which there is one at most.
func (d *decoder) decodeWebsync(blocks hcl.Blocks) {
	d.config.websync = map[string]websyncField{}
	for i, b := range blocks {
		if i > 0 {
			d.fail(b.DefRange, "Duplicate websync", "There is a websync block at %s already.", place(blocks[0].DefRange))
			continue
		}
		attrs := d.content(b, nil, websyncNames...)
		for _, name := range websyncNames {
			a, ok := attrs[name]
			if !ok {
				continue
			}
			v, ok := d.constant(a.Expr, catalog.String, fmt.Sprintf("%q", name))
			if !ok {
				continue
			}
			allowed := websyncAllowed[name]
			if !slices.Contains(allowed, v.Str()) {
				d.fail(a.Expr.Range(), "Value not allowed", "Websync of %s cannot be %q.%s It is one of: %s.",
					name, v.Str(), suggest(v.Str(), allowed), strings.Join(allowed, ", "))
				continue
			}
			d.config.websync[name] = websyncField{v.Str(), a.Range}
		}
	}
}

// decodeField reads which websync field a rule is about, and says in its note what a manual one means.
func (d *decoder) decodeField(r *Rule, attrs hcl.Attributes) {
	a, ok := attrs["field"]
	if !ok {
		return
	}
	v, ok := d.constant(a.Expr, catalog.String, `"field"`)
	if !ok {
		return
	}
	if !slices.Contains(websyncNames, v.Str()) {
		d.fail(a.Expr.Range(), "Unknown websync field", "Websync has no field %q.%s Its fields are: %s.",
			v.Str(), suggest(v.Str(), websyncNames), strings.Join(websyncNames, ", "))
		return
	}
	r.Field = v.Str()
	if d.config.websync[r.Field].setting == "manual" {
		r.Note = strings.TrimSpace(fmt.Sprintf("%s Websync is manual for %s: the background sync will not do it, so re-upload the item.", r.Note, r.Field))
	}
}

// websyncOff returns an intentional block that stands for a field which websync leaves to the store: its discrepancies
// cannot be accidents. It returns nil for a rule whose field is not off.
func (c *Config) websyncOff(r *Rule) *Intentional {
	f, ok := c.websync[r.Field]
	if !ok || f.setting != "off" {
		return nil
	}
	return &Intentional{Name: "websync", Reason: "websync is off for " + r.Field, Rules: []string{r.Code}, Range: f.at, builtIn: true}
}
