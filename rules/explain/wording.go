package explain

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// wording puts traces into words. The files are those that the expressions stand in.
type wording struct{ files map[string]*hcl.File }

// written returns an expression as the configuration writes it, but on one line and without comments.
func (w wording) written(t *expr.Trace) string { return w.render(t, w.source) }

// filled returns an expression with the values put in for fields, local names and texts.
func (w wording) filled(t *expr.Trace) string { return w.render(t, w.valueOf) }

// render writes operators and calls as they stand; leaf writes everything else.
func (w wording) render(t *expr.Trace, leaf func(*expr.Trace) string) string {
	parts := make([]string, len(t.Parts))
	for i, p := range t.Parts {
		parts[i] = w.render(p, leaf)
	}
	switch t.Kind {
	case expr.Parentheses:
		return "(" + parts[0] + ")"
	case expr.Unary:
		return t.Op + parts[0]
	case expr.Logic, expr.Comparison, expr.Arithmetic:
		return strings.Join(parts, " "+t.Op+" ")
	case expr.Conditional:
		return fmt.Sprintf("%s ? %s : %s", parts[0], parts[1], parts[2])
	case expr.Call:
		return t.Op + "(" + strings.Join(parts, ", ") + ")"
	}
	return leaf(t)
}

func (w wording) source(t *expr.Trace) string { return w.sourceAt(t.Range) }

func (w wording) sourceAt(at hcl.Range) string {
	file := w.files[at.Filename]
	if file == nil {
		return ""
	}
	text := string(at.SliceBytes(file.Bytes))
	if strings.Contains(text, "\n") {
		text = strings.Join(strings.Fields(text), " ")
	}
	return text
}

func (w wording) valueOf(t *expr.Trace) string {
	switch {
	case t.Kind == expr.Literal && t.Null:
		return "null"
	case t.Null:
		return "unknown"
	}
	return w.value(t.Value)
}

// ValueText writes a value as explanations do.
func ValueText(v catalog.Value) string { return wording{}.value(v) }

// value writes a value: texts in quotes, numbers in their shortest form, options as Name:Value.
func (w wording) value(v catalog.Value) string {
	if v.IsNull() || v.Type() == catalog.Invalid {
		return "unknown"
	}
	switch v.Type() {
	case catalog.String:
		return w.text(v.Str())
	case catalog.List:
		var items []string
		for _, s := range v.List() {
			items = append(items, w.text(s))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case catalog.Map:
		var entries []string
		for _, e := range v.Entries() {
			entries = append(entries, entry(e))
		}
		return "{" + strings.Join(entries, ", ") + "}"
	}
	return v.Text()
}

func entry(e catalog.Entry) string { return e.Key + ":" + e.Value }

// longestText is how many letters of a text are shown. What makes long texts differ is said beside them.
const longestText = 80

// text quotes a text. Of a long one the middle is left out: names differ at their ends.
func (w wording) text(s string) string {
	if n := utf8.RuneCountInString(s); n > longestText {
		runes := []rune(s)
		s = string(runes[:longestText/2]) + "…" + string(runes[n-longestText/2+1:])
	}
	return `"` + s + `"`
}

// enumerate joins words as people do: a, b and c.
func enumerate(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}
