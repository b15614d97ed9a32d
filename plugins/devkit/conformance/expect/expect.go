// Package expect reads what a configuration for the conformance suite says of its sources: how many items there are and which,
// and what has to fail. The suite itself knows no platform; only who writes the connector knows what is there.
package expect

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/grammar"
	"github.com/reconcilehq/reconcile/rules/source"
)

// Expectation is an expect block.
type Expectation struct {
	Count *int64 // of items; nil if it does not say
	Items *Items // nil if it names no file
	Empty []string

	// What the errors of Check and Read have to say, or of Read alone; nil if the source must not fail.
	MustFail, ReadMustFail *string

	Change []string // a command that changes the platform; nil if there is none

	Write *Write // nil: nothing is to be written
}

// Write is a write block: what the suite may write to the platform, and puts back.
type Write struct {
	Item  string // its SKU
	Field string
	Value string // that it gets: text, or a number or a bool as text
}

// Fails reports whether the source is expected to fail.
func (e *Expectation) Fails() bool { return e.MustFail != nil || e.ReadMustFail != nil }

// Load returns the expect blocks of the configuration at path by the names of their sources. config is what was loaded of it,
// connector the one that is looked at: what is expected of other connectors' sources is left out.
func Load(path string, config *source.Config, connector string) (map[string]*Expectation, hcl.Diagnostics) {
	files, diags := block.Parse(path)
	if diags.HasErrors() {
		return nil, diags
	}
	l := &loader{Reader: config.Reader(), dir: config.Dir, of: map[string]*Expectation{}, sources: map[string]bool{}}
	for _, s := range config.Sources {
		l.sources[s.Name] = l.sources[s.Name] || s.Connector == connector
	}
	// A block whose type is misspelt would expect nothing, and pass.
	known := &hcl.BodySchema{Blocks: block.Headers(grammar.Blocks()...)}
	blocks := l.ByType(files, known, true)
	l.Each(blocks[grammar.Expect.Type], block.Identifier(), l.read)
	l.Each(blocks[grammar.Write.Type], block.Identifier(), l.readWrite)
	return l.of, l.Diags
}

type loader struct {
	*block.Reader
	dir     string
	sources map[string]bool // all there are, and whether they are the connector's
	of      map[string]*Expectation
}

// source returns the name of the source that a block is about, and whether that is one of the connector.
func (l *loader) source(b *hcl.Block) (name string, ours bool) {
	name = b.Labels[0]
	ours, there := l.sources[name]
	if !there {
		var names []string
		for name := range l.sources {
			names = append(names, name)
		}
		l.Fail(b.LabelRanges[0], "Unknown source", "There is no source %q to expect something of.%s", name, catalog.DidYouMean(name, names))
	}
	return name, ours
}

func (l *loader) readWrite(b *hcl.Block) {
	name, ours := l.source(b)
	attrs := l.Attributes(b, grammar.Write)
	w := &Write{Item: l.Text(attrs, "item"), Field: l.Text(attrs, "field")}
	value := l.text(attrs, "value")
	if !ours || value == nil {
		return
	}
	w.Value = *value
	if w.Item == "" || w.Field == "" {
		l.Fail(b.DefRange, "Nothing to write", `"item" is the SKU of an item, and "field" a field that can be set.`)
		return
	}
	if l.of[name] == nil {
		l.of[name] = &Expectation{}
	}
	if l.of[name].Fails() {
		l.Fail(b.DefRange, "Nothing to write", "The source %q must fail: it has no item.", name)
	}
	l.of[name].Write = w
}

func (l *loader) read(b *hcl.Block) {
	name, ours := l.source(b)
	attrs := l.Attributes(b, grammar.Expect)
	if !ours {
		return
	}
	e := &Expectation{Count: l.count(attrs), MustFail: l.text(attrs, "must_fail"), ReadMustFail: l.text(attrs, "read_must_fail")}
	for _, w := range l.Words(attrs, "empty") {
		e.Empty = append(e.Empty, w.Text)
	}
	for _, w := range l.Words(attrs, "change") {
		e.Change = append(e.Change, w.Text)
	}
	if a, ok := attrs["change"]; ok && (len(e.Change) == 0 || strings.TrimSpace(e.Change[0]) == "") {
		l.Fail(a.Expr.Range(), "No command", `"change" is a program and its arguments, such as ["./sandbox", "sell", "LAMP-1"].`)
	}
	if a, ok := attrs["items"]; ok {
		e.Items = l.items(a, attrs)
	}
	if e.Fails() {
		for _, name := range []string{"count", "items", "empty", "change"} {
			if a, ok := attrs[name]; ok {
				l.Fail(a.NameRange, "Nothing to find", "A source that must fail has no items, so %q says nothing. Expect it of another source.", name)
			}
		}
	}
	l.of[name] = e
}

// count reads how many items there are; nil where that is not said, or not well.
func (l *loader) count(attrs hcl.Attributes) *int64 {
	a, ok := attrs["count"]
	if !ok {
		return nil
	}
	v, ok := l.Constant(a.Expr, catalog.Number, `"count"`)
	if !ok {
		return nil
	}
	n, err := strconv.ParseInt(v.Text(), 10, 64)
	if err != nil || n < 0 {
		l.Fail(a.Expr.Range(), "Invalid number of items", `"count" is a whole number from 0 on.`)
		return nil
	}
	return &n
}

func (l *loader) text(attrs hcl.Attributes, name string) *string {
	a, ok := attrs[name]
	if !ok {
		return nil
	}
	v, ok := l.Constant(a.Expr, catalog.String, strconv.Quote(name))
	if !ok {
		return nil
	}
	text := v.Str()
	return &text
}

func (l *loader) items(a *hcl.Attribute, attrs hcl.Attributes) *Items {
	name := l.Text(attrs, "items")
	if name == "" {
		return nil
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(l.dir, filepath.FromSlash(name))
	}
	text, err := block.ReadFile(path, nil)
	if err != nil {
		l.Fail(a.Expr.Range(), "Cannot read the items", "%v. Write a line of JSON for each item, such as {\"sku\": \"A-1\", \"price\": 19.90}.", err)
		return nil
	}
	list, err := parse(text)
	if err != nil {
		l.Fail(a.Expr.Range(), "Cannot read the items", "%s: %v.", name, err)
		return nil
	}
	return &Items{Name: name, list: list}
}
