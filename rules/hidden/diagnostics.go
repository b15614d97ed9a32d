package hidden

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/rules/expr"
)

// Diagnostics returns files and diagnostics as they can be shown to anybody. The ranges in shown are known to hold no secret.
//
// A diagnostic about what is hidden keeps its words, but not those that stand in the hidden place: a message that lists
// what it has found there would tell it. A place within what is hidden becomes all of it, of its line.
func Diagnostics(files map[string]*hcl.File, diags hcl.Diagnostics, shown []hcl.Range) (map[string]*hcl.File, hcl.Diagnostics) {
	places := map[string][]Span{}
	covered := make(map[string]*hcl.File, len(files))
	for name, file := range files {
		if file == nil {
			continue
		}
		here := slices.DeleteFunc(slices.Clone(shown), func(r hcl.Range) bool { return r.Filename != name })
		places[name] = Except(file.Bytes, Find(file.Bytes), here)
		copied := *file
		copied.Bytes = Cover(file.Bytes, places[name])
		if inner, ok := file.Nav.(blocks); ok {
			copied.Nav = visible{inner, copied.Bytes}
		}
		covered[name] = &copied
	}
	var safe hcl.Diagnostics
	for _, diag := range diags {
		without := *diag
		without.Subject, without.Context = cloned(diag.Subject), cloned(diag.Context)
		without.Expression, without.EvalContext = nil, nil // they would be shown with their values
		if r := diag.Subject; r != nil && files[r.Filename] != nil {
			text := files[r.Filename].Bytes
			said := touched(places[r.Filename], *r)
			words := wordsIn(text, said)
			without.Summary, without.Detail = strike(diag.Summary, words), strike(diag.Detail, words)
			for _, p := range said {
				widen(text, without.Subject, p)
			}
			if c := without.Context; c != nil && c.Filename == r.Filename {
				for _, p := range touched(places[c.Filename], *c) {
					widen(text, c, p)
				}
			}
		}
		without.Summary, without.Detail = bounded(without.Summary), bounded(without.Detail)
		safe = append(safe, &without)
	}
	return covered, safe
}

// blocks names the block that a place is in, as files do for the diagnostics' writer.
type blocks interface{ ContextString(offset int) string }

// visible names a block only if all of its name can be seen: after a quotation mark that was forgotten, a value is a label.
type visible struct {
	blocks
	text []byte
}

func (v visible) ContextString(offset int) string {
	name := v.blocks.ContextString(offset)
	for _, w := range atom().FindAllString(name, -1) {
		if !bytes.Contains(v.text, []byte(w)) {
			return ""
		}
	}
	return name
}

func cloned(r *hcl.Range) *hcl.Range {
	if r == nil {
		return nil
	}
	return r.Ptr()
}

// touched returns the places that a range has something to do with.
func touched(places []Span, r hcl.Range) []Span {
	var list []Span
	for _, p := range places {
		if p.From <= r.End.Byte && r.Start.Byte <= p.To {
			list = append(list, p)
		}
	}
	return list
}

// widen has a range not begin or end within a place.
func widen(text []byte, r *hcl.Range, p Span) {
	if p.From < r.Start.Byte && r.Start.Byte < p.To {
		r.Start.Column -= utf8.RuneCount(text[p.From:r.Start.Byte])
		r.Start.Byte = p.From
	}
	if p.From < r.End.Byte && r.End.Byte < p.To {
		r.End.Column += utf8.RuneCount(text[r.End.Byte:p.To])
		r.End.Byte = p.To
	}
}

var (
	piece  = pattern("[^\\s\"'`“”‘’„()\\[\\]{},;=<>]+")
	atom   = pattern(`[\pL\pN_]+`)
	quoted = pattern(`"((?:[^"\\]|\\.)+)"`)
	before = pattern(`^(?:env\(|local\.|each\.|secret\()`)
	// names are those of variables, local values, columns of the list of shops, and secrets, or what these begin with.
	names = pattern(`env\("[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"|env\("[A-Z]+"|(?:local|each)\.[\pL_][\pL\pN_-]*|secret\("[\pL\pN_/-]+`)
)

// wordsIn returns the words that stand in the places, the longest first, but for those of the language.
func wordsIn(text []byte, places []Span) []string {
	words := map[string]bool{}
	for _, p := range places {
		said := names().ReplaceAllStringFunc(string(text[p.From:p.To]), func(name string) string {
			bare := strings.Trim(before().ReplaceAllString(name, ""), `"/`)
			if slices.ContainsFunc(strings.Split(bare, "/"), func(part string) bool { return !isSayable(part) }) {
				return name
			}
			return ""
		})
		for _, m := range quoted().FindAllStringSubmatch(said, -1) {
			words[m[1]] = true
		}
		for _, w := range piece().FindAllString(said, -1) {
			words[w] = true
		}
		for _, w := range atom().FindAllString(said, -1) {
			words[w] = true
		}
	}
	for _, f := range expr.Functions() {
		delete(words, f.Name)
	}
	for _, w := range websyncWords() { // a message lists those that are allowed
		delete(words, w)
	}
	for _, w := range []string{"local", "each", "null", "true", "false", "pos", "store", "item", "source", "string", "number", "bool", "list", "map"} {
		delete(words, w)
	}
	return slices.SortedFunc(maps.Keys(words), func(a, b string) int { return len(b) - len(a) })
}

// shortWord is the length, in bytes, of words that are in many others: they are struck out in quotation marks only.
const shortWord = 3

// strike puts a mark in the place of words.
func strike(text string, words []string) string {
	for _, w := range words {
		if len(w) <= shortWord {
			text = strings.ReplaceAll(text, `"`+w+`"`, `"`+mark+`"`)
			continue
		}
		text = strings.ReplaceAll(text, w, mark)
	}
	return text
}
