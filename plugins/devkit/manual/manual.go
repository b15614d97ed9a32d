// Package manual writes a connector's page for its users, in Markdown, from what the connector says of itself.
package manual

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Connector is what a page is about.
type Connector struct {
	Name, Version, Doc string
	Capabilities       []string
	Settings           *catalog.Settings

	// Schema has the fields of one configured source, which Of names where other configurations have other fields. It
	// is nil if the connector was not configured.
	Schema *catalog.Schema
	Of     string

	// Remake is the command that writes the page.
	Remake string
}

// Write writes the page.
func (c Connector) Write(to io.Writer) error {
	p := &page{}
	p.line("# Connector `%s`", c.Name)
	p.line("")
	if c.Doc != "" {
		p.line("%s\n", prose(c.Doc))
	}
	c.example(p)
	p.line("\n## Configuration\n\nBeside the settings of any source, such as `read_timeout`:")
	p.settings("", c.Settings)
	if has(c.Settings, func(a catalog.Attribute) bool { return a.Live }) {
		p.line("\nA *live* setting takes effect at once. Another value of any other one makes another Local Copy.")
	}
	if has(c.Settings, func(a catalog.Attribute) bool { return a.Apply }) {
		p.line("\nA setting *to apply* is looked up where a plan is applied, and nowhere else.")
	}
	c.fields(p)
	c.capabilities(p)
	of := "the connector"
	if c.Version != "" {
		of = "version " + prose(c.Version) + " of the connector"
	}
	p.line("\n---\n\nMade from what %s says of itself: `%s` writes it anew.", of, c.Remake)
	_, err := io.WriteString(to, p.String())
	return err
}

type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// example shows a source block with what is required.
func (c Connector) example(p *page) {
	p.line("```hcl\nsource %q \"NAME\" {", c.Name)
	if !c.required(p, "  ", c.Settings) && len(c.Settings.Attributes) > 0 {
		p.line("  # nothing is required in every case: see below")
	}
	p.line("}\n```")
}

// required shows the settings that are required, and reports whether there are any.
func (c Connector) required(p *page, indent string, s *catalog.Settings) bool {
	required := slices.DeleteFunc(slices.Clone(s.Attributes), func(a catalog.Attribute) bool { return !a.Required || a.Apply })
	width := 0
	for _, a := range required {
		width = max(width, len(a.Name))
	}
	for _, a := range required {
		p.line("%s%-*s = %s", indent, width, a.Name, c.placeholder(a))
	}
	some := len(required) > 0
	for _, b := range s.Blocks {
		if b.Required {
			some = true
			p.line("%s%s {", indent, b.Name)
			c.required(p, indent+"  ", &b.Settings)
			p.line("%s}", indent)
		}
	}
	return some
}

func (c Connector) placeholder(a catalog.Attribute) string {
	switch {
	case a.Sensitive:
		variable := strings.ToUpper(c.Name + "_" + a.Name)
		return fmt.Sprintf("env(%q)", strings.ReplaceAll(variable, "-", "_"))
	case a.Default != "":
		return a.Default
	case len(a.Values) > 0:
		return fmt.Sprintf("%q", a.Values[0])
	}
	switch a.Type {
	case catalog.SettingNumber:
		return "0"
	case catalog.SettingBool:
		return "true"
	case catalog.SettingStrings, catalog.SettingNumbers:
		return "[]"
	case catalog.SettingStringsMap:
		return "{}"
	}
	return `"..."`
}

// settings writes a table of attributes, and below it the nested blocks.
func (p *page) settings(within string, s *catalog.Settings) {
	if len(s.Attributes) == 0 && len(s.Blocks) == 0 {
		p.line("\nNothing.")
	}
	if len(s.Attributes) > 0 {
		p.line("\n| setting | type | meaning |\n|---|---|---|")
	}
	for _, a := range s.Attributes {
		p.line("| `%s` | %s | %s |", a.Name, strings.Join(kind(a), ", "), cell(meaning(a)))
	}
	for _, b := range s.Blocks {
		name := strings.TrimPrefix(within+" › "+b.Name, " › ")
		often := "Optional, at most once."
		if b.Required {
			often = "Required, once."
		}
		p.line("\n### Block `%s`\n\n%s %s", name, prose(b.Doc), often)
		p.settings(name, &b.Settings)
	}
}

// has reports whether one of the settings is such a one.
func has(s *catalog.Settings, such func(catalog.Attribute) bool) bool {
	return slices.ContainsFunc(s.Attributes, such) ||
		slices.ContainsFunc(s.Blocks, func(b catalog.Block) bool { return has(&b.Settings, such) })
}

func kind(a catalog.Attribute) []string {
	words := []string{string(a.Type)}
	if a.Required {
		words = append(words, "required")
	}
	if a.Sensitive {
		words = append(words, "sensitive")
	}
	if a.Live {
		words = append(words, "live")
	}
	if a.Apply {
		words = append(words, "to apply")
	}
	return words
}

func meaning(a catalog.Attribute) string {
	text := prose(a.Doc)
	if len(a.Values) > 0 {
		text += " One of: `\"" + strings.Join(a.Values, "\"`, `\"") + "\"`."
	}
	if a.Default != "" {
		text += " Default: `" + a.Default + "`."
	}
	return strings.TrimSpace(text)
}

func (c Connector) fields(p *page) {
	p.line("\n## Fields\n")
	if c.Schema == nil {
		p.line("Which fields there are depends on the configuration: `reconcile sources` lists them.")
		return
	}
	if c.Of != "" {
		p.line("Of %s; another configuration may have others, which `reconcile sources` lists.\n", c.Of)
	}
	p.line("| field | type | meaning |\n|---|---|---|")
	for _, f := range c.Schema.Fields() {
		doc := f.Doc
		if known, ok := catalog.KnownField(f.Name); ok && doc == "" {
			doc = known.Doc
		}
		p.line("| `%s` | %s | %s |", f.Name, f.Type, cell(prose(doc)))
	}
}

// abilities says what a capability is to a user.
var abilities = map[string]string{
	"fetch":       "single items can be asked for",
	"apply":       "it can be changed as a plan says",
	"orders":      "the web orders that are still to be imported can be written to a file",
	"incremental": "a Local Copy can be kept of it, of which only what has changed is read again",
}

func (c Connector) capabilities(p *page) {
	p.line("\n## Capabilities\n\n- reads all items")
	for _, name := range c.Capabilities {
		if does, ok := abilities[name]; ok {
			p.line("- `%s`: %s", name, does)
		} else {
			p.line("- `%s`", cell(prose(name)))
		}
	}
}

// prose makes one line of a connector's text, without what a terminal or Markdown would act on.
func prose(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "<", `\<`)
}

// cell keeps a text within its cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
