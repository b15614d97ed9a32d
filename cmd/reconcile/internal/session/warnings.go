package session

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// warnUnused names intentional blocks that are of no use any more; lines of a file with one warning.
func (p *Prepared) warnUnused(result *report.Result) {
	const few = 5
	var names []string
	places := map[string][]string{}
	for _, in := range result.Unused {
		if places[in.Name] == nil {
			names = append(names, in.Name)
		}
		places[in.Name] = append(places[in.Name], in.Place)
	}
	for _, name := range names {
		where := places[name]
		more := ""
		if len(where) > few {
			more = fmt.Sprintf(" and %d more", len(where)-few)
			where = where[:few]
		}
		at := strings.Join(where, ", ") + more
		if p.wasAccepted(name) {
			p.session.warn("intentional %q makes nothing intentional any more (%s): what it was about is synchronized, gone, or has other values than were accepted. Remove it, or mend it.%s",
				name, at, p.keyHint(name))
			continue
		}
		what := "covers nothing"
		if slices.ContainsFunc(p.Config.Intentional, func(in *rules.Intentional) bool { return in.Name == name && in.File != "" }) {
			what = "has a line that covers nothing"
			if len(places[name]) > 1 {
				what = "has lines that cover nothing"
			}
		}
		p.session.warn("intentional %q %s (%s): what it names is synchronized, or no item is as it says. Remove it, or mend it.%s%s",
			name, what, at, p.caseHint(name), p.keyHint(name))
	}
}

// wasAccepted reports whether a block, or a line of its file, has accepted values or stands where reconcile accept writes: it was of
// use once.
func (p *Prepared) wasAccepted(block string) bool {
	return slices.ContainsFunc(p.Config.Intentional, func(in *rules.Intentional) bool {
		return in.Name == block && (len(in.Accepted) > 0 || filepath.Base(in.Range.Filename) == filepath.Base(p.Config.Accepted))
	})
}

// caseHint says, of a block whose where compares a field with a text as they stand, that case counts.
func (p *Prepared) caseHint(block string) string {
	for _, in := range p.Config.Intentional {
		if in.Name == block && in.Where != nil && comparesText(in.Where) {
			return " Its where compares texts as they stand: case and white space count, unless lower and trimspace take them out."
		}
	}
	return ""
}

// comparesText reports whether an expression has a field == "text".
func comparesText(e hclsyntax.Expression) (found bool) {
	_ = hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		if op, ok := n.(*hclsyntax.BinaryOpExpr); ok && op.Op == hclsyntax.OpEqual {
			for _, pair := range [][2]hclsyntax.Expression{{op.LHS, op.RHS}, {op.RHS, op.LHS}} {
				_, field := pair[0].(*hclsyntax.ScopeTraversalExpr)
				_, text := pair[1].(*hclsyntax.TemplateExpr)
				found = found || field && text
			}
		}
		return nil
	})
	return found
}

// keyHint says, of a block that names SKUs, what these are compared with where that is not the SKU.
func (p *Prepared) keyHint(block string) string {
	names := slices.ContainsFunc(p.Config.Intentional, func(in *rules.Intentional) bool { return in.Name == block && len(in.SKUs) > 0 })
	if !names || p.Program.NamedBySKU() {
		return ""
	}
	key, ofLines := p.keyText()
	if ofLines {
		return " Its SKUs are compared with the whole key of the reconciliation, which is made of more than the SKU."
	}
	return fmt.Sprintf(" Its SKUs are compared with the whole key, key = %s.", key)
}

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
