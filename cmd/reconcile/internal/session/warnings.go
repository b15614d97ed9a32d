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

// Unused is an intentional block that made nothing intentional, or a line of its file.
type Unused struct {
	Name, Place string
	accepted    bool   // it was of use once
	ofFile      bool   // it is about lines of a file
	hint        string // what to look at
}

// UnusedTexts writes a warning for each block of which something made nothing intentional; in says where, after a blank: "" for here.
func UnusedTexts(list []Unused, in string) (texts []string) {
	const few = 5
	for i, u := range list {
		if slices.ContainsFunc(list[:i], func(other Unused) bool { return other.Name == u.Name }) {
			continue // it was told with that one
		}
		var places []string
		for _, other := range list[i:] {
			if other.Name == u.Name {
				places = append(places, other.Place)
			}
		}
		at := strings.Join(places[:min(len(places), few)], ", ")
		if more := len(places) - few; more > 0 {
			at += fmt.Sprintf(" and %d more", more)
		}
		what, why := "covers nothing", "what it names is synchronized, or no item is as it says"
		switch {
		case u.accepted:
			what, why = "makes nothing intentional any more", "what it was about is synchronized, gone, or has other values than were accepted"
		case u.ofFile:
			what = "has " + choose(len(places), "a line that covers", "lines that cover") + " nothing"
		}
		texts = append(texts, fmt.Sprintf("intentional %q %s%s (%s): %s. Remove it, or mend it.%s", u.Name, what, in, at, why, u.hint))
	}
	return texts
}

// warnUnused warns of intentional blocks that are of no use any more, and of such lines of their files. Where a configuration is for a list of
// shops, what stands there for all of them may be of use to another one: it is only handed to shared.
func (p *Prepared) warnUnused(result *report.Result, shared func([]Unused)) {
	var own, common []Unused
	for _, in := range result.Unused {
		u := Unused{Name: in.Name, Place: in.Place, accepted: p.wasAccepted(in.Name), ofFile: p.hasFile(in.Name), hint: p.keyHint(in.Name)}
		if !u.accepted {
			u.hint = p.caseHint(in.Name) + u.hint
		}
		if p.Config.HasShops() && !p.isAcceptance(in.Name) {
			common = append(common, u)
		} else {
			own = append(own, u)
		}
	}
	for _, text := range UnusedTexts(own, "") {
		p.session.warn("%s", text)
	}
	if shared != nil {
		shared(common)
	}
}

// isAcceptance reports whether a block stands where reconcile accept writes.
func (p *Prepared) isAcceptance(block string) bool {
	return slices.ContainsFunc(p.Config.Intentional, func(in *rules.Intentional) bool {
		return in.Name == block && filepath.Base(in.Range.Filename) == filepath.Base(p.Config.Accepted)
	})
}

// hasFile reports whether a block names its items in a file.
func (p *Prepared) hasFile(block string) bool {
	return slices.ContainsFunc(p.Config.Intentional, func(in *rules.Intentional) bool { return in.Name == block && in.File != "" })
}

// wasAccepted reports whether a block, or a line of its file, has accepted values or stands where reconcile accept writes: it was of
// use once.
func (p *Prepared) wasAccepted(block string) bool {
	return p.isAcceptance(block) || slices.ContainsFunc(p.Config.Intentional, func(in *rules.Intentional) bool { return in.Name == block && len(in.Accepted) > 0 })
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

// warnTexts says of rules that some items were not checked for, and that make numbers of texts, how a source reads such texts.
func (p *Prepared) warnTexts(result *report.Result) {
	for i, rule := range p.Program.Rules {
		if i >= len(result.Summary.Unchecked) || result.Summary.Unchecked[i] == 0 {
			continue
		}
		for _, ref := range rule.Texts() {
			s := []*source.Source{p.Reconciliation.Pos, p.Reconciliation.Store}[ref.Side]
			if o := p.find(s); o == nil || !o.takes("types") {
				continue
			}
			p.session.warn("rule %s could not be evaluated for %s. %s.%s is a text there, of which tonumber reads plain numbers alone, such as 12.5: with types = { %[4]s = \"number\" } "+
				"%s reads it as it reads prices, and the rule needs no tonumber. It says of each text that it cannot read either, where it stands (%s).", rule.Code,
				words.Count(result.Summary.Unchecked[i], "item"), ref.Side, ref.Field, s.Address(), words.Position(s.Range))
		}
	}
}

// takes reports whether the source's connector has a setting.
func (o *Source) takes(setting string) bool {
	about, ok := o.About()
	return ok && about.Settings != nil && about.Settings.Attribute(setting) != nil
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
