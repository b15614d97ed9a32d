package guard

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// MayBeSandbox says what to do where a plugin failed in a way that its sandbox may be the cause of; "" elsewhere. Texts are all that a
// plugin tells of its errors, and a platform may have used the same words.
func (g *Guard) MayBeSandbox(p *source.Plugin, err error) string {
	if !g.confinesPlugin(p) {
		return ""
	}
	switch {
	case says(err, "permission denied", "eacces"):
		return fmt.Sprintf("\nIf it was a file or a folder that it may not use: it runs in a sandbox (\"The sandbox\" in docs/trust.md). What it has to read, name with read = [...] in its plugin block (%s).", words.Position(p.Range))
	case says(err, "operation not permitted", "eperm"):
		return fmt.Sprintf("\nIf it was the system that did not permit this: it runs in a sandbox, which refuses some system calls (\"The sandbox\" in docs/trust.md says which). If it cannot do without them, sandbox = \"off\" in its plugin block (%s) lets it do what you may.",
			words.Position(p.Range))
	}
	return ""
}

// MayBeConfined is MayBeSandbox for the connector of a source, a bundled one or a plugin, that has been configured.
func (g *Guard) MayBeConfined(s *source.Source, err error) string {
	if p := g.config.Plugin(s.Connector); p != nil {
		if g.debug.of(s) != "" {
			return ""
		}
		return g.MayBeSandbox(p, err)
	}
	if host.SandboxLevel() == host.Unconfined || !says(err, "operation not permitted", "eperm") {
		return ""
	}
	return "\nIf it was the system that did not permit this: the connector has given up what it needs no more (\"Bundled connectors\" in docs/trust.md). Where it does need it, that is a fault of reconcile: please report it at " + fault.Where + "."
}

// says reports whether an error has one of the words in it, in whatever case.
func says(err error, any ...string) bool {
	text := strings.ToLower(err.Error())
	return slices.ContainsFunc(any, func(word string) bool { return strings.Contains(text, word) })
}

// Run starts a plugin, which takes what was made for it. It may read the files in read beside its own.
func (g *Guard) Run(ctx context.Context, s *Suspect, read []string, opts host.Options) (*host.Process, error) {
	command := s.Program.Command(s.Pinned)
	command.Env, command.Reaper = s.Env, g.Reap
	if !s.NoSandbox {
		g.warnOfSandbox()
		command.Sandbox = &host.Sandbox{Launcher: g.Confine, Read: s.Program.Readable()}
		if dir := s.Pinned.Dir(); dir != "" {
			command.Sandbox.Read = append(command.Sandbox.Read, dir)
		}
		for _, path := range append(slices.Clone(s.Read), read...) {
			command.Sandbox.Read = append(command.Sandbox.Read, g.absolute(path))
		}
	}
	return host.Start(ctx, command, opts)
}

// Confines reports whether a source's connector runs in a sandbox.
func (g *Guard) Confines(s *source.Source) bool {
	p := g.config.Plugin(s.Connector)
	return p != nil && g.confinesPlugin(p) && g.debug.of(s) == ""
}

func (g *Guard) confinesPlugin(p *source.Plugin) bool {
	return !p.NoSandbox && host.SandboxLevel() > host.Unconfined
}

func (g *Guard) absolute(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(g.config.Dir, path)
}

// warnOfSandbox says where Linux cannot do what it usually can.
func (g *Guard) warnOfSandbox() {
	if runtime.GOOS != "linux" {
		return
	}
	switch host.SandboxLevel() {
	case host.Unconfined:
		g.once("sandbox", "plugins are not confined, because this kernel has no Landlock: they can read and write what you can. To run one so without this warning, say sandbox = \"off\" in its block.")
	case host.PartlyConfined:
		g.once("sandbox", "plugins are confined but in part. What each can do: %s.", host.SandboxGap())
	}
}
