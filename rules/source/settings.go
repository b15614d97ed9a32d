package source

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/expr"
	"github.com/reconcilehq/reconcile/rules/grammar"
)

// Settings are the settings of one source, read by its connector's schema.
type Settings struct {
	JSON    []byte   // an object, as the protocol's Configure takes it
	Secrets []string // the values of sensitive settings
	Paths   []string // the values of settings that name files, as they were given

	// Identity is what the source's data depend on, as a JSON object: the settings but for live ones, paths being absolute.
	// It may hold secrets.
	Identity []byte

	// Lasting is Identity without secrets and names of files, which may be others another day.
	Lasting []byte

	// Meaning is what decides what the data say, as a JSON object, with neither secrets nor names of files in it.
	Meaning []byte

	source *Source
}

// Settings reads a source block by the schema of its connector. The diagnostics never hold a setting's value. Settings that only
// changing the platform needs (catalog.Attribute.Apply) are left out: nobody looks up what they are computed from.
func (c *Config) Settings(s *Source, schema *catalog.Settings) (*Settings, hcl.Diagnostics) {
	return c.settings(s, schema, false)
}

// SettingsToApply is like Settings, with those that only changing the platform needs.
func (c *Config) SettingsToApply(s *Source, schema *catalog.Settings) (*Settings, hcl.Diagnostics) {
	return c.settings(s, schema, true)
}

func (c *Config) settings(s *Source, schema *catalog.Settings, apply bool) (*Settings, hcl.Diagnostics) {
	d := c.settingsReader()
	d.apply = apply
	object := d.body(s.body, schema, s.Range, grammar.Source.Optional)
	if d.diags.HasErrors() || object == nil {
		return nil, d.diags
	}
	text, err := json.Marshal(object)
	if err != nil {
		return nil, append(d.diags, block.Mistake(s.Range, "Settings cannot be written", "%v.", err))
	}
	identity, err := json.Marshal(c.identity(object, schema, false))
	if err != nil {
		return nil, append(d.diags, block.Mistake(s.Range, "Settings cannot be written", "%v.", err))
	}
	lasting, err := json.Marshal(c.identity(object, schema, true))
	if err != nil {
		return nil, append(d.diags, block.Mistake(s.Range, "Settings cannot be written", "%v.", err))
	}
	meant, err := json.Marshal(meaning(object, schema))
	if err != nil {
		return nil, append(d.diags, block.Mistake(s.Range, "Settings cannot be written", "%v.", err))
	}
	return &Settings{JSON: text, Secrets: d.secrets, Paths: d.paths, Identity: identity, Lasting: lasting, Meaning: meant, source: s}, d.diags
}

// Secrets returns the values of the sensitive settings of a source, as far as they can be read: for hiding them where the
// rest is wrong, too. Those that only changing the platform needs are not looked up.
func (c *Config) Secrets(s *Source, schema *catalog.Settings) []string {
	return c.secretsOf(s, schema, false)
}

// SecretsToApply is like Secrets, with those that only changing the platform needs.
func (c *Config) SecretsToApply(s *Source, schema *catalog.Settings) []string {
	return c.secretsOf(s, schema, true)
}

func (c *Config) secretsOf(s *Source, schema *catalog.Settings, apply bool) []string {
	d := c.settingsReader()
	d.apply = apply
	d.body(s.body, schema, s.Range, grammar.Source.Optional)
	return d.secrets
}

// Diagnose shows a connector's objections at their places in the source block.
func (s *Settings) Diagnose(problems []catalog.Problem) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, p := range problems {
		at := s.source.Range
		body := s.source.body
		for i, step := range p.Path {
			if a, ok := body.Attributes[step]; ok {
				at = a.SrcRange
				if i+1 < len(p.Path) {
					at = member(a, p.Path[i+1])
				}
				break
			}
			i := slices.IndexFunc(body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == step })
			if i < 0 {
				break
			}
			body, at = body.Blocks[i].Body, body.Blocks[i].DefRange()
		}
		severity := hcl.DiagError
		if p.Warning {
			severity = hcl.DiagWarning
		}
		diags = append(diags, &hcl.Diagnostic{Severity: severity, Summary: block.Sentence(p.Summary), Detail: p.Detail, Subject: &at})
	}
	return diags
}

// member returns the place of a member of a map that is written out; that of the whole attribute if there is none.
func member(a *hclsyntax.Attribute, name string) hcl.Range {
	object, ok := a.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return a.SrcRange
	}
	for _, item := range object.Items {
		if key, diags := item.KeyExpr.Value(nil); !diags.HasErrors() && key.Type() == cty.String && key.IsKnown() && !key.IsNull() && key.AsString() == name {
			return hcl.RangeBetween(item.KeyExpr.Range(), item.ValueExpr.Range())
		}
	}
	return a.SrcRange
}

// CheckSource checks what can be checked of a source block without its connector: names, functions, variables.
func (c *Config) CheckSource(s *Source) hcl.Diagnostics {
	d := c.settingsReader()
	d.scope.Secret = func(string) (string, error) { return "", nil } // nobody is asked for what nobody needs
	d.static(s.body)
	return d.diags
}

// settingsReader reads one source block.
type settingsReader struct {
	open    *open
	scope   *expr.Scope
	apply   bool // settings that only changing the platform needs are read, too
	secrets []string
	paths   []string
	diags   hcl.Diagnostics
}

func (c *Config) settingsReader() *settingsReader {
	d := &settingsReader{open: &c.open, scope: c.reader.Scope()}
	d.scope.Secret = func(name string) (string, error) {
		value, err := c.secrets.look(name)
		if err == nil {
			d.secrets = append(d.secrets, value)
		}
		return value, err
	}
	return d
}

func (d *settingsReader) fail(at hcl.Range, summary, format string, args ...any) {
	d.diags = append(d.diags, block.Mistake(at, summary, format, args...))
}

func (d *settingsReader) body(body *hclsyntax.Body, schema *catalog.Settings, header hcl.Range, also []string) map[string]json.RawMessage {
	object := map[string]json.RawMessage{}
	for _, a := range sortedAttributes(body) {
		setting := schema.Attribute(a.Name)
		switch {
		case slices.Contains(also, a.Name):
			if hostMayShow(a.Expr) {
				d.open.add(a.SrcRange)
			}
		case setting != nil:
			if setting.Sensitive {
				d.open.addSecret(a.Expr)
			} else if mayShow(a.Expr, setting.Type) {
				d.open.add(a.SrcRange)
			}
			if setting.Apply && !d.apply {
				d.checkUnread(a)
			} else if raw := d.attribute(a, setting); raw != nil {
				object[a.Name] = raw
			}
		case schema.Block(a.Name) != nil:
			d.fail(a.NameRange, "Block expected", "%q is a block: write %s { ... } without an equals sign.", a.Name, a.Name)
		default:
			d.unknown(a.NameRange, a.Name, schema, also)
		}
	}
	for _, b := range body.Blocks {
		inner := schema.Block(b.Type)
		switch {
		case inner == nil && schema.Attribute(b.Type) != nil:
			d.fail(b.TypeRange, "Attribute expected", "%q is an attribute: write %s = ...", b.Type, b.Type)
		case inner == nil && grammar.Place(b.Type) != "":
			d.fail(b.TypeRange, "Unexpected block", "A source takes no block %q.%s", b.Type, block.Misplaced(b.Type, "a source"))
		case inner == nil:
			d.unknown(b.TypeRange, b.Type, schema, also)
		case len(b.Labels) > 0:
			d.fail(b.LabelRanges[0], "No label here", "The block %q takes no label.", b.Type)
		case object[b.Type] != nil:
			d.fail(b.TypeRange, "Duplicate block", "The block %q is there already.", b.Type)
		default:
			raw, err := json.Marshal(d.body(b.Body, &inner.Settings, b.DefRange(), nil))
			if err != nil {
				d.fail(b.DefRange(), "Settings cannot be written", "%v.", err)
			}
			object[b.Type] = raw
		}
	}
	for _, a := range schema.Attributes {
		if _, given := body.Attributes[a.Name]; a.Required && !given && (d.apply || !a.Apply) {
			d.fail(header, "Missing setting", "%q is required. %s", a.Name, a.Doc)
		}
	}
	for _, b := range schema.Blocks {
		if b.Required && object[b.Name] == nil {
			d.fail(header, "Missing block", "A block %q is required. %s", b.Name, b.Doc)
		}
	}
	return object
}

// checkUnread checks the names in a setting that is not read. No variable and no secret is looked up.
func (d *settingsReader) checkUnread(a *hclsyntax.Attribute) {
	scope := *d.scope
	scope.Getenv = func(string) (string, bool) { return "", true }
	scope.Secret = func(string) (string, error) { return "", nil }
	quiet := &settingsReader{scope: &scope}
	quiet.staticExpr(a.Expr)
	d.diags = append(d.diags, quiet.diags...)
}

func (d *settingsReader) unknown(at hcl.Range, name string, schema *catalog.Settings, also []string) {
	known := slices.Clone(also)
	for _, a := range schema.Attributes {
		known = append(known, a.Name)
	}
	for _, b := range schema.Blocks {
		known = append(known, b.Name)
	}
	d.fail(at, "Unknown setting", "This connector has no setting %q.%s It has: %s.", name, catalog.DidYouMean(name, known), strings.Join(known, ", "))
}

// secretsIn returns the texts that a sensitive value is made of. The keys of a map are names: of headers, of parameters.
func secretsIn(v catalog.Value) []string {
	switch v.Type() {
	case catalog.List:
		return v.List()
	case catalog.Map:
		var secrets []string
		for _, e := range v.Entries() {
			secrets = append(secrets, e.Value)
		}
		return secrets
	}
	return []string{v.Text()}
}

// attribute evaluates one setting and writes it as JSON; nil after a diagnostic.
func (d *settingsReader) attribute(a *hclsyntax.Attribute, setting *catalog.Attribute) json.RawMessage {
	var values []catalog.Value
	one := func(e hclsyntax.Expression, want catalog.Type) (catalog.Value, bool) {
		v, diags := block.Constant(e, d.scope, want, fmt.Sprintf("Setting %q", a.Name))
		d.diags = append(d.diags, diags...)
		ok := !diags.HasErrors() && v.Type() == want
		if ok && setting.Sensitive {
			d.secrets = append(d.secrets, secretsIn(v)...)
		}
		if ok && setting.Path {
			d.paths = append(d.paths, v.Text())
		}
		values = append(values, v)
		return v, ok
	}
	switch setting.Type {
	case catalog.SettingString:
		v, ok := one(a.Expr, catalog.String)
		if !ok {
			return nil
		}
		return d.allowed(a, setting, v)
	case catalog.SettingNumber:
		return raw(one(a.Expr, catalog.Number))
	case catalog.SettingBool:
		return raw(one(a.Expr, catalog.Bool))
	case catalog.SettingStringsMap:
		return raw(one(a.Expr, catalog.Map))
	case catalog.SettingStrings, catalog.SettingNumbers:
		element := catalog.String
		if setting.Type == catalog.SettingNumbers {
			element = catalog.Number
		}
		tuple, literal := a.Expr.(*hclsyntax.TupleConsExpr)
		if !literal && element == catalog.String {
			return raw(one(a.Expr, catalog.List))
		}
		if !literal {
			d.fail(a.Expr.Range(), "Wrong type", "Setting %q is a list of numbers: write it as [1, 2].", a.Name)
			return nil
		}
		complete := true
		for _, e := range tuple.Exprs {
			_, ok := one(e, element)
			complete = complete && ok
		}
		if !complete {
			return nil
		}
		text, err := json.Marshal(values)
		if err != nil || len(values) == 0 {
			return json.RawMessage("[]")
		}
		return text
	}
	return nil
}

func (d *settingsReader) allowed(a *hclsyntax.Attribute, setting *catalog.Attribute, v catalog.Value) json.RawMessage {
	if len(setting.Values) > 0 && !slices.Contains(setting.Values, v.Str()) {
		said := fmt.Sprintf("Setting %q cannot be %q.%s", a.Name, v.Str(), catalog.DidYouMean(v.Str(), setting.Values))
		if setting.Sensitive {
			said = fmt.Sprintf("Setting %q cannot have this value.", a.Name)
		}
		d.fail(a.Expr.Range(), "Value not allowed", "%s It is one of: %s.", said, strings.Join(setting.Values, ", "))
		return nil
	}
	return raw(v, true)
}

func raw(v catalog.Value, ok bool) json.RawMessage {
	text, err := v.MarshalJSON()
	if !ok || err != nil {
		return nil
	}
	return text
}

// static checks expressions of a block without knowing what type each should have.
func (d *settingsReader) static(body *hclsyntax.Body) {
	for _, a := range sortedAttributes(body) {
		d.staticExpr(a.Expr)
	}
	for _, b := range body.Blocks {
		d.static(b.Body)
	}
}

func (d *settingsReader) staticExpr(e hclsyntax.Expression) {
	switch e := e.(type) {
	case *hclsyntax.TupleConsExpr:
		for _, element := range e.Exprs {
			d.staticExpr(element)
		}
	case *hclsyntax.ObjectConsExpr:
		for _, item := range e.Items {
			d.staticExpr(item.ValueExpr)
		}
	default:
		_, diags := expr.Compile(e, d.scope)
		d.diags = append(d.diags, diags...)
	}
}

// sortedAttributes returns a block's attributes in the order of the file, so that diagnostics come in it too.
func sortedAttributes(body *hclsyntax.Body) []*hclsyntax.Attribute {
	var attrs []*hclsyntax.Attribute
	for _, a := range body.Attributes {
		attrs = append(attrs, a)
	}
	slices.SortFunc(attrs, func(a, b *hclsyntax.Attribute) int { return block.Compare(a.NameRange, b.NameRange) })
	return attrs
}
