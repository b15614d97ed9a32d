package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/expr"
)

var topLevel = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
	{Type: "source", LabelNames: []string{"connector", "name"}},
	{Type: "reconciliation", LabelNames: []string{"name"}},
	{Type: "rule", LabelNames: []string{"code"}},
	{Type: "intentional", LabelNames: []string{"name"}},
	{Type: "locals"},
	{Type: "plugin", LabelNames: []string{"connector"}},
}}

// decode reads all blocks of all files. Blocks refer to one another in any order, so the order is by what needs what.
func (c *Config) decode(bodies []*hclsyntax.Body, bundled []string) hcl.Diagnostics {
	d := &decoder{config: c, bundled: bundled, seen: map[string]hcl.Range{}}
	byType := map[string]hcl.Blocks{}
	for _, body := range bodies {
		content, diags := body.Content(topLevel)
		d.diags = append(d.diags, diags...)
		for _, b := range content.Blocks {
			byType[b.Type] = append(byType[b.Type], b)
		}
	}
	d.decodeLocals(byType["locals"])
	d.each(byType["plugin"], d.decodePlugin)
	d.each(byType["source"], d.decodeSource)
	d.each(byType["rule"], d.decodeRule)
	d.checkExplains()
	d.each(byType["intentional"], d.decodeIntentional)
	d.each(byType["reconciliation"], d.decodeReconciliation)
	return d.diags
}

// decoder is the state of decoding one configuration.
type decoder struct {
	config  *Config
	bundled []string
	seen    map[string]hcl.Range // what names stand for already, by block type and labels
	diags   hcl.Diagnostics
}

func (d *decoder) fail(at hcl.Range, summary, format string, args ...any) {
	d.diags = append(d.diags, diagnose(at, summary, format, args...))
}

func diagnose(at hcl.Range, summary, format string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: &at}
}

// each calls decode for every block whose name is new and well-formed.
func (d *decoder) each(blocks hcl.Blocks, decode func(*hcl.Block)) {
	for _, b := range blocks {
		id := b.Type + " " + strings.Join(b.Labels, ".")
		at := b.LabelRanges[len(b.LabelRanges)-1]
		if first, ok := d.seen[id]; ok {
			d.fail(at, fmt.Sprintf("Duplicate %s", b.Type), "There is a %s at %s already. Give this one another name.", quoteID(b), place(first))
			continue
		}
		d.seen[id] = at
		if i := slices.IndexFunc(b.Labels, func(l string) bool { return !goodLabel(b.Type, l) }); i >= 0 {
			d.fail(b.LabelRanges[i], "Invalid name", "%q cannot name a %s: %s.", b.Labels[i], b.Type, labelRule(b.Type))
			d.config.broken[id] = true
			continue
		}
		decode(b)
	}
}

func quoteID(b *hcl.Block) string {
	id := b.Type
	for _, l := range b.Labels {
		id += fmt.Sprintf(" %q", l)
	}
	return id
}

func place(r hcl.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }

func goodLabel(block, label string) bool {
	switch block {
	case "source", "plugin":
		return hclsyntax.ValidIdentifier(label)
	case "rule":
		return label != "" && !strings.ContainsFunc(label, func(r rune) bool { return r <= ' ' || r == ',' || r == 0x7f })
	}
	return strings.TrimSpace(label) != ""
}

func labelRule(block string) string {
	switch block {
	case "source", "plugin":
		return "it starts with a letter and has only letters, digits, - and _"
	case "rule":
		return "a code is not empty and has neither white space nor a comma"
	}
	return "it must not be empty"
}

// content reads a block's attributes by schema; a mistake in one does not hide the others.
func (d *decoder) content(b *hcl.Block, required []string, optional ...string) hcl.Attributes {
	schema := &hcl.BodySchema{}
	for _, name := range required {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name, Required: true})
	}
	for _, name := range optional {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name})
	}
	content, diags := b.Body.Content(schema)
	d.diags = append(d.diags, diags...)
	return content.Attributes
}

// scope is what the configuration's own values may refer to.
func (d *decoder) scope() *expr.Scope { return d.config.valueScope() }

func (c *Config) valueScope() *expr.Scope { return &expr.Scope{Locals: c.locals, Getenv: c.getenv} }

// constant evaluates an attribute of the configuration's own; ok is false if a diagnostic was given.
func (d *decoder) constant(e hcl.Expression, want catalog.Type, what string) (catalog.Value, bool) {
	v, diags := constant(e, d.scope(), want, what)
	d.diags = append(d.diags, diags...)
	return v, !diags.HasErrors() && v.Type() == want
}

// constant evaluates an expression that reads no field. The value is invalid, without a diagnostic, where it depends on
// a local name that was reported already.
func constant(e hcl.Expression, scope *expr.Scope, want catalog.Type, what string) (catalog.Value, hcl.Diagnostics) {
	compiled, diags := expr.Compile(e, scope)
	if diags.HasErrors() {
		return catalog.Value{}, diags
	}
	diags = append(diags, compiled.Require(want, what)...)
	v, ok := compiled.Constant()
	if diags.HasErrors() || !ok || v.Type() != want {
		return catalog.Value{}, diags
	}
	if v.IsNull() {
		return catalog.Value{}, append(diags, diagnose(e.Range(), "No value", "%s comes to null.", what))
	}
	return v, diags
}

func (d *decoder) text(attrs hcl.Attributes, name string) string {
	a, ok := attrs[name]
	if !ok {
		return ""
	}
	v, _ := d.constant(a.Expr, catalog.String, fmt.Sprintf("%q", name))
	return v.Str()
}

// word is one string of a list, with its place.
type word struct {
	text string
	at   hcl.Range
}

// words evaluates a list of strings, keeping the place of each element of a literal list.
func (d *decoder) words(attrs hcl.Attributes, name string) []word {
	a, ok := attrs[name]
	if !ok {
		return nil
	}
	var list []word
	if tuple, ok := a.Expr.(*hclsyntax.TupleConsExpr); ok {
		for _, e := range tuple.Exprs {
			if v, ok := d.constant(e, catalog.String, fmt.Sprintf("An element of %q", name)); ok {
				list = append(list, word{v.Str(), e.Range()})
			}
		}
		return list
	}
	v, _ := d.constant(a.Expr, catalog.List, fmt.Sprintf("%q", name))
	for _, s := range v.List() {
		list = append(list, word{s, a.Expr.Range()})
	}
	return list
}

func (d *decoder) decodePlugin(b *hcl.Block) {
	attrs := d.content(b, nil, "path", "command")
	p := &Plugin{Connector: b.Labels[0], Range: b.DefRange, Path: d.text(attrs, "path")}
	for _, w := range d.words(attrs, "command") {
		p.Command = append(p.Command, w.text)
	}
	_, hasPath := attrs["path"]
	_, hasCommand := attrs["command"]
	switch {
	case slices.Contains(d.bundled, p.Connector):
		d.fail(b.LabelRanges[0], "Connector is bundled", "The connector %q comes with the program. Give the plugin another name.", p.Connector)
	case hasPath == hasCommand:
		d.fail(b.DefRange, "How to start the plugin", "A plugin has either a path to its program, or a command: a list of a program and its arguments.")
	}
	d.config.Plugins = append(d.config.Plugins, p)
}

func (d *decoder) decodeSource(b *hcl.Block) {
	s := &Source{Connector: b.Labels[0], Name: b.Labels[1], Range: b.DefRange, body: b.Body.(*hclsyntax.Body)}
	if !slices.Contains(d.bundled, s.Connector) && d.config.Plugin(s.Connector) == nil {
		known := slices.Clone(d.bundled)
		for _, p := range d.config.Plugins {
			known = append(known, p.Connector)
		}
		d.fail(b.LabelRanges[0], "Unknown connector", "There is no connector %q.%s There are: %s. A connector that is not bundled needs a plugin block.",
			s.Connector, suggest(s.Connector, known), strings.Join(known, ", "))
		d.config.broken[s.Address()] = true
	}
	if a, ok := s.body.Attributes["read_timeout"]; ok {
		if v, ok := d.constant(a.Expr, catalog.String, `"read_timeout"`); ok {
			timeout, err := time.ParseDuration(v.Str())
			if err != nil || timeout <= 0 {
				d.fail(a.Expr.Range(), "Invalid duration", `"read_timeout" is a time such as "90s" or "2m".`)
			}
			s.ReadTimeout = timeout
		}
	}
	d.config.Sources = append(d.config.Sources, s)
}

func (d *decoder) decodeRule(b *hcl.Block) {
	attrs := d.content(b, []string{"when"}, "title", "note", "explains")
	r := &Rule{Code: b.Labels[0], Title: d.text(attrs, "title"), Note: d.text(attrs, "note"), Range: b.DefRange}
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

func (d *decoder) decodeIntentional(b *hcl.Block) {
	attrs := d.content(b, []string{"rules", "reason"}, "where", "skus", "owner", "expires")
	in := &Intentional{Name: b.Labels[0], Range: b.DefRange, Reason: d.text(attrs, "reason"), Owner: d.text(attrs, "owner")}
	for _, w := range d.words(attrs, "rules") {
		if d.checkCode(w, fmt.Sprintf("Intentional %q names", in.Name)) {
			in.Rules = append(in.Rules, w.text)
		}
	}
	for _, w := range d.words(attrs, "skus") {
		in.SKUs = append(in.SKUs, w.text)
	}
	if a, ok := attrs["skus"]; ok && len(in.SKUs) == 0 {
		if v, ok := a.Expr.(*hclsyntax.TupleConsExpr); ok && len(v.Exprs) == 0 {
			d.fail(a.Expr.Range(), "No SKU", "An empty list of SKUs makes nothing intentional. Leave skus out to mean every item.")
		}
	}
	if a, ok := attrs["reason"]; ok && strings.TrimSpace(in.Reason) == "" {
		if _, isText := a.Expr.(*hclsyntax.TemplateExpr); isText {
			d.fail(a.Expr.Range(), "No reason", "Say why the discrepancy is intentional: whoever reads the report will ask.")
		}
	}
	if a, ok := attrs["expires"]; ok {
		if v, ok := d.constant(a.Expr, catalog.String, `"expires"`); ok {
			day, err := time.ParseInLocation(time.DateOnly, v.Str(), time.Local)
			if err != nil {
				d.fail(a.Expr.Range(), "Invalid date", `%q is not a date: write the last day that it holds as "2027-03-31".`, v.Str())
			}
			in.Expires = day
		}
	}
	if a, ok := attrs["where"]; ok {
		in.where = a.Expr.(hclsyntax.Expression)
	}
	d.config.Intentional = append(d.config.Intentional, in)
}
