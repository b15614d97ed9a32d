package main

import (
	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/setup"
	"github.com/reconcilehq/reconcile/plugins/sdk/table"
	"github.com/reconcilehq/reconcile/rules/starter"
)

func initCommand(c *commandLine) *cobra.Command {
	var f setup.Flags
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a commented reconcile.hcl for your own shop",
		Long: `Init writes a configuration for your own shop. It reads the header of the inventory that AmberPOS exported, finds out
which column is which field, tries the store, and writes a file that is valid as it stands, with comments on what to
change. Rules whose columns the export lacks are off, and a comment says how to turn them on.

The store is BigCommerce, a file with its catalogue, a plugin that is installed, or the address of a list that its API
answers in JSON. Of an address, init looks at an answer, proposes where the items and their fields stand and how the list
goes on, and tries that: it reads the list to its end, as a run would, and shows the first ten items. The source is one of
the connector rest, yours to correct.

In a terminal it asks what it cannot tell. Elsewhere it takes everything from flags and names those that are missing.
What opens the store is asked for, or taken from the environment. It is written to no file and printed nowhere. Nothing is
overwritten. Tests of the rules are written beside the configuration, unless there are some.`,
		Example: `  reconcile init
  reconcile init --pos inventory.csv --store bigcommerce --store-hash abc123 --imported-through 1000
  reconcile init --pos inventory.csv --store web.csv
  reconcile init --pos inventory.csv --store https://shop.example/api/products --login bearer:SHOP_TOKEN
  reconcile init --pos inventory.csv --store lanternshop --setting url=https://lamps.example --setting token=env(LAMPS_TOKEN)
  reconcile init --pos items.xlsx --column sku="Item No" --column brand= --option Size="Size (EU)" --store sandbox`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("config") && !cmd.Flags().Changed("output") {
				f.Output = c.configPath
			}
			return setup.Run(cmd.Context(), c.term, c.options(), f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.Pos, "pos", "", "the inventory that AmberPOS exported: a "+table.FormatTitles("or")+" file")
	flags.StringArrayVar(&f.PosSettings, "pos-setting", nil, "a setting of the inventory's source, as name=value: decimal=, or header_row=22 or currency=EUR (repeatable)")
	flags.StringArrayVar(&f.Columns, "column", nil, "which column a field comes from, as field=column; field= if there is none (repeatable)")
	flags.StringArrayVar(&f.Options, "option", nil, "an option of variants that has a column of its own, as name=column (repeatable)")
	flags.StringVar(&f.Store, "store", "", "the store: bigcommerce, a file with its catalogue, an address of its API, a plugin, or sandbox for a sample store")
	flags.StringArrayVar(&f.StoreColumns, "store-column", nil, "which column of the store's file a field comes from, as field=column, or which path of the API's answer, as field=$.path (repeatable)")
	flags.StringArrayVar(&f.StoreOptions, "store-option", nil, "an option of variants that has a column of its own in the store's file, as name=column (repeatable)")
	flags.StringVar(&f.Login, "login", "", "how the store's API lets programs in: bearer:VARIABLE, basic:VARIABLE,VARIABLE, header:NAME=VARIABLE, query:NAME=VARIABLE or token:/PATH,NAME=VARIABLE,... for a login that answers with a token")
	flags.StringArrayVar(&f.Settings, "setting", nil, "a setting of the store's source, as name=value (decimal=, of a file), block.name=value or name=env(VARIABLE) (repeatable)")
	flags.StringVar(&f.StoreHash, "store-hash", "", "the store's hash (default: BIGCOMMERCE_STORE_HASH from the environment)")
	flags.StringVar(&f.APIURL, "api-url", "", "the address of the store's API, if it is not BigCommerce's own")
	flags.Int64Var(&f.ImportedThrough, "imported-through", -1, "the number of the last web order that AmberPOS has imported")
	flags.StringVar(&f.Quantity, "quantity", "", "what AmberPOS's quantities are compared with where the store keeps safety stock: available or on_hand")
	flags.StringVar(&f.Output, "output", "reconcile.hcl", "the file to write")
	flags.BoolVar(&f.Force, "force", false, "replace the file if it is there already")
	flags.BoolVar(&f.NoCheck, "no-check", false, "do not try the store, and ask for no token")
	_ = cmd.RegisterFlagCompletionFunc("store", fixed("bigcommerce", "sandbox"))
	_ = cmd.RegisterFlagCompletionFunc("quantity", fixed(starter.Quantities...))
	_ = cmd.MarkFlagFilename("pos", table.Suffixes()...)
	return cmd
}
