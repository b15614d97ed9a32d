package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/plugins/host/lockfile"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/install"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/prose"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

func pluginInstallCommand(c *commandLine) *cobra.Command {
	var order install.Order
	cmd := &cobra.Command{
		Use:   "install PATH | URL",
		Short: "Put a plugin beside the configuration, and lock it",
		Long: `Install copies a plugin, a program or a script of one file, into .reconcile/plugins beside the configuration, starts it
once in its sandbox to learn what it is, and locks it in reconcile.lock.hcl. It prints the plugin block that uses it, or
with --write adds it to the configuration. Installing a plugin again updates it.

An address is fetched by https. --sha256 or --sums say what the file has to be; without either, what is fetched is what
is trusted. From a list of hashes those of the plugin's other platforms are locked, too.`,
		Example: `  reconcile plugin install ./reconcile-plugin-shopify
  reconcile plugin install https://example.com/shopify_1.2.0_linux_amd64 --sums https://example.com/SHA256SUMS`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			order.Place = args[0]
			return c.install(cmd.Context(), order)
		},
	}
	cmd.Flags().StringVar(&order.SHA256, "sha256", "", "the SHA-256 that the file has to have")
	cmd.Flags().StringVar(&order.Sums, "sums", "", "a list of SHA-256 hashes, as sha256sum writes it: a file or an address")
	cmd.Flags().BoolVar(&order.Write, "write", false, "add the plugin block to the configuration")
	return cmd
}

func (c *commandLine) install(ctx context.Context, order install.Order) error {
	done, err := install.Install(ctx, c.session(), order)
	if done == nil {
		return err
	}
	about, text := done.About, prose.New(c.term.Width, c.term.ColorOut).Prose
	fmt.Fprintf(c.term.Out, "Installed in %s: plugin %q, version %q, %s. %s\n", done.File, about.Connector, about.Version, about.Protocol(), text.Clean(about.Doc))
	was := ""
	if done.Was != nil && done.Was.Hash(done.Platform) != done.SHA256 {
		was = fmt.Sprintf("; it was version %q", done.Was.Version)
	}
	if len(done.Others) > 0 {
		was += "; also for " + words.Enumerate(done.Others)
	}
	fmt.Fprintf(c.term.Out, "Locked in %s: SHA-256 %s (%s)%s.\n", lockfile.Name, guard.ShortHash(done.SHA256), done.Platform, was)
	if err != nil {
		return err
	}
	switch {
	case done.Used:
		_, err = fmt.Fprintf(c.term.Out, "The plugin block at %s runs it.\n", done.Present)
	case done.Present != "":
		_, err = fmt.Fprintf(c.term.Out, "The plugin block at %s runs another file. Put this one in its place:\n\n%s", done.Present, done.Block)
	case done.Written != "":
		_, err = fmt.Fprintf(c.term.Out, "Its plugin block is in %s now.\n", done.Written)
	default:
		_, err = fmt.Fprintf(c.term.Out, "Add it to the configuration (--write does that):\n\n%s", done.Block)
	}
	return err
}
