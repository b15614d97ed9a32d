package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/grammar"
)

// Brakes bound what one plan may change. A plan that is beyond one of them is stopped as a whole.
type Brakes struct {
	MaxChanges     int             // how many changes
	MaxShare       catalog.Decimal // of the matched items, those that change; counts above ShareFrom changes only
	MaxPriceFactor catalog.Decimal // by which a price becomes larger or smaller
	MaxToZero      int             // how many numbers that are not 0 become 0
	Never          []string        // fields that are not changed at all
	// FourEyes is how many changes one person may plan and apply; where there are more, another one has to apply them. -1: any number.
	FourEyes int
}

// ShareFrom is how many changes a plan may have whatever share of the items that is.
const ShareFrom = 100

// DefaultBrakes returns the brakes that hold where a configuration does not say it.
func DefaultBrakes() Brakes {
	return Brakes{MaxChanges: 1000, MaxShare: catalog.NewDecimal(2, 1), MaxPriceFactor: catalog.Int(3), MaxToZero: 20, FourEyes: -1}
}

// mostChanges is the highest bound: a plan is held in memory.
const mostChanges = 1_000_000

// brakes reads the brakes blocks, of which there is one at most.
func (l *loader) brakes(blocks hcl.Blocks) {
	l.config.Brakes = DefaultBrakes()
	for i, b := range blocks {
		if i > 0 {
			l.Fail(b.DefRange, "Duplicate brakes", "There is a brakes block at %s already.", block.Place(blocks[0].DefRange))
			return
		}
		attrs := l.Attributes(b, grammar.Brakes)
		of := &l.config.Brakes
		if a, ok := attrs["max_changes"]; ok {
			of.MaxChanges = l.whole(a, mostChanges)
		}
		if a, ok := attrs["max_to_zero"]; ok {
			of.MaxToZero = l.whole(a, mostChanges)
		}
		if a, ok := attrs["four_eyes"]; ok {
			of.FourEyes = l.whole(a, mostChanges)
		}
		if a, ok := attrs["max_share"]; ok {
			of.MaxShare = l.between(a, catalog.Int(0), catalog.Int(1), `"max_share" is a share of the items from 0 to 1, such as 0.2 for a fifth of them.`)
		}
		if a, ok := attrs["max_price_factor"]; ok {
			of.MaxPriceFactor = l.between(a, catalog.Int(1), catalog.Int(mostChanges), fmt.Sprintf(`"max_price_factor" is a number from 1 to %d: 3 lets a price become three times as high, or a third.`, mostChanges))
		}
		l.never(attrs)
	}
}

// whole evaluates an attribute that is a whole number from 0 on.
func (l *loader) whole(a *hcl.Attribute, most int) int {
	v, ok := l.Constant(a.Expr, catalog.Number, fmt.Sprintf("%q", a.Name))
	if !ok {
		return 0
	}
	n, whole := v.Number().Whole()
	if !whole || n < 0 || n > most {
		l.Fail(a.Expr.Range(), "Invalid number", "%q is a whole number from 0 to %d.", a.Name, most)
		return 0
	}
	return n
}

func (l *loader) between(a *hcl.Attribute, least, most catalog.Decimal, rule string) catalog.Decimal {
	v, ok := l.Constant(a.Expr, catalog.Number, fmt.Sprintf("%q", a.Name))
	if ok && (v.Number().Cmp(least) < 0 || v.Number().Cmp(most) > 0) {
		l.Fail(a.Expr.Range(), "Invalid number", "%s", rule)
	}
	return v.Number()
}

// never reads the fields that are not changed. A slip in one would be a brake that does not hold: so a name that no remedy uploads must at
// least be that of a known field.
func (l *loader) never(attrs hcl.Attributes) {
	var uploaded []string
	for _, r := range l.config.Rules {
		if r.Remedy != nil {
			for _, f := range r.Remedy.Fields {
				uploaded = append(uploaded, f.Name)
			}
		}
	}
	for _, w := range l.Words(attrs, "never") {
		if _, known := catalog.KnownField(w.Text); !known && !slices.Contains(uploaded, w.Text) {
			names := slices.Clone(uploaded)
			for _, f := range catalog.KnownFields() {
				names = append(names, f.Name)
			}
			l.Fail(w.At, "Unknown field", "%q is no field that a remedy uploads, and none that every connector knows.%s", w.Text, catalog.DidYouMean(w.Text, names))
			continue
		}
		l.config.Brakes.Never = append(l.config.Brakes.Never, w.Text)
	}
	slices.Sort(l.config.Brakes.Never)
	l.config.Brakes.Never = slices.Compact(l.config.Brakes.Never)
}

// String writes the brakes on one line, each as the configuration does.
func (b Brakes) String() string {
	text := fmt.Sprintf("max_changes = %d, max_share = %s, max_price_factor = %s, max_to_zero = %d, never = [%s]",
		b.MaxChanges, b.MaxShare, b.MaxPriceFactor, b.MaxToZero, strings.Join(b.Never, ", "))
	if b.FourEyes >= 0 {
		text += fmt.Sprintf(", four_eyes = %d", b.FourEyes)
	}
	return text
}
