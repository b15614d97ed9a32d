// Package websync reads what a configuration says of the fields that a point of sale puts online by itself, and tells what
// follows for rules about such fields. Each point of sale has its own words for it: they are a value, Words.
package websync

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/grammar"
)

// Words are those of one point of sale.
type Words struct {
	Block  string  // the type of the block that they stand in: "websync"
	Fields []Field // in the order in which messages list them
}

// Field is something that can go online.
type Field struct {
	Name    string
	Allowed []Setting // in the order in which messages list them
}

// Setting is how a field goes online.
type Setting struct {
	Word string // as the configuration writes it: "manual"
	// StoreOwns says that the store's value is its own, so that a discrepancy is intentional.
	StoreOwns bool
	// OnRequest says that a value goes online only when somebody chooses the item.
	OnRequest bool
	// Note is a sentence for the note of a rule about the field, in which %s stands for its name; "" if there is none.
	Note string
}

func (w *Words) field(name string) *Field {
	if i := slices.IndexFunc(w.Fields, func(f Field) bool { return f.Name == name }); i >= 0 {
		return &w.Fields[i]
	}
	return nil
}

func (w *Words) names() []string {
	names := make([]string, len(w.Fields))
	for i, f := range w.Fields {
		names[i] = f.Name
	}
	return names
}

func (f *Field) words() []string {
	words := make([]string, len(f.Allowed))
	for i, s := range f.Allowed {
		words[i] = s.Word
	}
	return words
}

// Settings are what a configuration says of the fields.
type Settings struct {
	understood []Words
	used       *Words // of the block that is there; nil if there is none
	fields     map[string]setting
}

// setting is what the configuration says of one field.
type setting struct {
	Setting
	at hcl.Range
}

// Blocks are the types of blocks that Read reads.
func Blocks(understood []Words) []hcl.BlockHeaderSchema {
	var list []hcl.BlockHeaderSchema
	for _, w := range understood {
		list = append(list, hcl.BlockHeaderSchema{Type: w.Block})
	}
	return list
}

// Read reads the block, of which there is one at most: a shop has one point of sale.
func Read(r *block.Reader, understood []Words, blocks map[string]hcl.Blocks) *Settings {
	s := &Settings{understood: understood, fields: map[string]setting{}}
	var first *hcl.Block
	for i := range understood {
		w := &understood[i]
		for _, b := range blocks[w.Block] {
			if first != nil {
				r.Fail(b.DefRange, "Duplicate "+b.Type, "There is %s block at %s already.", catalog.WithArticle(first.Type), block.Place(first.DefRange))
				continue
			}
			first, s.used = b, w
			s.read(r, w, r.Attributes(b, grammar.Block{Optional: w.names()}))
		}
	}
	return s
}

func (s *Settings) read(r *block.Reader, w *Words, attrs hcl.Attributes) {
	for i := range w.Fields {
		f := &w.Fields[i]
		a, ok := attrs[f.Name]
		if !ok {
			continue
		}
		if word := bare(a.Expr); word != "" {
			r.Fail(a.Expr.Range(), "Value not allowed", "%s of %s is a text, in quotes, and one of: %s.%s", block.Sentence(w.Block), f.Name, quoted(f.words()), catalog.DidYouMean(word, f.words()))
			continue
		}
		before := len(r.Diags)
		v, ok := r.Constant(a.Expr, catalog.String, fmt.Sprintf("%q", f.Name))
		if !ok {
			for _, diag := range r.Diags[before:] {
				diag.Detail += fmt.Sprintf(" %s of %s is one of: %s.", block.Sentence(w.Block), f.Name, quoted(f.words()))
			}
			continue
		}
		at := slices.Index(f.words(), v.Str())
		if at < 0 {
			r.Fail(a.Expr.Range(), "Value not allowed", "%s of %s cannot be %q.%s It is one of: %s.",
				block.Sentence(w.Block), f.Name, v.Str(), catalog.DidYouMean(v.Str(), f.words()), quoted(f.words()))
			continue
		}
		s.fields[f.Name] = setting{f.Allowed[at], a.Range}
	}
}

// bare returns a word or a value that stands without quotes; "" if an expression is something else.
func bare(e hcl.Expression) string {
	if literal, ok := e.(*hclsyntax.LiteralValueExpr); ok {
		return strings.Trim(string(hclwrite.TokensForValue(literal.Val).Bytes()), `"`)
	}
	return hcl.ExprAsKeyword(e)
}

func quoted(words []string) string {
	var list []string
	for _, w := range words {
		list = append(list, strconv.Quote(w))
	}
	return strings.Join(list, ", ")
}

// Field reads which field a rule is about; "" if it names none.
func (s *Settings) Field(r *block.Reader, attrs hcl.Attributes) string {
	a, ok := attrs["field"]
	if !ok {
		return ""
	}
	v, ok := r.Constant(a.Expr, catalog.String, `"field"`)
	if !ok {
		return ""
	}
	inForce := s.understood
	if s.used != nil {
		inForce = []Words{*s.used}
	}
	for i := range inForce {
		if inForce[i].field(v.Str()) != nil {
			return v.Str()
		}
	}
	for i := range inForce {
		w := &inForce[i]
		r.Fail(a.Expr.Range(), fmt.Sprintf("Unknown %s field", w.Block), "%s has no field %q.%s Its fields are: %s.",
			block.Sentence(w.Block), v.Str(), catalog.DidYouMean(v.Str(), w.names()), strings.Join(w.names(), ", "))
	}
	return ""
}

// Note returns what the note of a rule about the field says besides; "" if that is nothing.
func (s *Settings) Note(field string) string {
	note := s.fields[field].Note
	if note == "" {
		return ""
	}
	return fmt.Sprintf(note, field)
}

// Intended is why the discrepancies in a field are intentional.
type Intended struct {
	By     string // the type of the block that says it
	Reason string
	Range  hcl.Range // where
}

// Intended returns why the discrepancies in a field cannot be accidents: its value in the store is the store's own. ok is
// false where that is not said.
func (s *Settings) Intended(field string) (why Intended, ok bool) {
	f, ok := s.fields[field]
	if !ok || !f.StoreOwns {
		return Intended{}, false
	}
	return Intended{s.used.Block, fmt.Sprintf("%s is %s for %s", s.used.Block, f.Word, field), f.at}, true
}

// OnRequest reports whether the values of a field go online only when somebody chooses the items.
func (s *Settings) OnRequest(field string) bool { return s.fields[field].OnRequest }
