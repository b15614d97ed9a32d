package install

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/lockfile"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// Locked is a plugin as it was accepted.
type Locked struct {
	Connector, Version string
	SHA256, Platform   string
	Was                *lockfile.Plugin // what was locked before; nil if nothing was
}

// Lock accepts the plugins of these names as they are now, all of them if there is no name. Each is handed to done when it
// is locked.
func Lock(ctx context.Context, s *session.Session, names []string, done func(Locked) error) error {
	config, g, err := open(s)
	if err != nil {
		return err
	}
	chosen, err := choose(config, names, s.Bundled)
	if err != nil {
		return err
	}
	for _, p := range chosen {
		locked, err := accept(ctx, g, p)
		if err != nil {
			return err
		}
		if err := done(locked); err != nil {
			return err
		}
	}
	return nil
}

// open loads the configuration for what is about its plugins, which mistakes elsewhere in it do not concern.
func open(s *session.Session) (*rules.Config, *guard.Guard, error) {
	config, diags := s.Load()
	broken := slices.ContainsFunc(config.Plugins, func(p *source.Plugin) bool { return p.Path == "" && len(p.Command) == 0 })
	if diags.HasErrors() && (broken || len(config.Plugins) == 0) {
		return nil, nil, s.Refuse(config, diags)
	}
	g := s.Guard(config)
	if g.Mistakes().HasErrors() {
		return nil, nil, s.Refuse(config, g.Mistakes())
	}
	return config, g, nil
}

func choose(config *rules.Config, names, bundled []string) ([]*source.Plugin, error) {
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
			if slices.Contains(bundled, name) {
				return nil, fmt.Errorf("the connector %q comes with the program: there is nothing to lock", name)
			}
			return nil, fmt.Errorf("the configuration has no plugin block %q; it has: %s", name, strings.Join(known, ", "))
		}
		if p.NoLock {
			return nil, fmt.Errorf("plugin %q is not to be locked: its block says lock = \"off\" (%s)", name, words.Position(p.Range))
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

// accept starts a plugin for its version and locks it as it is.
func accept(ctx context.Context, g *guard.Guard, p *source.Plugin) (Locked, error) {
	s, err := g.Look(p)
	if err != nil {
		return Locked{}, fmt.Errorf("plugin %q: %w", p.Connector, err)
	}
	process, err := g.Run(ctx, s, nil, host.Options{Label: fmt.Sprintf("plugin %q", p.Connector), Version: g.Version, Log: g.Log})
	if err != nil {
		return Locked{}, err
	}
	about := process.Describe()
	process.Close()
	if err := g.Record(s, about.Version, nil); err != nil {
		return Locked{}, err
	}
	return Locked{p.Connector, about.Version, s.Pinned.SHA256, s.Program.Platform, s.Entry}, nil
}
