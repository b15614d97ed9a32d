// Package block reads the blocks of a configuration's files: their names, and the values of their attributes, which can
// use local names and functions. It knows no block by its type: what a block means, the packages know that call it.
package block

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/expr"
	"github.com/reconcilehq/reconcile/rules/grammar"
)

// Reader reads blocks and collects what is wrong with them. A mistake in one block, or in one attribute, hides no other.
type Reader struct {
	Diags hcl.Diagnostics

	values *values
	shown  []use // of local values and variables in what is shown
	broken map[string]bool
	seen   map[string]hcl.Range // what names stand for already, by block type and labels
}

// values are what the values of attributes can use.
type values struct {
	locals map[string]expr.Local
	each   *expr.Each
	getenv func(string) (string, bool)
	needs  map[string][]string // what each local value is computed from
}

// NewReader returns a reader. getenv looks up environment variables for env(); nil means os.LookupEnv.
func NewReader(getenv func(string) (string, bool)) *Reader {
	if getenv == nil {
		getenv = os.LookupEnv
	}
	return &Reader{values: &values{locals: map[string]expr.Local{}, getenv: getenv, needs: map[string][]string{}}, broken: map[string]bool{}, seen: map[string]hcl.Range{}}
}

// Another returns a reader for blocks whose names are their own, but that can use the same local names.
func (r *Reader) Another() *Reader {
	return &Reader{values: r.values, broken: map[string]bool{}, seen: map[string]hcl.Range{}}
}

// Scope is what the values of attributes may refer to.
func (r *Reader) Scope() *expr.Scope {
	return &expr.Scope{Locals: r.values.locals, Each: r.values.each, Getenv: r.values.getenv}
}

// SetShopLine says what each.NAME stands for from now on.
func (r *Reader) SetShopLine(each *expr.Each) { r.values.each = each }

// ShopLine is what each.NAME stands for; nil where there is no list of shops.
func (r *Reader) ShopLine() *expr.Each { return r.values.each }

// Locals are the local names, as far as they were read.
func (r *Reader) Locals() map[string]expr.Local { return r.values.locals }

// Break notes that a block of that type and name has a mistake, which was reported: what refers to it is right to do so.
func (r *Reader) Break(blockType, name string) { r.broken[blockType+" "+name] = true }

// Broken reports whether Break was called for the block.
func (r *Reader) Broken(blockType, name string) bool { return r.broken[blockType+" "+name] }

// Fail reports a mistake.
func (r *Reader) Fail(at hcl.Range, summary, format string, args ...any) {
	r.Diags = append(r.Diags, Mistake(at, summary, format, args...))
}

// ByType returns the blocks at the top of the files by their types. If all is true, blocks and attributes that the schema
// does not have are mistakes.
func (r *Reader) ByType(files *Files, schema *hcl.BodySchema, all bool) map[string]hcl.Blocks {
	byType := map[string]hcl.Blocks{}
	for _, body := range files.bodies {
		var content *hcl.BodyContent
		var diags hcl.Diagnostics
		if all {
			content, diags = body.Content(schema)
			sayPlaces(diags, body, schema.Blocks, "")
		} else {
			content, _, diags = body.PartialContent(schema)
		}
		r.Diags = append(r.Diags, diags...)
		for _, b := range content.Blocks {
			b.Labels = slices.Clone(b.Labels)
			for i, label := range b.Labels {
				b.Labels[i] = catalog.NormalText(label) // as HCL brings texts to it that refer to the name
			}
			byType[b.Type] = append(byType[b.Type], b)
		}
	}
	return byType
}

// Labels says what the names of a type of block are like.
type Labels struct {
	Good func(label string) bool
	Rule string // what a good one is like, as it follows "cannot name a rule: "
}

// Identifier is a name that expressions can refer to.
func Identifier() Labels {
	return Labels{hclsyntax.ValidIdentifier, "it starts with a letter and has only letters, digits, - and _"}
}

// Text is a name for people.
func Text() Labels {
	return Labels{func(label string) bool { return strings.TrimSpace(label) != "" }, "it must not be empty"}
}

// Each calls read for every block whose name is new and well-formed.
func (r *Reader) Each(blocks hcl.Blocks, labels Labels, read func(*hcl.Block)) {
	for _, b := range blocks {
		id := b.Type + " " + strings.Join(b.Labels, ".")
		at := b.LabelRanges[len(b.LabelRanges)-1]
		if first, ok := r.seen[id]; ok {
			r.Fail(at, fmt.Sprintf("Duplicate %s", b.Type), "There is %s at %s already. Give this one another name.", catalog.WithArticle(quoted(b)), Place(first))
			continue
		}
		r.seen[id] = at
		if i := slices.IndexFunc(b.Labels, func(l string) bool { return !labels.Good(l) }); i >= 0 {
			r.Fail(b.LabelRanges[i], "Invalid name", "%q cannot name %s: %s.", b.Labels[i], catalog.WithArticle(b.Type), labels.Rule)
			r.broken[id] = true
			continue
		}
		read(b)
	}
}

func quoted(b *hcl.Block) string {
	id := b.Type
	for _, l := range b.Labels {
		id += fmt.Sprintf(" %q", l)
	}
	return id
}

// Headers returns what HCL has to know to find blocks of these types.
func Headers(types ...grammar.Block) []hcl.BlockHeaderSchema {
	var list []hcl.BlockHeaderSchema
	for _, t := range types {
		list = append(list, hcl.BlockHeaderSchema{Type: t.Type, LabelNames: t.Labels})
	}
	return list
}

// Attributes returns a block's attributes, which are those of its type.
func (r *Reader) Attributes(b *hcl.Block, of grammar.Block) hcl.Attributes {
	attrs, _ := r.Content(b, of)
	return attrs
}

// Content returns a block's attributes, which are those of its type, and the blocks that stand in it.
func (r *Reader) Content(b *hcl.Block, of grammar.Block) (hcl.Attributes, hcl.Blocks) {
	schema := &hcl.BodySchema{Blocks: Headers(of.Blocks...)}
	for _, name := range of.Required {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name, Required: true})
	}
	for _, name := range of.Optional {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name})
	}
	content, diags := b.Body.Content(schema)
	if body, ok := b.Body.(*hclsyntax.Body); ok {
		sayPlaces(diags, body, schema.Blocks, quoted(b))
		sayAttributes(diags, body, of.Attributes())
		slices.SortStableFunc(diags, func(a, b *hcl.Diagnostic) int { return cmp.Compare(line(a), line(b)) }) // HCL has attributes in any order
	}
	r.Diags = append(r.Diags, diags...)
	return content.Attributes, content.Blocks
}

// line returns the line that a diagnostic is about; 0 if it is about none.
func line(d *hcl.Diagnostic) int {
	if d.Subject == nil {
		return 0
	}
	return d.Subject.Start.Line
}

// sayAttributes adds to what HCL says of attributes that are not expected which ones are, where it proposes none.
func sayAttributes(diags hcl.Diagnostics, body *hclsyntax.Body, expected []string) {
	for name, a := range body.Attributes {
		if len(expected) == 0 || slices.Contains(expected, name) {
			continue
		}
		for _, diag := range diags {
			if diag.Subject == nil || *diag.Subject != a.NameRange || strings.Contains(diag.Detail, "?") {
				continue
			}
			if mean := catalog.DidYouMean(name, expected); mean != "" {
				diag.Detail += mean
			} else {
				diag.Detail += " There are: " + strings.Join(expected, ", ") + "."
			}
		}
	}
}

// sayPlaces adds to what HCL says of blocks that are not expected where those stand that the language has. within names the block that they are
// in; "" at the top of a file.
func sayPlaces(diags hcl.Diagnostics, body *hclsyntax.Body, expected []hcl.BlockHeaderSchema, within string) {
	for _, b := range body.Blocks {
		if slices.ContainsFunc(expected, func(h hcl.BlockHeaderSchema) bool { return h.Type == b.Type }) {
			continue
		}
		for _, diag := range diags {
			if diag.Subject != nil && *diag.Subject == b.TypeRange {
				diag.Detail += Misplaced(b.Type, within)
			}
		}
	}
}

// Misplaced says where a block of a type stands that was found elsewhere, with a space before it; "" if the language has no such block. within
// names the block that it was found in; "" at the top of a file.
func Misplaced(blockType, within string) string {
	place := grammar.Place(blockType)
	switch {
	case place == "":
		return ""
	case within == "":
		return fmt.Sprintf(" A block %q stands %s.", blockType, place)
	}
	return fmt.Sprintf(" A block %q stands %s, and not in %s: move it there, or see whether the } that ends that block is missing or comes too late.", blockType, place, within)
}
