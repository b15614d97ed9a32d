package main

import "github.com/spf13/cobra"

func pluginCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plugin",
		Short: "Write, try and describe connectors that are not bundled",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(pluginNewCommand(a), pluginDocsCommand(a), pluginTestCommand(a))
	cmd.AddCommand(pluginInstallCommand(a), pluginListCommand(a), pluginLockCommand(a))
	return cmd
}
