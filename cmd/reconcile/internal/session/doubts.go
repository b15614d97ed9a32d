package session

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// warnDoubts says of which rules more items speak against than for, and what that means. Where the note names settings of one
// of the sources, it says where they stand.
func (p *Prepared) warnDoubts(result *report.Result) {
	for _, d := range result.Doubts {
		rule := p.Program.Rules[d.Rule]
		p.session.warn("rule %s (%s) is in doubt: %d %s against it and %d for it. %s%s", rule.Code, rule.Title, d.Against, choose(d.Against, "item speaks", "items speak"),
			d.For, rule.DoubtNote, settingsNamed(rule.DoubtNote, p.Reconciliation))
	}
}

// settingsNamed says where the settings stand that a text names.
func settingsNamed(text string, r *rules.Reconciliation) string {
	var places []string
	names := strings.FieldsFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, s := range []*source.Source{r.Pos, r.Store} {
		for _, name := range names {
			if at, ok := s.SettingRange(name); ok {
				places = append(places, fmt.Sprintf("%s: %s", name, words.Position(at)))
			}
		}
	}
	if len(places) == 0 {
		return ""
	}
	return " (" + strings.Join(places, ", ") + ")"
}
