package explain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// applies says why an intentional block covers the pair.
func (x *explainer) applies(in *rules.Intentional) []string {
	var list []string
	if len(in.SKUs) > 0 {
		list = append(list, fmt.Sprintf("It names this item: %s.", x.wording.text(x.pair.Key)))
	}
	if in.Where != nil {
		if t := x.trace(in.Where, false); t != nil {
			list = append(list, "It covers this item: "+strings.Join(x.wording.reasons(t), " "))
		}
	}
	if len(in.Accepted) > 0 {
		list = append(list, "The values are still those that were accepted.")
	}
	return list
}

// Meant says why an intentional block covers an item of one side.
func Meant(c *rules.Config, p *rules.Program, pair Pair, in *rules.Intentional) []string {
	return newExplainer(c, p, pair, time.Time{}).applies(in)
}

// nearlyExcused says of the intentional blocks that could cover a rule's discrepancy why they do not. Those that name
// other items are no news. near are those of blocks that are not merely about other values.
func (x *explainer) nearlyExcused(code string) (list, near []string) {
	for _, in := range x.config.Intentional {
		if !x.program.Concerns(in) && len(in.SKUs) == 0 {
			continue // general ones of others are no news either
		}
		if !slices.Contains(in.Rules, code) || len(in.SKUs) > 0 && !slices.Contains(x.program.KeysNamed(in), x.pair.Key) {
			continue
		}
		if why := x.falls(in); why != "" {
			said := fmt.Sprintf("Not intentional by %s (%s): %s", x.wording.text(in.Name), in.Place(), why)
			if list = append(list, said); len(in.SKUs) > 0 || len(in.Accepted) > 0 || in.Where == nil || in.OutOfTime(x.now) != "" && x.covers(in) {
				near = append(near, said)
			}
		}
	}
	return list, near
}

// covers reports whether a block's "where" is true of the item.
func (x *explainer) covers(in *rules.Intentional) bool {
	t := x.trace(in.Where, false)
	return t != nil && !t.Null && t.Value.Bool()
}

// falls says why a block that is about the item does not cover it; "" if nothing keeps it from that.
func (x *explainer) falls(in *rules.Intentional) string {
	if !x.program.Concerns(in) {
		return "it is about " + reconciliations(in) + "."
	}
	if in.Where != nil {
		t := x.trace(in.Where, false)
		if t == nil {
			return `its "where" reads the other side.`
		}
		if t.Null || !t.Value.Bool() {
			return strings.Join(x.wording.reasons(t), " ")
		}
	}
	if why := in.OutOfTime(x.now); why != "" {
		return why + "."
	}
	var changed []string
	for _, a := range in.Accepted {
		now, in := x.value(a), x.pair.Currencies[a.Side][a.Field]
		if _, fits := a.Currency.Meet(in); !fits {
			changed = append(changed, fmt.Sprintf("%s.%s was accepted as %s %s, but is in %s now", a.Side, a.Field, a.Text, a.Currency, in))
		} else if !a.Is(now) {
			changed = append(changed, fmt.Sprintf("%s.%s was accepted as %s, but is %s now", a.Side, a.Field, x.wording.recorded(a.Text, now), x.wording.value(now)))
		}
	}
	if len(changed) > 0 {
		return enumerate(changed) + "."
	}
	return ""
}

// reconciliations names those that a block is about.
func reconciliations(in *rules.Intentional) string {
	names := make([]string, len(in.Reconciliations))
	for i, name := range in.Reconciliations {
		names[i] = fmt.Sprintf("%q", name)
	}
	if len(names) == 1 {
		return "reconciliation " + names[0]
	}
	return "reconciliations " + enumerate(names)
}

// value returns the pair's present value of a field that a block is pinned to.
func (x *explainer) value(a rules.Accepted) catalog.Value {
	batch, row := x.pair.Pos, x.pair.PosRow
	if a.Side == verdict.Store {
		batch, row = x.pair.Store, x.pair.StoreRow
	}
	if batch == nil {
		return catalog.Value{}
	}
	return batch.Value(a.Field, row)
}

// recorded writes a value of which only the text is known, as a present value of the field would be written.
func (w wording) recorded(text string, like catalog.Value) string {
	switch {
	case like.Type() == catalog.String:
		return w.text(text)
	case text == "" && like.Type().Nullable():
		return "unknown"
	case text == "":
		return "nothing"
	}
	return text
}
