package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/lockfile"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"
)

func pluginLockCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "lock [NAME...]",
		Short: "Accept plugins as they are now, in reconcile.lock.hcl",
		Long: `Lock writes into reconcile.lock.hcl, beside the configuration, what each plugin is now: its version and the SHA-256 of
its file on this platform. From then on a plugin whose file has changed is refused. A plugin that runs for the first
time is locked by itself; this command is for one that you have built or updated.

A plugin is started to learn its version, without any setting of yours. Without a NAME all plugins of the configuration
are locked. Keep the lock file with the configuration, so that others run the same plugins.`,
		Example: `  reconcile plugin lock shopify`,
		RunE:    func(cmd *cobra.Command, args []string) error { return a.lockPlugins(cmd.Context(), args) },
	}
}

func (a *app) lockPlugins(ctx context.Context, names []string) error {
	config, err := a.loadPlugins()
	if err != nil {
		return err
	}
	chosen, err := choosePlugins(config, names)
	if err != nil {
		return err
	}
	g := a.guard(config)
	if g.diags.HasErrors() {
		return a.refuse(config, g.diags)
	}
	for _, p := range chosen {
		if err := g.accept(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// loadPlugins loads the configuration for commands about its plugins, which mistakes elsewhere in it do not concern.
func (a *app) loadPlugins() (*rules.Config, error) {
	config, diags := a.load()
	broken := slices.ContainsFunc(config.Plugins, func(p *source.Plugin) bool { return p.Path == "" && len(p.Command) == 0 })
	if diags.HasErrors() && (broken || len(config.Plugins) == 0) {
		return nil, a.refuse(config, diags)
	}
	return config, nil
}

func choosePlugins(config *rules.Config, names []string) ([]*source.Plugin, error) {
	var chosen []*source.Plugin
	if len(names) == 0 {
		for _, p := range config.Plugins {
			if !p.NoLock {
				chosen = append(chosen, p)
			}
		}
		if len(chosen) == 0 {
			return nil, errors.New("the configuration has no plugin block whose plugin could be locked")
		}
	}
	for _, name := range names {
		p := config.Plugin(name)
		if p == nil {
			var known []string
			for _, p := range config.Plugins {
				known = append(known, p.Connector)
			}
			if slices.Contains(bundledNames(), name) {
				return nil, fmt.Errorf("the connector %q comes with the program: there is nothing to lock", name)
			}
			return nil, fmt.Errorf("the configuration has no plugin block %q; it has: %s", name, strings.Join(known, ", "))
		}
		if p.NoLock {
			return nil, fmt.Errorf("plugin %q is not to be locked: its block says lock = \"off\" (%s)", name, position(p.Range))
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

// accept starts a plugin for its version and locks it as it is.
func (g *guard) accept(ctx context.Context, p *source.Plugin) error {
	s, err := g.look(p)
	if err != nil {
		return fmt.Errorf("plugin %q: %w", p.Connector, err)
	}
	process, err := g.run(ctx, s, nil, host.Options{Label: fmt.Sprintf("plugin %q", p.Connector), Version: version, Log: g.app.log})
	if err != nil {
		return err
	}
	about := process.Describe()
	process.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.record(s, about.Version, nil); err != nil {
		return err
	}
	was := ""
	switch {
	case s.entry == nil:
	case s.changed():
		was = fmt.Sprintf("; it was %s, version %q", shortHash(s.entry.Hash(s.program.Platform)), s.entry.Version)
	case s.known() && s.entry.Version == about.Version:
		was = ", as it was"
	}
	_, err = fmt.Fprintf(g.app.stdout, "Locked in %s: plugin %q, version %q, SHA-256 %s (%s)%s.\n", lockfile.Name, p.Connector, about.Version,
		shortHash(s.pinned.SHA256), s.program.Platform, was)
	return err
}
