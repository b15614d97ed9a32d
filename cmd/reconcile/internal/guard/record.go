package guard

import (
	"fmt"
	"maps"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/plugins/host/lockfile"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// settle holds a plugin's version against the lock file, or writes down what it is if nothing is known of it.
func (g *Guard) settle(s *Suspect, version string) hcl.Diagnostics {
	if s.Entry != nil && s.Entry.Version != version {
		return problem(s.Range, "Plugin has another version",
			"It says that it is version %q, but %s holds version %q. If that is as you want it, accept it with: %s",
			version, lockfile.Name, s.Entry.Version, g.Hint("plugin", "lock", s.Connector))
	}
	if s.Known() {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if entry := g.locks.Plugin(s.Connector); entry != nil { // another source's start may have been first
		s.Entry = entry
		if s.Changed() {
			return hcl.Diagnostics{g.hasChanged(s)}
		}
		if s.Known() {
			return nil
		}
	}
	if err := g.record(s, version, nil); err != nil {
		g.Warn(fmt.Sprintf("plugin %q is not locked, and cannot be: %v. A changed file would not be noticed.", s.Connector, err))
		return nil
	}
	g.Say(fmt.Sprintf("Plugin %q, version %q, runs for the first time: %s holds its SHA-256 now, %s. If its file changes, it is refused.",
		s.Connector, version, lockfile.Name, ShortHash(s.Pinned.SHA256)))
	return nil
}

// Record writes a plugin's entry, with the hashes for other platforms that are known, and those in the file where they are of
// the same version.
func (g *Guard) Record(s *Suspect, version string, others map[string]string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.record(s, version, others)
}

// record is Record where g.mu is held.
func (g *Guard) record(s *Suspect, version string, others map[string]string) error {
	latest, _, diags := lockfile.Read(g.path()) // somebody else may have written it meanwhile
	if diags.HasErrors() {
		return diags
	}
	entry := lockfile.Plugin{Connector: s.Connector, Version: version, SHA256: map[string]string{}}
	if old := latest.Plugin(s.Connector); old != nil && old.Version == version {
		maps.Copy(entry.SHA256, old.SHA256)
	}
	maps.Copy(entry.SHA256, others)
	if s.Program.Platform == lockfile.Any {
		clear(entry.SHA256) // what there was for single platforms was another file
	} else {
		delete(entry.SHA256, lockfile.Any)
	}
	entry.SHA256[s.Program.Platform] = s.Pinned.SHA256
	latest.Set(entry)
	if err := latest.Write(g.path()); err != nil {
		return err
	}
	g.locks = latest
	return nil
}

func (g *Guard) hasChanged(s *Suspect) *hcl.Diagnostic {
	at := s.Range
	var files []string
	for _, file := range s.Program.Files {
		if rel, err := filepath.Rel(g.config.Dir, file); err == nil && filepath.IsLocal(rel) {
			file = rel
		}
		files = append(files, file)
	}
	is, what := "is not the file that was accepted: its", words.Enumerate(files)
	if len(files) > 1 {
		is = "are not the files that were accepted: their"
	}
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Plugin has changed", Subject: &at, Detail: fmt.Sprintf(
		"%s %s SHA-256 is %s, but %s holds %s for version %q on %s. It was not run. If you built or updated it yourself, accept it with: %s\nIf not, find out who changed it first.",
		what, is, ShortHash(s.Pinned.SHA256), lockfile.Name, ShortHash(s.Entry.Hash(s.Program.Platform)), s.Entry.Version, s.Program.Platform,
		g.Hint("plugin", "lock", s.Connector))}
}
