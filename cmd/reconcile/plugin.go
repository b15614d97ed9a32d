package main

import "github.com/spf13/cobra"

// pluginCommand has the commands of reconcile plugin. Each is a file of its own: newplugin.go, plugindocs.go, testplugin.go,
// installplugin.go, listplugins.go, lockplugin.go.
func pluginCommand(c *commandLine) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plugin",
		Short: "Write, try and describe connectors that are not bundled",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(pluginNewCommand(c), pluginDocsCommand(c), pluginTestCommand(c))
	cmd.AddCommand(pluginInstallCommand(c), pluginListCommand(c), pluginLockCommand(c))
	return cmd
}
