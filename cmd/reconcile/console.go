package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/console"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

func consoleCommand(c *commandLine) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "console [NAME] [SKU]",
		Short: "Evaluate expressions on an item, as rules do",
		Long: `Console reads both sources and evaluates expressions on an item, as the conditions of rules are: type
pos.qoh - store.pending and see what it comes to. All fields of both sources are there, with all functions and local
values. The tab key completes names and SKUs, the arrow keys bring back earlier lines.

With a SKU it keeps that item alone, and reads the sources again where it is told to take another one; without one it
keeps all items.

NAME is the reconciliation's; it may be left out when there is one, or be given with --reconciliation.

Without a terminal it reads one expression a line from stdin and prints each result on a line of its own.
` + statusIf("if all are right", "if one of them has a mistake") + ".\n\n" + console.Help,
		Example: `  reconcile console PUMP-F
  echo 'pos.qoh - store.pending' | reconcile console PUMP-F`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, rest := c.splitName(args, 1)
			if len(rest) > 1 {
				return fmt.Errorf("%q is a word too many: with --reconciliation, give the SKU alone", rest[1])
			}
			return c.console(cmd.Context(), name, strings.Join(rest, ""))
		},
	}
	c.addCopyFlags(cmd)
	c.addReconciliationFlag(cmd)
	return cmd
}

func (c *commandLine) console(ctx context.Context, name, sku string) error {
	p, err := c.prepare(ctx, name)
	if err != nil {
		return err
	}
	defer p.Close()
	var whole *session.Whole
	var again console.Reader
	if sku == "" {
		whole, err = p.HoldWhole(ctx)
		p.Close() // everything is read: no connector needs to wait for a person
	} else {
		whole, err = p.FindWhole(ctx, sku, false)
		again = func(ctx context.Context, sku string) (*session.Whole, error) { return p.FindWhole(ctx, sku, true) }
	}
	if err != nil {
		return err
	}
	on, err := console.New(c.term, whole, sku, again)
	if err != nil {
		return err
	}
	return on.Run(ctx)
}
