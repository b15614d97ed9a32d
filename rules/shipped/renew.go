package shipped

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/rules/syntax"
)

// Rule is a rule of a configuration that is shipped in another form today.
type Rule struct {
	Code    string
	Range   hcl.Range // of the block's header
	Changed bool      // somebody made it their own: it is none of the texts that were shipped
	Weaker  bool      // of a rule that is not Changed: the rule that is shipped today can give other cells

	// OldCondition says of a rule that is Changed that its condition is still one that was shipped before, and its title or note is that one's,
	// too: pos.qoh != store.qoh by itself is what anybody writes.
	OldCondition bool

	// Needs are the fields of the store without which the condition that is shipped today is not valid.
	Needs []string
}

// Older returns the rules of a file that are shipped in another form today, in the order of the file. What does not
// change the meaning does not matter: comments, white space, brackets, the order of attributes and that of operands.
func Older(file *hcl.File) []Rule {
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return nil
	}
	var found []Rule
	for _, b := range body.Blocks {
		if s, isOlder := shippedAs(b, file.Bytes); isOlder {
			found = append(found, s)
		}
	}
	return found
}

// shippedAs compares a block with the rule that is shipped by its code today, and with what that was before. It reports
// false unless there is such a rule and the block is another.
func shippedAs(b *hclsyntax.Block, text []byte) (s Rule, isOlder bool) {
	if b.Type != "rule" || len(b.Labels) != 1 {
		return s, false
	}
	known := versions()[b.Labels[0]]
	if known == nil {
		return s, false
	}
	is, now := meaningOf(b, text), known[0].meaning
	if maps.Equal(is, now) {
		return s, false
	}
	s = Rule{Code: b.Labels[0], Range: b.DefRange(), Changed: true, Needs: needsOf(known[0].block)}
	for _, v := range known[1:] {
		if maps.Equal(is, v.meaning) {
			s.Changed = false
		}
		if is["when"] == v.meaning["when"] && is["when"] != now["when"] && (is["title"] == v.meaning["title"] || is["note"] == v.meaning["note"]) {
			s.OldCondition = true
		}
	}
	if !s.Changed {
		s.OldCondition, s.Weaker = false, !maps.Equal(withoutWords(is), withoutWords(now))
	}
	return s, true
}

// needsOf returns the fields of the store that a rule's condition names, but for those that coalesce settles.
func needsOf(b *hclsyntax.Block) []string {
	w := &needs{}
	if when := b.Body.Attributes["when"]; when != nil {
		_ = hclsyntax.Walk(when.Expr, w)
	}
	return w.fields
}

// needs walks over an expression.
type needs struct {
	fields  []string
	settled int // how many calls of coalesce are around
}

// Enter takes the fields of the store.
func (n *needs) Enter(node hclsyntax.Node) hcl.Diagnostics {
	switch e := node.(type) {
	case *hclsyntax.FunctionCallExpr:
		if e.Name == "coalesce" {
			n.settled++
		}
	case *hclsyntax.ScopeTraversalExpr:
		if n.settled > 0 || e.Traversal.RootName() != "store" || len(e.Traversal) < 2 {
			break
		}
		if step, ok := e.Traversal[1].(hcl.TraverseAttr); ok && !slices.Contains(n.fields, step.Name) {
			n.fields = append(n.fields, step.Name)
		}
	}
	return nil
}

// Exit leaves a call.
func (n *needs) Exit(node hclsyntax.Node) hcl.Diagnostics {
	if e, ok := node.(*hclsyntax.FunctionCallExpr); ok && e.Name == "coalesce" {
		n.settled--
	}
	return nil
}

// withoutWords leaves out what only people read, the websync field, which can only make an N a discrepancy that is meant, and what is to be
// done about an N.
func withoutWords(meaning map[string]string) map[string]string {
	meaning = maps.Clone(meaning)
	maps.DeleteFunc(meaning, func(name, _ string) bool { return strings.HasPrefix(name, "remedy ") })
	delete(meaning, "title")
	delete(meaning, "note")
	delete(meaning, "field")
	return meaning
}

// version is a rule as it is or was shipped.
type version struct {
	block   *hclsyntax.Block
	text    []byte            // that the block's ranges are in
	meaning map[string]string // see meaningOf
}

// versions are the shipped rules by code: first the one of today, then those from before.
var versions = sync.OnceValue(func() map[string][]version {
	byCode := map[string][]version{}
	for _, text := range []string{On(), older} {
		file, diags := hclsyntax.ParseConfig([]byte(text), "rules.hcl", hcl.InitialPos)
		if diags.HasErrors() {
			panic(fmt.Sprintf("the shipped rules: %v", diags))
		}
		for _, b := range file.Body.(*hclsyntax.Body).Blocks {
			byCode[b.Labels[0]] = append(byCode[b.Labels[0]], version{b, file.Bytes, meaningOf(b, file.Bytes)})
		}
	}
	return byCode
})

// meaningOf returns the expressions of a block's attributes as canonical writes them, by attribute; those of blocks in it as one.
func meaningOf(b *hclsyntax.Block, text []byte) map[string]string {
	meaning := map[string]string{}
	for name, a := range b.Body.Attributes {
		meaning[name] = canonical(a.Expr, text)
	}
	for _, inner := range b.Body.Blocks {
		parts := meaningOf(inner, text)
		said := "block\n" // a block without attributes says something, too
		for _, name := range slices.Sorted(maps.Keys(parts)) {
			said += name + "=" + parts[name] + "\n"
		}
		meaning[nameOf(inner)] += said
	}
	return meaning
}

// nameOf returns a block's type and labels, by which its meaning is found.
func nameOf(b *hclsyntax.Block) string { return b.Type + " " + strings.Join(b.Labels, " ") }

// tokensOf returns the tokens of an expression, each on a line.
func tokensOf(expression []byte) string {
	var b strings.Builder
	for _, t := range lex(expression) {
		if t.Type != hclsyntax.TokenComment && t.Type != hclsyntax.TokenNewline && t.Type != hclsyntax.TokenEOF {
			fmt.Fprintf(&b, "%s\n", t.Bytes)
		}
	}
	return b.String()
}

// commentsIn returns the comments in an expression, each as a line of its own.
func commentsIn(expression []byte) string {
	var b strings.Builder
	for _, t := range lex(expression) {
		if t.Type == hclsyntax.TokenComment {
			fmt.Fprintf(&b, "  %s\n", bytes.TrimSpace(t.Bytes))
		}
	}
	return b.String()
}

func lex(expression []byte) hclsyntax.Tokens {
	tokens, _ := hclsyntax.LexExpression(expression, "", hcl.InitialPos) // it was parsed
	return tokens
}

// Renewed is a configuration file with the rules that are shipped today.
type Renewed struct {
	Text    []byte
	Rules   []Rule // those that were written anew
	LeftOut []Rule // those that somebody made their own: they are as they were
}

// Renew writes today's rules in place of those that are still as they were shipped before, except of some codes. It changes
// attributes only: comments stay, and so does everything else. The text must be valid HCL.
func Renew(text []byte, name string, except ...string) (*Renewed, error) {
	file, diags := syntax.Parse(name, text)
	if diags.HasErrors() {
		return nil, fmt.Errorf("parse %s: %w", name, diags)
	}
	r := &Renewed{}
	var edits []edit
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		switch s, isOlder := shippedAs(b, text); {
		case !isOlder || slices.Contains(except, s.Code):
		case s.Changed:
			r.LeftOut = append(r.LeftOut, s)
		default:
			r.Rules = append(r.Rules, s)
			edits = append(edits, editsOf(b, text, versions()[s.Code][0])...)
		}
	}
	r.Text = apply(text, edits)
	return r, nil
}

// edit replaces the bytes from start to end. Of two at one place the first comes first.
type edit struct {
	start, end int
	text       string
}

func apply(text []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int { return a.start - b.start })
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(text[at:e.start])
		out.WriteString(e.text)
		at = e.end
	}
	out.Write(text[at:])
	return out.Bytes()
}

// editsOf makes a block into what is shipped today. What is new goes below what stands before it there, blocks go below all attributes.
func editsOf(b *hclsyntax.Block, text []byte, now version) []edit {
	var edits []edit
	newline := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		newline = "\r\n"
	}
	add := func(start, end int, text string) {
		edits = append(edits, edit{start, end, strings.ReplaceAll(text, "\n", newline)})
	}
	meaning := meaningOf(b, text)
	below := lineEnd(text, b.OpenBraceRange.End.Byte)
	for _, a := range inOrder(now.block.Body.Attributes) {
		expression := string(a.Expr.Range().SliceBytes(now.text))
		is, there := b.Body.Attributes[a.Name]
		switch {
		case !there:
			add(below, below, fmt.Sprintf("  %s = %s\n", a.Name, expression))
			continue
		case meaning[a.Name] != now.meaning[a.Name]:
			at := is.Expr.Range()
			if comments := commentsIn(at.SliceBytes(text)); comments != "" {
				above := lineStart(text, is.SrcRange.Start.Byte)
				add(above, above, comments)
			}
			add(at.Start.Byte, at.End.Byte, expression)
		}
		below = lineEnd(text, is.SrcRange.End.Byte)
	}
	for _, inner := range now.block.Body.Blocks {
		if meaning[nameOf(inner)] != now.meaning[nameOf(inner)] {
			whole := hcl.RangeBetween(inner.TypeRange, inner.CloseBraceRange).SliceBytes(now.text)
			add(below, below, "  "+string(whole)+"\n")
		}
	}
	for _, inner := range b.Body.Blocks {
		if meaning[nameOf(inner)] != now.meaning[nameOf(inner)] {
			from, to := lineStart(text, inner.TypeRange.Start.Byte), lineEnd(text, inner.CloseBraceRange.End.Byte)
			add(from, to, commentsIn(text[from:to]))
		}
	}
	for name, a := range b.Body.Attributes {
		if now.block.Body.Attributes[name] == nil {
			add(a.SrcRange.Start.Byte, a.SrcRange.End.Byte, strings.TrimSpace(commentsIn(a.Expr.Range().SliceBytes(text))))
		}
	}
	return edits
}

func inOrder(attributes hclsyntax.Attributes) []*hclsyntax.Attribute {
	return slices.SortedFunc(maps.Values(attributes), func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
}

// lineEnd returns where the line after the one with the byte at begins.
func lineEnd(text []byte, at int) int {
	if n := bytes.IndexByte(text[at:], '\n'); n >= 0 {
		return at + n + 1
	}
	return len(text)
}

func lineStart(text []byte, at int) int { return bytes.LastIndexByte(text[:at], '\n') + 1 }
