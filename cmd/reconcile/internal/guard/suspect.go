package guard

import (
	"fmt"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/lockfile"
	"github.com/reconcilehq/reconcile/plugins/host/trust"
	"github.com/reconcilehq/reconcile/rules/source"
)

// Suspect is a plugin that was looked at and not run yet.
type Suspect struct {
	*source.Plugin
	Program *trust.Program
	Pinned  *host.Pinned
	Entry   *lockfile.Plugin // nil if the lock file does not name it
}

// Close removes what was made to run it.
func (s *Suspect) Close() { s.Pinned.Close() }

// Known reports whether the lock file has a hash for this platform.
func (s *Suspect) Known() bool { return s.Entry != nil && s.Entry.Hash(s.Program.Platform) != "" }

// Changed reports whether the lock file has another hash.
func (s *Suspect) Changed() bool {
	return s.Known() && s.Entry.Hash(s.Program.Platform) != s.Pinned.SHA256
}

// Look finds a plugin's files and pins them. The result is to be closed.
func (g *Guard) Look(p *source.Plugin) (*Suspect, error) {
	find := func() (*trust.Program, error) { return trust.FindFile(p.Path, g.config.Dir) }
	if len(p.Command) > 0 {
		find = func() (*trust.Program, error) { return trust.Find(p.Command, g.config.Dir) }
	}
	program, err := find()
	if err != nil {
		return nil, err
	}
	pinned, err := host.Pin(program.Files...)
	if err != nil {
		return nil, fmt.Errorf("look at the plugin's file: %w", err)
	}
	return &Suspect{Plugin: p, Program: program, Pinned: pinned, Entry: g.Locked(p.Connector)}, nil
}

// Locked returns what the lock file says of a plugin; nil if it says nothing.
func (g *Guard) Locked(connector string) *lockfile.Plugin {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.locks == nil {
		return nil
	}
	return g.locks.Plugin(connector)
}

// ShortHash is as much of a hash as people compare.
func ShortHash(hash string) string {
	const enough = 12
	return hash[:min(enough, len(hash))]
}
