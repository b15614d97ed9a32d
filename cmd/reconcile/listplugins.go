package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/install"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/prose"
)

func pluginListCommand(c *commandLine) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the configuration's plugins: what they are, whether they are locked, and what holds them",
		Long: `List shows the plugins of the configuration. Each is started to learn what it is, without any setting of yours, but not
one that has changed since it was locked. Nothing is written.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listPlugins(cmd.Context(), format) },
	}
	cmd.Flags().StringVar(&format, "format", "table", "how to show the list: table, json")
	_ = cmd.RegisterFlagCompletionFunc("format", fixed("table", "json"))
	return cmd
}

func (c *commandLine) listPlugins(ctx context.Context, format string) error {
	if format != "table" && format != "json" {
		return fmt.Errorf("there is no format %q: use table, json", format)
	}
	list, err := install.List(ctx, c.session())
	if err != nil {
		return err
	}
	if format == "json" {
		out := json.NewEncoder(c.term.JSON)
		out.SetIndent("", "  ")
		return out.Encode(map[string]any{"plugins": list, "bundled": bundledNames()})
	}
	return c.drawPlugins(list)
}

func (c *commandLine) drawPlugins(list []install.Plugin) error {
	text := prose.New(c.term.Width, c.term.ColorOut).Prose
	if len(list) > 0 {
		var rows [][]string
		for _, l := range list {
			rows = append(rows, []string{l.Name, dash(l.Version), dash(l.Protocol), l.Lock, l.Sandbox, dash(strings.Join(l.Capabilities, ", ")), strings.Join(l.Command, " ")})
		}
		if err := text.List(c.term.Painted, []string{"Plugin", "Version", "Protocol", "Lock", "Sandbox", "Capabilities", "Command"}, rows); err != nil {
			return fmt.Errorf("write the list: %w", err)
		}
	}
	for _, l := range list {
		if l.Problem != "" {
			for _, line := range text.Lines(l.Name+": "+l.Problem, 0, 2) {
				fmt.Fprintln(c.term.Out, line)
			}
		}
	}
	if len(list) == 0 {
		fmt.Fprintln(c.term.Out, "The configuration has no plugin block.")
	}
	_, err := fmt.Fprintf(c.term.Out, "Bundled: %s.\n", strings.Join(bundledNames(), ", "))
	return err
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
