package lockfile

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/rules/syntax"
)

var fileSchema = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "plugin", LabelNames: []string{"connector"}}}}

var pluginSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "version", Required: true}, {Name: "sha256", Required: true}}}

// advice says what to do about any mistake: nobody should write the file by hand.
const advice = "Take back the change, or remove the block and lock the plugin anew with reconcile plugin lock."

func parse(path string, text []byte) (*File, map[string]*hcl.File, hcl.Diagnostics) {
	parsed, diags := syntax.Parse(path, text)
	files := map[string]*hcl.File{path: parsed}
	if diags.HasErrors() {
		return nil, files, diags
	}
	content, diags := parsed.Body.Content(fileSchema)
	f := &File{}
	for _, b := range content.Blocks {
		p, more := parsePlugin(b)
		if f.Plugin(p.Connector) != nil {
			more = append(more, mistake(b.LabelRanges[0], "Duplicate plugin", fmt.Sprintf("The plugin %q is in the file twice.", p.Connector)))
		}
		diags = append(diags, more...)
		f.Set(p)
	}
	if diags.HasErrors() {
		return nil, files, diags
	}
	return f, files, nil
}

func parsePlugin(b *hcl.Block) (Plugin, hcl.Diagnostics) {
	p := Plugin{Connector: b.Labels[0], SHA256: map[string]string{}}
	content, diags := b.Body.Content(pluginSchema)
	if a, ok := content.Attributes["version"]; ok {
		v, more := a.Expr.Value(nil)
		diags = append(diags, more...)
		if p.Version, ok = text(v); !ok && !more.HasErrors() {
			diags = append(diags, mistake(a.Expr.Range(), "Wrong type", `"version" is a text.`))
		}
	}
	a, ok := content.Attributes["sha256"]
	if !ok {
		return p, diags
	}
	v, more := a.Expr.Value(nil)
	diags = append(diags, more...)
	if more.HasErrors() {
		return p, diags
	}
	if v.IsNull() || !v.Type().IsObjectType() || v.LengthInt() == 0 {
		return p, append(diags, mistake(a.Expr.Range(), "Wrong type", `"sha256" is a map with a hash for each platform.`))
	}
	for platform, element := range v.AsValueMap() {
		hash, ok := text(element)
		if !ok || !validHash(hash) {
			diags = append(diags, mistake(a.Expr.Range(), "Not a SHA-256",
				fmt.Sprintf("The hash for %s is not 64 hexadecimal digits in lower case.", strings.TrimSpace(platform))))
			continue
		}
		p.SHA256[platform] = hash
	}
	return p, diags
}

func text(v cty.Value) (string, bool) {
	if v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}

func mistake(at hcl.Range, summary, detail string) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail + " " + advice, Subject: &at}
}
