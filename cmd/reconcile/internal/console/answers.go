package console

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/clipperhouse/displaywidth"
	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/expr"
	"github.com/reconcilehq/reconcile/rules/syntax"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// mistake is what is wrong with a line, with the line.
type mistake struct {
	line  string
	diags hcl.Diagnostics
}

// Error shows each diagnostic with the line and where in it the mistake is.
func (m *mistake) Error() string {
	var parts []string
	for _, d := range m.diags {
		part := d.Summary
		if d.Subject != nil && d.Subject.Start.Byte <= len(m.line) {
			start, end := d.Subject.Start.Byte, min(d.Subject.End.Byte, len(m.line))
			before := displaywidth.String(m.line[:start])
			under := max(1, displaywidth.String(m.line[start:max(start, end)]))
			part += fmt.Sprintf(", column %d\n  %s\n  %s%s", d.Subject.Start.Column, m.line, strings.Repeat(" ", before), strings.Repeat("^", under))
		}
		parts = append(parts, part+"\n"+strings.ReplaceAll(d.Detail, "the end of the file", "the end of the line"))
	}
	return strings.Join(parts, "\n")
}

// evaluate writes what an expression comes to for the item.
func (c *Console) evaluate(line string, out io.Writer) error {
	parsed, diags := syntax.ParseExpression("console", []byte(line))
	if diags.HasErrors() {
		return &mistake{line, diags}
	}
	compiled, diags := expr.Compile(parsed, c.scope)
	if diags.HasErrors() {
		return &mistake{line, diags}
	}
	var frame expr.Frame
	for _, side := range verdict.Sides {
		if row, there := c.Row(c.item, side); there {
			frame.SetBatch(side, row.Batch)
			frame.SetRow(side, row.I)
		}
	}
	for _, ref := range compiled.Fields() {
		if _, there := c.Row(c.item, ref.Side); !there {
			return &mistake{line, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "No such side", Subject: &ref.Range,
				Detail: fmt.Sprintf("%s is %s: there is no %s side to read.", c.label(), c.item.Status, ref.Side)}}}
		}
	}
	for _, d := range diags {
		fmt.Fprintf(out, "(%s)\n", d.Detail) // such as a comparison that is never true
	}
	if compiled.Secret() {
		_, err := fmt.Fprintln(out, "(sensitive)")
		return err
	}
	_, err := fmt.Fprintln(out, words.Literal(compiled.Value(&frame)))
	return err
}

// label names the item.
func (c *Console) label() string {
	if sku := words.OneLine(c.item.SKU()); sku != "" {
		return sku
	}
	return "(no SKU)"
}

// take makes the item of that SKU the current one.
func (c *Console) take(ctx context.Context, sku string, out io.Writer) error {
	from := c.Whole
	if c.again != nil {
		var err error
		if from, err = c.again(ctx, sku); err != nil {
			return err
		}
	}
	items, err := from.Find(sku)
	if err != nil {
		return err
	}
	c.see(from)
	c.item = items[0]
	return c.introduce(out, len(items))
}

func (c *Console) introduce(out io.Writer, rows int) error {
	text := c.label()
	if name := words.OneLine(c.item.Name()); name != "" {
		text += "  " + name
	}
	switch {
	case rows > 1:
		text += fmt.Sprintf("  (%s: the first of %d rows, which is in %s)", c.item.Status, rows, c.item.Side())
	case c.item.Status == verdict.Unreadable:
		text += fmt.Sprintf("  (%s in %s)", c.item.Status, strings.Join(c.item.UnreadableSides(), " and "))
	case c.item.Status != verdict.Matched:
		text += fmt.Sprintf("  (%s: only in %s)", c.item.Status, c.item.Side())
	}
	_, err := fmt.Fprintln(out, text)
	return err
}

// showRules writes the item's cells.
func (c *Console) showRules(out io.Writer) error {
	if c.item.Outcome == nil {
		_, err := fmt.Fprintf(out, "%s is %s: no rule is about such items.\n", c.label(), c.item.Status)
		return err
	}
	explained := map[int]string{}
	for by, others := range c.item.Outcome.Explains {
		for _, other := range others {
			explained[other] = "explained by " + c.Result.Rules[by].Code
		}
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i, cell := range c.item.Outcome.Cells {
		if cell == verdict.NotThere {
			continue
		}
		r := c.Result.Rules[i]
		why := explained[i]
		if i < len(c.item.Outcome.Intents) && c.item.Outcome.Intents[i] != nil {
			why = fmt.Sprintf("intentional: %s", words.OneLine(c.item.Outcome.Intents[i].Name))
		}
		if why != "" {
			why = " (" + why + ")"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s%s\n", words.OneLine(r.Code), cell, words.OneLine(r.Title), why)
	}
	return w.Flush()
}

// showFields writes the fields of both sides with the item's values.
func (c *Console) showFields(out io.Writer) error {
	for _, side := range verdict.Sides {
		row, there := c.Row(c.item, side)
		fmt.Fprintf(out, "%s: %s", side, c.sourceName(side))
		if !there {
			fmt.Fprint(out, ", where the item is not")
		}
		fmt.Fprintln(out)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, f := range c.Schemas[side].Fields() {
			fmt.Fprintf(w, "  %s.%s\t%s", side, f.Name, f.Type)
			if there {
				fmt.Fprintf(w, "\t%s", shortened(words.Literal(row.Value(f.Name))))
			}
			fmt.Fprintln(w)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// sourceName names the source of a side.
func (c *Console) sourceName(side verdict.Side) string {
	source := c.Result.Source(side)
	return source.Connector + "." + source.Name
}

// shortened cuts a value that is longer than its line.
func shortened(s string) string {
	const most = 80
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}

// fieldNames returns the names of a side's fields.
func fieldNames(s *catalog.Schema) []string {
	if s == nil {
		return nil
	}
	return s.Names()
}
