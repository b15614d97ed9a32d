package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/prose"
)

func explainCommand(c *commandLine) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "explain SKU [RULE]",
		Short: "Say why an item's cells are what they are",
		Long: `Explain reads both sources as run does, finds the item, and says of each rule how it came to its cell: the condition
as it is written and with the item's values put in, which part of it decided, what explained or excused the
discrepancy, and what to do. Of an item that is not matched it says why, and which SKUs of the other side look alike.

SKU is the item's own SKU, or the key that it is paired by. Rules that simply read S are only listed, unless RULE
names one.`,
		Example: `  reconcile explain PUMP-F
  reconcile explain PUMP-F QP`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.explain(cmd.Context(), name, args[0], strings.Join(args[1:], ""))
		},
	}
	c.addCopyFlags(cmd)
	cmd.Flags().StringVar(&name, "reconciliation", "", "which reconciliation; may be left out when there is one")
	return cmd
}

func (c *commandLine) explain(ctx context.Context, name, sku, code string) error {
	p, err := c.prepare(ctx, name)
	if err != nil {
		return err
	}
	defer p.Close()
	if code != "" {
		if err := p.CheckCodes(code); err != nil {
			return err
		}
	}
	held, err := p.Hold(ctx)
	if err != nil {
		return err
	}
	items, err := held.Find(sku)
	if err != nil {
		return err
	}
	page := prose.New(c.term.Width, c.term.ColorOut)
	page.Explain(held, items, code)
	return page.Flush(c.term.Painted)
}
