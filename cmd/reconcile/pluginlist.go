package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules/source"
)

func pluginListCommand(a *app) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the configuration's plugins: what they are, whether they are locked, and what holds them",
		Long: `List shows the plugins of the configuration. Each is started to learn what it is, without any setting of yours, but not
one that has changed since it was locked. Nothing is written.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.listPlugins(cmd.Context(), format) },
	}
	cmd.Flags().StringVar(&format, "format", "table", "how to show the list: table, json")
	_ = cmd.RegisterFlagCompletionFunc("format", fixed("table", "json"))
	return cmd
}

// listedPlugin is a line of the list.
type listedPlugin struct {
	Name         string   `json:"name"`
	Version      string   `json:"version"`
	Protocol     string   `json:"protocol"`
	Command      []string `json:"command"`
	Lock         string   `json:"lock"`   // locked, changed, not locked, off
	SHA256       string   `json:"sha256"` // of the file as it is now
	Platform     string   `json:"platform"`
	Sandbox      string   `json:"sandbox"` // on, off, in part, not here
	Capabilities []string `json:"capabilities"`
	Problem      string   `json:"problem,omitempty"`
}

func (a *app) listPlugins(ctx context.Context, format string) error {
	if format != "table" && format != "json" {
		return fmt.Errorf("there is no format %q: use table, json", format)
	}
	config, err := a.loadPlugins()
	if err != nil {
		return err
	}
	g := a.guard(config)
	if g.diags.HasErrors() {
		return a.refuse(config, g.diags)
	}
	list := make([]listedPlugin, 0, len(config.Plugins))
	for _, p := range config.Plugins {
		list = append(list, g.list(ctx, p))
	}
	if ctx.Err() != nil {
		return context.Canceled
	}
	if format == "json" {
		out := json.NewEncoder(a.stdout)
		out.SetIndent("", "  ")
		return out.Encode(map[string]any{"plugins": list, "bundled": bundledNames()})
	}
	return a.drawPlugins(list)
}

// list looks at a plugin, and asks it what it is unless it is another than was locked.
func (g *guard) list(ctx context.Context, p *source.Plugin) listedPlugin {
	l := listedPlugin{Name: p.Connector, Command: p.Command, Lock: "not locked", Sandbox: "on", Capabilities: []string{}}
	if p.Path != "" {
		l.Command = []string{p.Path}
	}
	switch {
	case p.NoSandbox:
		l.Sandbox = "off"
	case host.SandboxLevel() == host.PartlyConfined:
		l.Sandbox = "in part"
	case host.SandboxLevel() == host.Unconfined:
		l.Sandbox = "not here"
	}
	s, err := g.look(p)
	if err != nil {
		l.Problem = err.Error()
		return l
	}
	l.SHA256, l.Platform = s.pinned.SHA256, s.program.Platform
	switch {
	case p.NoLock:
		l.Lock = "off"
	case s.changed():
		s.Close()
		l.Lock, l.Version = "changed", s.entry.Version
		l.Problem = "it is not what was locked, so it was not started; accept it with " + g.hint("plugin lock "+p.Connector)
		return l
	case s.known():
		l.Lock = "locked"
	}
	process, err := g.run(ctx, s, nil, host.Options{Label: fmt.Sprintf("plugin %q", p.Connector), Version: version, Log: g.app.log})
	if err != nil {
		l.Problem = strings.TrimPrefix(err.Error(), fmt.Sprintf("plugin %q: start: ", p.Connector)) + g.mayBeSandbox(p, err)
		return l
	}
	defer process.Close()
	about := process.Describe()
	l.Version, l.Protocol = about.Version, about.Protocol()
	l.Capabilities = append(l.Capabilities, about.Capabilities...)
	if l.Lock == "locked" && s.entry.Version != about.Version {
		l.Lock = "changed"
		l.Problem = fmt.Sprintf("the lock file holds version %q; accept it with %s", s.entry.Version, g.hint("plugin lock "+p.Connector))
	}
	return l
}

func (a *app) drawPlugins(list []listedPlugin) error {
	prose := a.textPage().prose
	if len(list) > 0 {
		var rows [][]string
		for _, l := range list {
			rows = append(rows, []string{l.Name, dash(l.Version), dash(l.Protocol), l.Lock, l.Sandbox, dash(strings.Join(l.Capabilities, ", ")), strings.Join(l.Command, " ")})
		}
		if err := prose.List(a.stdout, []string{"Plugin", "Version", "Protocol", "Lock", "Sandbox", "Capabilities", "Command"}, rows); err != nil {
			return fmt.Errorf("write the list: %w", err)
		}
	}
	for _, l := range list {
		if l.Problem != "" {
			for _, line := range prose.Lines(l.Name+": "+l.Problem, 0, 2) {
				fmt.Fprintln(a.stdout, line)
			}
		}
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stdout, "The configuration has no plugin block.")
	}
	_, err := fmt.Fprintf(a.stdout, "Bundled: %s.\n", strings.Join(bundledNames(), ", "))
	return err
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
