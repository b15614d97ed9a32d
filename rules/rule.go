package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// about are the statuses of the items that a rule can be about. A rule about items that one side lacks sees only the side
// that is there.
var about = []verdict.Status{verdict.Matched, verdict.PosOnly, verdict.StoreOnly, verdict.Duplicate}

// choice returns that of the allowed values whose text an attribute has; the first if it is left out or wrong.
func choice[T fmt.Stringer](d *decoder, attrs hcl.Attributes, name string, allowed []T) T {
	a, ok := attrs[name]
	if !ok {
		return allowed[0]
	}
	v, ok := d.constant(a.Expr, catalog.String, fmt.Sprintf("%q", name))
	if !ok {
		return allowed[0]
	}
	var names []string
	for _, value := range allowed {
		if value.String() == v.Str() {
			return value
		}
		names = append(names, value.String())
	}
	d.fail(a.Expr.Range(), "Value not allowed", "%q cannot be %q.%s It is one of: %s.", name, v.Str(), suggest(v.Str(), names), strings.Join(names, ", "))
	return allowed[0]
}

func (d *decoder) decodeRule(b *hcl.Block) {
	attrs := d.content(b, []string{"when"}, "title", "note", "explains", "field", "on", "severity")
	r := &Rule{Code: b.Labels[0], Title: d.text(attrs, "title"), Note: d.text(attrs, "note"), Range: b.DefRange,
		On:       choice(d, attrs, "on", about),
		Severity: choice(d, attrs, "severity", verdict.Severities[:]),
	}
	d.decodeField(r, attrs)
	if r.Title == "" {
		r.Title = r.Code
	}
	r.explains = d.words(attrs, "explains")
	for _, w := range r.explains {
		r.Explains = append(r.Explains, w.text)
	}
	when, ok := attrs["when"]
	if !ok {
		d.config.broken["rule "+r.Code] = true
		return
	}
	r.when = when.Expr.(hclsyntax.Expression)
	d.config.Rules = append(d.config.Rules, r)
}

// checkExplains checks what rules explain: each other, and not in a circle.
func (d *decoder) checkExplains() {
	for _, r := range d.config.Rules {
		for _, w := range r.explains {
			d.checkCode(w, fmt.Sprintf("Rule %q explains", r.Code))
		}
	}
	reported := map[string]bool{}
	for _, r := range d.config.Rules {
		if path := d.circle(r, nil); path != nil && !reported[circleID(path)] {
			reported[circleID(path)] = true
			d.fail(r.Range, "Rules explain each other", "%s: a rule cannot explain itself, not even by way of others.", strings.Join(path, " explains "))
		}
	}
}

func circleID(path []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(path))), "\n")
}

// circle returns the codes along a circle through the first rule of the path; nil if there is none.
func (d *decoder) circle(r *Rule, path []string) []string {
	if len(path) > 0 && path[0] == r.Code {
		return append(path, r.Code)
	}
	if slices.Contains(path, r.Code) {
		return nil
	}
	path = append(slices.Clone(path), r.Code)
	for _, code := range r.Explains {
		if next := d.config.Rule(code); next != nil {
			if found := d.circle(next, path); found != nil {
				return found
			}
		}
	}
	return nil
}

// checkCode checks that there is a rule of that code; who is the subject of the message.
func (d *decoder) checkCode(w word, who string) bool {
	if d.config.Rule(w.text) != nil {
		return true
	}
	if !d.config.broken["rule "+w.text] {
		var codes []string
		for _, r := range d.config.Rules {
			codes = append(codes, r.Code)
		}
		d.fail(w.at, "Unknown rule", "%s %q, but there is no such rule.%s Rules are: %s.", who, w.text, suggest(w.text, codes), strings.Join(codes, ", "))
	}
	return false
}
