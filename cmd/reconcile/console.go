package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/console"
)

func consoleCommand(c *commandLine) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "console [SKU]",
		Short: "Evaluate expressions on an item, as rules do",
		Long: `Console reads both sources once and evaluates expressions on an item, as the conditions of rules are: type
pos.qoh - store.pending and see what it comes to. All fields of both sources are there, with all functions and local
values. The tab key completes names and SKUs, the arrow keys bring back earlier lines.

Without a terminal it reads one expression a line from stdin and prints each result on a line of its own.
` + statusIf("if all are right", "if one of them has a mistake") + ".\n\n" + console.Help,
		Example: `  reconcile console PUMP-F
  echo 'pos.qoh - store.pending' | reconcile console PUMP-F`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.console(cmd.Context(), name, strings.Join(args, ""))
		},
	}
	c.addCopyFlags(cmd)
	cmd.Flags().StringVar(&name, "reconciliation", "", "which reconciliation; may be left out when there is one")
	return cmd
}

func (c *commandLine) console(ctx context.Context, name, sku string) error {
	p, err := c.prepare(ctx, name)
	if err != nil {
		return err
	}
	defer p.Close()
	whole, err := p.HoldWhole(ctx)
	if err != nil {
		return err
	}
	p.Close() // everything is read: no connector needs to wait for a person
	on, err := console.New(c.term, whole, sku)
	if err != nil {
		return err
	}
	return on.Run(ctx)
}
