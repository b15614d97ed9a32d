package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/prose"
	"github.com/reconcilehq/reconcile/engine/catalog"
)

func explainCommand(c *commandLine) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [NAME] SKU [RULE]",
		Short: "Say why an item's cells are what they are",
		Long: `Explain reads both sources to their ends, as run does, but keeps only the item and those that look like it. It
says of each rule how it came to its cell: the condition as it is written and with the item's values put in, which
part of it decided, what explained or excused the discrepancy, and what to do. Of an item that is not matched it says
why, and which SKUs of the other side look alike.

SKU is the item's own SKU, or the key that it is paired by. Rules that simply read S are only listed, unless RULE
names one.

NAME is the reconciliation's; it may be left out when there is one, or be given with --reconciliation. Of two words or
more, the first is taken for NAME if there is a reconciliation that is called so.`,
		Example: `  reconcile explain PUMP-F
  reconcile explain ca PUMP-F
  reconcile explain PUMP-F QP`,
		Args: cobra.RangeArgs(1, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, rest := c.splitName(args, 2)
			switch {
			case len(rest) > 2:
				return fmt.Errorf("%q is a word too many: with --reconciliation, give the SKU and at most a rule", rest[2])
			case len(rest) == 0:
				return fmt.Errorf("which item of %q? Give its SKU, too: %s", name, c.command("explain", name, "SKU"))
			}
			return c.explain(cmd.Context(), name, rest[0], strings.Join(rest[1:], ""))
		},
	}
	c.addCopyFlags(cmd)
	c.addReconciliationFlag(cmd)
	return cmd
}

func (c *commandLine) explain(ctx context.Context, name, sku, code string) error {
	p, err := c.prepare(ctx, name)
	if err != nil {
		return err
	}
	defer p.Close()
	if code = catalog.NormalText(code); code != "" {
		if err := p.CheckCodes(code); err != nil {
			return err
		}
	}
	held, err := p.Find(ctx, sku)
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
