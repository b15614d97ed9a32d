package guard

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// MayBeSandbox says what to do where a plugin ended in a way that its sandbox may be the cause of; "" elsewhere.
func (g *Guard) MayBeSandbox(p *source.Plugin, err error) string {
	text := strings.ToLower(err.Error())
	if !g.confinesPlugin(p) || !strings.Contains(text, "permission denied") && !strings.Contains(text, "eacces") {
		return ""
	}
	return fmt.Sprintf("\nIt runs in a sandbox, in which it may not read this. If it has to, name the file or its folder with read = [...] in its plugin block (%s).", words.Position(p.Range))
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
