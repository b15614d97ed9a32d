package rules

import (
	"fmt"
	"slices"
	"strconv"
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
	{Type: "websync"},
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
	d.decodeWebsync(byType["websync"])
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
		s.ReadTimeout = d.duration(a.Expr, "read_timeout")
	}
	d.config.Sources = append(d.config.Sources, s)
}

// duration evaluates an attribute that says how long; 0 after a diagnostic.
func (d *decoder) duration(e hcl.Expression, name string) time.Duration {
	v, ok := d.constant(e, catalog.String, strconv.Quote(name))
	if !ok {
		return 0
	}
	long, err := time.ParseDuration(v.Str())
	if err != nil || long <= 0 {
		d.fail(e.Range(), "Invalid duration", `%q is a time such as "90s" or "2m".`, name)
		return 0
	}
	return long
}
