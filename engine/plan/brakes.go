package plan

import (
	"fmt"
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules"
)

// The names of the brakes that stop a plan, as the configuration has them.
const (
	maxChanges     = "max_changes"
	maxShare       = "max_share"
	maxPriceFactor = "max_price_factor"
	maxToZero      = "max_to_zero"
)

// Liftable returns what can be allowed for one plan: the brakes, and the reasons to leave out a change that can be done without.
func Liftable() []string {
	return []string{maxChanges, maxShare, maxPriceFactor, maxToZero, StaysRed.String(), TurnsRed.String()}
}

// mostNamed is how many items a stop names.
const mostNamed = 5

// stops returns the brakes that stop a plan, without those that are lifted for it.
func stops(p *Plan, b rules.Brakes, allowed []string) (list []Stop) {
	stop := func(brake string, skus []string, format string, args ...any) {
		if !slices.Contains(allowed, brake) {
			list = append(list, Stop{brake, fmt.Sprintf(format, args...), append([]string{}, skus[:min(len(skus), mostNamed)]...)})
		}
	}
	if n := len(p.Changes); n > b.MaxChanges {
		stop(maxChanges, nil, "it has %d changes, and %d are allowed", n, b.MaxChanges)
	}
	items := map[string]bool{}
	var steep, zero []string
	for _, c := range p.Changes {
		items[c.SKU] = true
		for _, sku := range c.Also {
			items[sku] = true
		}
		if catalog.UnitOf(c.Field) == catalog.Money && isSteep(c, b.MaxPriceFactor) {
			steep = append(steep, c.SKU)
		}
		if c.Type == catalog.Number && !c.Will.IsNull() && c.Will.Number().Sign() == 0 && !c.Expected.IsNull() && c.Expected.Number().Sign() != 0 {
			zero = append(zero, c.SKU)
		}
	}
	most := b.MaxShare.Mul(catalog.Int(int64(p.Items)))
	if len(p.Changes) > rules.ShareFrom && catalog.Int(int64(len(items))).Cmp(most) > 0 {
		stop(maxShare, nil, "it changes %d of %d items, and a share of %s is allowed", len(items), p.Items, b.MaxShare)
	}
	if len(steep) > 0 {
		stop(maxPriceFactor, steep, "%s would become more than %s times as high, or low", count(len(steep), "price"), b.MaxPriceFactor)
	}
	if len(zero) > b.MaxToZero {
		stop(maxToZero, zero, "%s would become 0, and %d are allowed", count(len(zero), "number"), b.MaxToZero)
	}
	return list
}

// NeedsAnother reports whether another one has to carry the plan out than who has made it. No --allow lifts that.
func (p *Plan) NeedsAnother(b rules.Brakes) bool {
	return b.FourEyes >= 0 && len(p.Changes) > b.FourEyes
}

// isSteep reports whether an amount changes by more than the factor. Where there was none there is nothing to compare with.
func isSteep(c Change, factor catalog.Decimal) bool {
	if c.Expected.IsNull() || c.Will.IsNull() || c.Expected.Number().Sign() == 0 {
		return false
	}
	was, will := c.Expected.Number(), c.Will.Number()
	if was.Sign() != will.Sign() {
		return true
	}
	was, will = was.Abs(), will.Abs()
	return was.Mul(factor).Cmp(will) < 0 || will.Mul(factor).Cmp(was) < 0
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
