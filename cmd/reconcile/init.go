package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/rules/starter"
)

// initFlags are the flags of reconcile init.
type initFlags struct {
	pos             string
	columns         []string // field=column
	options         []string // name=column
	store           string
	storeHash       string
	apiURL          string
	importedThrough int64 // -1: not said
	output          string
	force, noCheck  bool
}

func initCommand(a *app) *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a commented reconcile.hcl for your own shop",
		Long: `Init writes a configuration for your own shop. It reads the header of the inventory that AmberPOS exported, finds out
which column is which field, tries the store, and writes a file that is valid as it stands, with comments on what to
change. Rules whose columns the export lacks are left out, and a comment says how to get them back.

In a terminal it asks what it cannot tell. Elsewhere it takes everything from flags and names those that are missing.
The store's access token is asked for, or taken from BIGCOMMERCE_ACCESS_TOKEN. It is written to no file and printed
nowhere.`,
		Example: `  reconcile init
  reconcile init --pos inventory.csv --store bigcommerce --store-hash abc123 --imported-through 1000
  reconcile init --pos items.xlsx --column sku="Item No" --column brand= --option Size="Size (EU)" --store sandbox`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("config") && !cmd.Flags().Changed("output") {
				f.output = a.configPath
			}
			i := &initiation{app: a, initFlags: f, talk: newTalk(a)}
			return i.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.pos, "pos", "", "the inventory that AmberPOS exported: a CSV, TSV or XLSX file")
	flags.StringArrayVar(&f.columns, "column", nil, "which column a field comes from, as field=column; field= if there is none (repeatable)")
	flags.StringArrayVar(&f.options, "option", nil, "an option of variants that has a column of its own, as name=column (repeatable)")
	flags.StringVar(&f.store, "store", "", "the store: bigcommerce, or sandbox for a sample store")
	flags.StringVar(&f.storeHash, "store-hash", "", "the store's hash (default: BIGCOMMERCE_STORE_HASH from the environment)")
	flags.StringVar(&f.apiURL, "api-url", "", "the address of the store's API, if it is not BigCommerce's own")
	flags.Int64Var(&f.importedThrough, "imported-through", -1, "the number of the last web order that AmberPOS has imported")
	flags.StringVar(&f.output, "output", "reconcile.hcl", "the file to write")
	flags.BoolVar(&f.force, "force", false, "replace the file if it is there already")
	flags.BoolVar(&f.noCheck, "no-check", false, "do not try the store, and ask for no token")
	return cmd
}

// initiation is one run of reconcile init.
type initiation struct {
	app *app
	initFlags
	talk *talk

	shop  starter.Shop
	hash  string
	token string // never printed, never written
}

func (i *initiation) run(ctx context.Context) error {
	if err := i.checkOutput(); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{i.missing, i.readExport, i.mapColumns, i.chooseStore, i.askImported} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	config, err := i.shop.Configuration()
	if err != nil {
		return fmt.Errorf("%s: %w", i.pos, err)
	}
	if err := i.tryAndWrite(ctx, config); err != nil {
		return err
	}
	i.report(config)
	return nil
}

func (i *initiation) checkOutput() error {
	switch info, err := os.Stat(i.output); {
	case err != nil: // it is new, or writing will say what is wrong
	case info.IsDir():
		return fmt.Errorf("%s is a folder: name a file in it with --output", i.output)
	case !i.force:
		return fmt.Errorf("%s is there already: --force replaces it, --output FILE writes another", i.output)
	}
	if dir := filepath.Dir(i.output); dir != "." {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return fmt.Errorf("there is no folder %s to write %s to", dir, filepath.Base(i.output))
		}
	}
	if i.store != "" && i.store != "bigcommerce" && i.store != "sandbox" {
		return fmt.Errorf("--store is bigcommerce or sandbox, not %q", i.store)
	}
	return nil
}

// missing names all flags at once that there is nobody to ask about.
func (i *initiation) missing(context.Context) error {
	if i.talk.interactive {
		return nil
	}
	var missing []string
	if i.pos == "" {
		missing = append(missing, "--pos FILE                 the inventory that AmberPOS exported")
	}
	if i.store == "" {
		missing = append(missing, "--store bigcommerce        the store, or --store sandbox for a sample")
	}
	if i.store == "bigcommerce" && !i.noCheck {
		if i.storeHash == "" && os.Getenv(hashVariable) == "" {
			missing = append(missing, "--store-hash HASH          the part of the API path after /stores/")
		}
		if os.Getenv(tokenVariable) == "" {
			missing = append(missing, tokenVariable+"   in the environment: the token of a store-level API account; or --no-check")
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("there is no terminal to ask in, so this is needed:\n  %s", strings.Join(missing, "\n  "))
}

// report says what was written, and what to do next.
func (i *initiation) report(c *starter.Configuration) {
	out := i.app.stdout
	fmt.Fprintf(out, "\n%s is written and valid: it checks %s.\n", i.output, strings.Join(c.Rules, ", "))
	for _, l := range c.LeftOut {
		fmt.Fprintf(out, "  %s\n", l.Why)
	}
	if i.shop.Sandbox {
		fmt.Fprintf(out, "\nIt reads a sample store. For your own, see the lines marked with \"<--\".\n")
	} else {
		i.environment()
	}
	fmt.Fprintf(out, "\nNext: reconcile run%s\n", i.configFlag())
}

func (i *initiation) configFlag() string {
	if i.output == "reconcile.hcl" {
		return ""
	}
	return " --config " + shellWord(i.output)
}

// environment says how the credentials get where the configuration looks for them, unless they are there.
func (i *initiation) environment() {
	if i.hash != "" && os.Getenv(hashVariable) == i.hash && os.Getenv(tokenVariable) != "" && os.Getenv(tokenVariable) == i.token {
		return
	}
	hash := i.hash
	if hash == "" {
		hash = "abc123"
	}
	fmt.Fprintf(i.app.stdout, `
The store's credentials stand in no file: put them into the environment, with your token for the dots.
  In sh, bash or zsh:
    export %[1]s=%[3]s
    export %[2]s=...
  In PowerShell:
    $env:%[1]s = "%[3]s"
    $env:%[2]s = "..."
`, hashVariable, tokenVariable, hash)
}

// shellWord writes a file's name as a shell takes it.
func shellWord(s string) string {
	if strings.ContainsAny(s, " \t'\"$&;()<>|*?[]{}!~`\\") {
		return `"` + s + `"`
	}
	return s
}
