package report

import (
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// whyNone says why no item is shown, and whether that is good news.
func (r *Result) whyNone(o Options) (text string, good bool) {
	s := &r.Summary
	switch {
	case s.Items == 0:
		return "Neither source has an item: there was nothing to compare.", false
	case len(o.Rules) > 0 || len(o.SKUs) > 0:
		var filters []string
		if o.Problems {
			filters = append(filters, "--problems")
		}
		for _, code := range o.Rules {
			filters = append(filters, "--rule "+clean(code))
		}
		for _, sku := range o.SKUs {
			filters = append(filters, "--sku "+clean(sku))
		}
		text = "No item shown: none matches " + strings.Join(filters, " ") + "."
		if hidden := s.Classes[verdict.Agrees]; hidden > 0 && !o.All && !o.Problems {
			text += fmt.Sprintf(" %s synchronized", are(hidden))
			if o.flags {
				text += fmt.Sprintf("; --all shows %s", plural(hidden, "it", "them"))
			}
			text += "."
		}
		return text, false
	case s.Classes[verdict.Unchecked] > 0:
		n := s.Classes[verdict.Unchecked]
		text = fmt.Sprintf("No discrepancy was found, but %s not checked; see below.", are(n))
		if o.flags {
			text += fmt.Sprintf(" --unchecked shows %s.", plural(n, "it", "them"))
		}
		return text, false
	case r.Skipped() > 0:
		return "Every item that could be read is synchronized. Rows that could not be read were left out; see below.", false
	case !r.AllClear():
		return "No discrepancy was found.", false
	}
	return "✓ Everything is synchronized.", true
}
