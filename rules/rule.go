package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/grammar"
)

// about are the statuses of the items that a rule can be about. A rule about items that one side lacks sees only the side
// that is there.
var about = []verdict.Status{verdict.Matched, verdict.PosOnly, verdict.StoreOnly, verdict.Duplicate}

// columns are the columns of reports, in any format, that a rule's column would be taken for; in lower case. Those of fields begin with
// a side's name and a dot.
var columns = []string{"sku", "name", "status", "result", "unknown", "details", "differences"}

// reserved reports whether a rule of that code would have the column of something else. Databases and spreadsheets do not tell
// capital letters from others in the names of columns.
func reserved(code string) bool {
	code = strings.ToLower(code)
	return slices.Contains(columns, code) || slices.ContainsFunc(verdict.Sides[:], func(side verdict.Side) bool {
		return strings.HasPrefix(code, side.String()+".")
	})
}

func (l *loader) rule(b *hcl.Block) {
	if reserved(b.Labels[0]) {
		l.Fail(b.LabelRanges[0], "Reserved code", "A report has a column of its own called %q, so no rule can be. Give the rule another code.", b.Labels[0])
		l.Break("rule", b.Labels[0])
		return
	}
	attrs, inner := l.Content(b, grammar.Rule)
	r := &Rule{Code: b.Labels[0], Title: l.Text(attrs, "title"), Note: l.Text(attrs, "note"), Range: b.DefRange,
		On:       block.Choice(l.Reader, attrs, "on", about),
		Severity: block.Choice(l.Reader, attrs, "severity", verdict.Severities[:]),
	}
	r.Field = l.config.websync.Field(l.Reader, attrs)
	if more := l.config.websync.Note(r.Field); more != "" {
		r.Note = strings.TrimSpace(r.Note + " " + more)
	}
	if r.Title == "" {
		r.Title = r.Code
	}
	r.explains = l.Words(attrs, "explains")
	for _, w := range r.explains {
		r.Explains = append(r.Explains, w.Text)
	}
	if applies, ok := attrs["applies"]; ok {
		r.Applies = applies.Expr.(hclsyntax.Expression)
	}
	when, ok := attrs["when"]
	if !ok {
		l.Break("rule", r.Code)
		return
	}
	r.When = when.Expr.(hclsyntax.Expression)
	l.doubt(attrs, r)
	l.remedy(inner, r)
	l.config.Rules = append(l.config.Rules, r)
}

// checkExplains checks what rules explain: each other, and not in a circle.
func (l *loader) checkExplains() {
	for _, r := range l.config.Rules {
		for _, w := range r.explains {
			l.checkCode(w, fmt.Sprintf("Rule %q explains", r.Code))
		}
	}
	reported := map[string]bool{}
	for _, r := range l.config.Rules {
		if path := l.circle(r, nil); path != nil && !reported[circleID(path)] {
			reported[circleID(path)] = true
			l.Fail(r.Range, "Rules explain each other", "%s: a rule cannot explain itself, not even by way of others.", strings.Join(path, " explains "))
		}
	}
}

func circleID(path []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(path))), "\n")
}

// circle returns the codes along a circle through the first rule of the path; nil if there is none.
func (l *loader) circle(r *Rule, path []string) []string {
	if len(path) > 0 && path[0] == r.Code {
		return append(path, r.Code)
	}
	if slices.Contains(path, r.Code) {
		return nil
	}
	path = append(slices.Clone(path), r.Code)
	for _, code := range r.Explains {
		if next := l.config.Rule(code); next != nil {
			if found := l.circle(next, path); found != nil {
				return found
			}
		}
	}
	return nil
}

// checkCode checks that there is a rule of that code; who is the subject of the message.
func (l *loader) checkCode(w block.Word, who string) bool {
	if l.config.Rule(w.Text) != nil {
		return true
	}
	if !l.Broken("rule", w.Text) {
		var codes []string
		for _, r := range l.config.Rules {
			codes = append(codes, r.Code)
		}
		l.Fail(w.At, "Unknown rule", "%s %q, but there is no such rule.%s Rules are: %s.", who, w.Text, catalog.DidYouMean(w.Text, codes), strings.Join(codes, ", "))
	}
	return false
}
