package install

import (
	"context"
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// Plugin is what there is to say of a plugin of the configuration.
type Plugin struct {
	Name         string   `json:"name"`
	Version      string   `json:"version"`
	Protocol     string   `json:"protocol"`
	Command      []string `json:"command"` // see shown
	Lock         string   `json:"lock"`    // locked, changed, not locked, off
	SHA256       string   `json:"sha256"`  // of the file as it is now
	Platform     string   `json:"platform"`
	Sandbox      string   `json:"sandbox"` // on, off, in part, not here
	Capabilities []string `json:"capabilities"`
	Problem      string   `json:"problem,omitempty"`
}

// List returns the configuration's plugins. Nothing is written.
func List(ctx context.Context, s *session.Session) ([]Plugin, error) {
	config, g, err := open(s)
	if err != nil {
		return nil, err
	}
	list := make([]Plugin, 0, len(config.Plugins))
	for _, p := range config.Plugins {
		list = append(list, look(ctx, g, p, config.Dir))
	}
	if ctx.Err() != nil {
		return nil, context.Canceled
	}
	return list, nil
}

// look looks at a plugin, and asks it what it is unless it is another than was locked.
func look(ctx context.Context, g *guard.Guard, p *source.Plugin, dir string) Plugin {
	l := Plugin{Name: p.Connector, Command: shown(p.Command, dir), Lock: "not locked", Sandbox: "on", Capabilities: []string{}}
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
	s, err := g.Look(p)
	if err != nil {
		l.Problem = err.Error()
		return l
	}
	l.SHA256, l.Platform = s.Pinned.SHA256, s.Program.Platform
	switch {
	case p.NoLock:
		l.Lock = "off"
	case s.Changed():
		s.Close()
		l.Lock, l.Version = "changed", s.Entry.Version
		l.Problem = "it is not what was locked, so it was not started; accept it with " + g.Hint("plugin", "lock", p.Connector)
		return l
	case s.Known():
		l.Lock = "locked"
	}
	process, err := g.Run(ctx, s, nil, host.Options{Label: fmt.Sprintf("plugin %q", p.Connector), Version: g.Version, Log: g.Log})
	if err != nil {
		l.Problem = strings.TrimPrefix(err.Error(), fmt.Sprintf("plugin %q: start: ", p.Connector)) + g.MayBeSandbox(p, err)
		return l
	}
	defer process.Close()
	about := process.Describe()
	l.Version, l.Protocol = about.Version, about.Protocol()
	l.Capabilities = append(l.Capabilities, about.Capabilities...)
	if l.Lock == "locked" && s.Entry.Version != about.Version {
		l.Lock = "changed"
		l.Problem = fmt.Sprintf("the lock file holds version %q; accept it with %s", s.Entry.Version, g.Hint("plugin", "lock", p.Connector))
	}
	return l
}
