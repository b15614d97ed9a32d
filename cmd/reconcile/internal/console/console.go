// Package console evaluates expressions on an item, as rules do: for a person who types them, or line by line from a script.
package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/expr"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// Help says what can be typed beside expressions.
const Help = `Beside expressions it understands:
  :sku SKU   take another item
  :rules     the item's cells
  :fields    the fields of both sides, with the item's values
  :help      this
  :quit      leave, as does Ctrl-D`

// Console is what expressions are evaluated on.
type Console struct {
	*session.Whole
	term  *terminal.Terminal
	scope *expr.Scope
	item  *report.Item
	again Reader
	skus  []string // of all items, where they were asked for
}

// Reader reads the items of another SKU.
type Reader func(ctx context.Context, sku string) (*session.Whole, error)

// New returns a console on the item of that SKU, or on one that somebody may have a question about if it is "". again reads other
// items; nil: w has all.
func New(t *terminal.Terminal, w *session.Whole, sku string, again Reader) (*Console, error) {
	c := &Console{Whole: w, term: t, again: again}
	c.see(w)
	if sku == "" {
		c.item = c.anyItem()
	} else {
		items, err := w.Find(sku)
		if err != nil {
			return nil, err
		}
		c.item = items[0]
	}
	if c.item == nil {
		return nil, errors.New("neither source has an item")
	}
	return c, nil
}

// see takes what was read.
func (c *Console) see(w *session.Whole) {
	c.Whole, c.scope = w, w.Config.Scope(w.Schemas[verdict.Pos], w.Schemas[verdict.Store])
}

// Run evaluates what a person types at the terminal or, where there is none, the lines of its input.
func (c *Console) Run(ctx context.Context) error {
	if c.term.CanConverse() {
		return c.converse(ctx)
	}
	return c.script(ctx)
}

// anyItem returns the item to start with where none was named: one that somebody may have a question about.
func (c *Console) anyItem() *report.Item {
	var first *report.Item
	for _, it := range c.Items {
		if it.Status == verdict.Matched && it.Outcome.Worst() == verdict.NotSynchronized {
			return it
		}
		if first == nil || first.Status != verdict.Matched && it.Status == verdict.Matched {
			first = it
		}
	}
	return first
}

// script evaluates the lines of the input.
func (c *Console) script(ctx context.Context) error {
	failed := false
	for n := 1; ; n++ {
		line, readErr := c.term.ReadLine(ctx)
		if ctx.Err() != nil {
			return context.Canceled
		}
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return fmt.Errorf("read the expressions: %w", readErr)
		}
		leave, err := c.do(ctx, strings.TrimSpace(line), c.term.Out)
		if err != nil {
			failed = true
			c.term.Fail("line %d: %v", n, err)
		}
		if leave || readErr != nil {
			break
		}
	}
	if failed {
		return terminal.ErrShown
	}
	return nil
}

// converse reads lines from a person until that one leaves.
func (c *Console) converse(ctx context.Context) error {
	out := c.term.Out
	fmt.Fprintf(out, "%s in %s, %s in %s. :help says what can be typed.\n", words.Count(int(c.Result.Pos.Items), "item"), c.sourceName(verdict.Pos),
		words.Count(int(c.Result.Store.Items), "item"), c.sourceName(verdict.Store))
	rows, err := c.Find(c.item.SKU())
	if err != nil {
		return err
	}
	if err := c.introduce(out, len(rows)); err != nil {
		return err
	}
	history := openHistory()
	defer history.close()
	editor := c.term.Editor(history, func(list io.Writer, line string, pos int, key rune) (string, int, bool) {
		return c.complete(ctx, list, line, pos, key)
	})
	for {
		line, err := editor.ReadLine(ctx, c.label()+"> ")
		if errors.Is(err, io.EOF) {
			fmt.Fprintln(out)
			return nil
		}
		if err != nil {
			return err
		}
		leave, err := c.do(ctx, strings.TrimSpace(line), out)
		if err != nil {
			c.term.Reply(err)
		}
		if leave {
			return nil
		}
	}
}

// do does what a line says, and writes what comes of it. leave is true if it says to leave.
func (c *Console) do(ctx context.Context, line string, out io.Writer) (leave bool, err error) {
	if line == "" || strings.HasPrefix(line, "#") {
		return false, nil
	}
	if !strings.HasPrefix(line, ":") {
		return false, c.evaluate(line, out)
	}
	command, argument, _ := strings.Cut(line, " ")
	argument = strings.TrimSpace(argument)
	switch command {
	case ":sku":
		if argument == "" {
			return false, errors.New(":sku needs the SKU of an item")
		}
		return false, c.take(ctx, argument, out)
	case ":rules":
		return false, c.showRules(out)
	case ":fields":
		return false, c.showFields(out)
	case ":help":
		_, err = fmt.Fprintln(out, "Type an expression, such as pos.price - store.price. "+Help)
		return false, err
	case ":quit", ":q", ":exit":
		return true, nil
	}
	return false, fmt.Errorf("there is no command %s: :help lists them", command)
}
