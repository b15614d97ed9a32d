package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/plugins/devkit/manual"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/inspect"
)

func pluginDocsCommand(c *commandLine) *cobra.Command {
	return &cobra.Command{
		Use:   "docs NAME | BINARY | COMMAND ARGUMENT...",
		Short: "Write a connector's page for its users, in Markdown",
		Long: `Docs prints a connector's page: what it reads, its settings with their types and defaults, its fields, and what else it
can do. All of it is what the connector says of itself.

The connector is one that reconcile brings (amberpos), a plugin that the configuration has, by its name, or a program. Of a
plugin the fields are those of its first source in the configuration. Of the others, with --config they are those of the
first source of this connector in the configuration. Without it they are those that the connector has when nothing is set,
or with sandbox = true if it has such a setting.`,
		Example: `  reconcile plugin docs bigcommerce
  reconcile plugin docs lanternshop
  reconcile plugin docs ./reconcile-plugin-lanternshop > docs/lanternshop.md
  reconcile plugin docs node dist/lanternshop.mjs
  reconcile plugin docs amberpos --config reconcile.hcl`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.pluginDocs(cmd.Context(), args, cmd.Flags().Changed("config"))
		},
	}
}

func (c *commandLine) pluginDocs(ctx context.Context, args []string, configured bool) error {
	page, err := c.pluginPage(ctx, args, configured)
	if err != nil {
		return err
	}
	page.Remake = "reconcile plugin docs " + strings.Join(args, " ")
	if configured {
		page.Remake += " --config " + c.configPath
	}
	if page.Schema == nil {
		fmt.Fprintln(c.term.Err, "The page lists no fields: they depend on the configuration. Say --config and a file with a source of this connector to list that one's.")
	}
	return page.Write(c.term.Out)
}

// pluginPage returns the page of a plugin that the configuration has, of a connector that comes with the program, or of a program.
func (c *commandLine) pluginPage(ctx context.Context, args []string, configured bool) (manual.Connector, error) {
	if len(args) == 1 && hclsyntax.ValidIdentifier(args[0]) && !slices.Contains(bundledNames(), args[0]) {
		if page, err := inspect.PluginPage(ctx, c.session(), args[0]); !errors.Is(err, inspect.ErrNoPlugin) {
			return page, err
		}
	}
	command, err := inspect.Program(self(c.dataDir), args)
	if err != nil {
		return manual.Connector{}, err
	}
	return inspect.Page(ctx, c.session(), command, configured)
}
