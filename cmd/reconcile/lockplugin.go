package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/plugins/host/lockfile"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/install"
)

func pluginLockCommand(c *commandLine) *cobra.Command {
	return &cobra.Command{
		Use:   "lock [NAME...]",
		Short: "Accept plugins as they are now, in reconcile.lock.hcl",
		Long: `Lock writes into reconcile.lock.hcl, beside the configuration, what each plugin is now: its version and the SHA-256 of
its file on this platform. From then on a plugin whose file has changed is refused. A plugin that runs for the first
time is locked by itself; this command is for one that you have built or updated.

A plugin is started to learn its version, without any setting of yours. Without a NAME all plugins of the configuration
are locked. Keep the lock file with the configuration, so that others run the same plugins.`,
		Example: `  reconcile plugin lock shopify`,
		RunE:    func(cmd *cobra.Command, args []string) error { return c.lockPlugins(cmd.Context(), args) },
	}
}

func (c *commandLine) lockPlugins(ctx context.Context, names []string) error {
	return install.Lock(ctx, c.session(), names, func(l install.Locked) error {
		was := ""
		if l.Was != nil {
			switch hash := l.Was.Hash(l.Platform); {
			case hash == "":
			case hash != l.SHA256:
				was = fmt.Sprintf("; it was %s, version %q", guard.ShortHash(hash), l.Was.Version)
			case l.Was.Version == l.Version:
				was = ", as it was"
			}
		}
		_, err := fmt.Fprintf(c.term.Out, "Locked in %s: plugin %q, version %q, SHA-256 %s (%s)%s.\n", lockfile.Name, l.Connector, l.Version,
			guard.ShortHash(l.SHA256), l.Platform, was)
		return err
	})
}
