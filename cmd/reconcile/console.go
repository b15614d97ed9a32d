package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

func consoleCommand(a *app) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "console [SKU]",
		Short: "Evaluate expressions on an item, as rules do",
		Long: `Console reads both sources once and evaluates expressions on an item, as the conditions of rules are: type
pos.qoh - store.pending and see what it comes to. All fields of both sources are there, with all functions and local
values. The tab key completes names and SKUs, the arrow keys bring back earlier lines.

Without a terminal it reads one expression a line from stdin and prints each result on a line of its own. The exit
status is 1 if one of them has a mistake.

` + consoleHelp,
		Example: `  reconcile console PUMP-F
  echo 'pos.qoh - store.pending' | reconcile console PUMP-F`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.console(cmd.Context(), name, strings.Join(args, ""))
		},
	}
	a.addCopyFlags(cmd)
	cmd.Flags().StringVar(&name, "reconciliation", "", "which reconciliation; may be left out when there is one")
	return cmd
}

const consoleHelp = `Beside expressions it understands:
  :sku SKU   take another item
  :rules     the item's cells
  :fields    the fields of both sides, with the item's values
  :help      this
  :quit      leave, as does Ctrl-D`

func (a *app) console(ctx context.Context, name, sku string) error {
	p, err := a.prepare(ctx, name)
	if err != nil {
		return err
	}
	defer p.Close()
	c, err := p.newConsole(ctx)
	if err != nil {
		return err
	}
	p.Close() // everything is read: no connector needs to wait for a person
	if sku == "" {
		c.item = c.anyItem()
	} else if err := c.take(sku, io.Discard); err != nil {
		return err
	}
	if c.item == nil {
		return errors.New("neither source has an item")
	}
	if term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) {
		return c.converse(ctx)
	}
	return c.script(ctx, os.Stdin)
}

// anyItem returns the item to start with where none was named: one that somebody may have a question about.
func (c *console) anyItem() *report.Item {
	var first *report.Item
	for _, it := range c.items {
		if it.Status == verdict.Matched && it.Outcome.Worst() == verdict.NotSynchronized {
			return it
		}
		if first == nil || first.Status != verdict.Matched && it.Status == verdict.Matched {
			first = it
		}
	}
	return first
}

// script evaluates the lines of in.
func (c *console) script(ctx context.Context, in io.Reader) error {
	lines := bufio.NewReader(in)
	failed := false
	for n := 1; ; n++ {
		line, readErr := await(ctx, func() (string, error) { return lines.ReadString('\n') })
		if ctx.Err() != nil {
			return context.Canceled
		}
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return fmt.Errorf("read the expressions: %w", readErr)
		}
		line = strings.TrimSpace(line)
		leave, err := c.do(line, c.app.stdout)
		if err != nil {
			failed = true
			fmt.Fprintf(c.app.stderr, "%s line %d: %v\n", c.app.red("Error:"), n, err)
		}
		if leave || readErr != nil {
			break
		}
	}
	if failed {
		return errReported
	}
	return nil
}

// do does what a line says, and writes what comes of it. leave is true if it says to leave.
func (c *console) do(line string, out io.Writer) (leave bool, err error) {
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
		return false, c.take(argument, out)
	case ":rules":
		return false, c.showRules(out)
	case ":fields":
		return false, c.showFields(out)
	case ":help":
		_, err = fmt.Fprintln(out, "Type an expression, such as pos.price - store.price. "+consoleHelp)
		return false, err
	case ":quit", ":q", ":exit":
		return true, nil
	}
	return false, fmt.Errorf("there is no command %s: :help lists them", command)
}
