package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/lockfile"
	"github.com/reconcilehq/reconcile/plugins/host/trust"
	"github.com/reconcilehq/reconcile/plugins/proto"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"
)

// guard starts a configuration's connectors. It lets a plugin run that is what the lock file says, refuses one that is
// not, and writes down what a plugin is that runs for the first time. It may be used from several goroutines.
type guard struct {
	app    *app
	config *rules.Config

	mu     sync.Mutex
	locks  *lockfile.File // nil where the file has mistakes
	diags  hcl.Diagnostics
	warned map[string]bool
	debug  reattach
	wrong  hcl.Diagnostics // with how debug was said
}

func (a *app) guard(config *rules.Config) *guard {
	g := &guard{app: a, config: config, warned: map[string]bool{}}
	if len(config.Plugins) == 0 {
		return g
	}
	g.read()
	var unknown []string
	var err error
	g.debug, unknown, err = readReattach(config)
	if err != nil {
		g.wrong = hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Cannot attach", Detail: err.Error() + "."}}
	}
	if len(unknown) > 0 {
		a.warn("%s names %s, which is no plugin of this configuration, nor a source of one.", proto.ReattachEnv, enumerate(unknown))
	}
	return g
}

// path returns where the lock file is, as the configuration's own files are shown.
func (g *guard) path() string {
	dir := g.config.Dir
	if here, err := filepath.Abs("."); err == nil && !filepath.IsAbs(g.app.configPath) {
		if rel, err := filepath.Rel(here, dir); err == nil {
			dir = rel
		}
	}
	return filepath.Join(dir, lockfile.Name)
}

func (g *guard) read() {
	var files map[string]*hcl.File
	g.locks, files, g.diags = lockfile.Read(g.path())
	maps.Copy(g.config.Files, files)
}

// suspect is a plugin that was looked at and not run yet.
type suspect struct {
	*source.Plugin
	program *trust.Program
	pinned  *host.Pinned
	entry   *lockfile.Plugin // nil if the lock file does not name it
}

// Close removes what was made to run it.
func (s *suspect) Close() { s.pinned.Close() }

// known reports whether the lock file has a hash for this platform.
func (s *suspect) known() bool { return s.entry != nil && s.entry.Hash(s.program.Platform) != "" }

// changed reports whether the lock file has another hash.
func (s *suspect) changed() bool {
	return s.known() && s.entry.Hash(s.program.Platform) != s.pinned.SHA256
}

// look finds a plugin's files and pins them. The result is to be closed.
func (g *guard) look(p *source.Plugin) (*suspect, error) {
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
	s := &suspect{Plugin: p, program: program, pinned: pinned}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.locks != nil {
		s.entry = g.locks.Plugin(p.Connector)
	}
	return s, nil
}

// start starts the connector of a source. If it is a plugin it may read the files in read.
func (g *guard) start(ctx context.Context, source *source.Source, read []string, opts host.Options) (*host.Process, hcl.Diagnostics) {
	plugin := g.config.Plugin(source.Connector)
	if plugin == nil {
		command, err := bundledCommand(g.config, source)
		if err != nil {
			return nil, failure(source.Range, err)
		}
		process, err := host.Start(ctx, command, opts)
		return process, failure(source.Range, err)
	}
	if g.wrong.HasErrors() {
		return nil, g.wrong
	}
	if address := g.debug.of(source); address != "" {
		return g.attach(ctx, source, address, opts)
	}
	if g.diags.HasErrors() && !plugin.NoLock {
		return nil, g.diags
	}
	s, err := g.look(plugin)
	if err != nil {
		return nil, failure(plugin.Range, err)
	}
	if s.changed() && !plugin.NoLock {
		s.Close()
		return nil, hcl.Diagnostics{g.hasChanged(s)}
	}
	process, err := g.run(ctx, s, read, opts)
	if err != nil {
		diags := failure(source.Range, err)
		diags[0].Detail += g.mayBeSandbox(plugin, err)
		return nil, diags
	}
	if plugin.NoLock {
		g.once("lock "+plugin.Connector, "plugin %q is not locked: lock = \"off\" at %s. Whatever its file holds is run.", plugin.Connector, position(plugin.Range))
		return process, nil
	}
	if diags := g.settle(s, process.Describe().Version); diags.HasErrors() {
		process.Close()
		return nil, diags
	}
	return process, nil
}

// mayBeSandbox says what to do where a plugin ended in a way that its sandbox may be the cause of; "" elsewhere.
func (g *guard) mayBeSandbox(p *source.Plugin, err error) string {
	text := strings.ToLower(err.Error())
	if !g.confinesPlugin(p) || !strings.Contains(text, "permission denied") && !strings.Contains(text, "eacces") {
		return ""
	}
	return fmt.Sprintf("\nIt runs in a sandbox, in which it may not read this. If it has to, name the file or its folder with read = [...] in its plugin block (%s).", position(p.Range))
}

// attach speaks to a plugin that somebody debugs.
func (g *guard) attach(ctx context.Context, source *source.Source, address string, opts host.Options) (*host.Process, hcl.Diagnostics) {
	g.mu.Lock()
	other := g.debug.take(address, source)
	g.mu.Unlock()
	if other != "" {
		return nil, problem(source.Range, "One process for two sources", "%s has both this source and %s attach to %s, but a process serves one source. Start another, and name each source with its own: %s=%s.%s=ADDRESS,...",
			proto.ReattachEnv, other, address, proto.ReattachEnv, source.Connector, source.Name)
	}
	g.once("attach "+address, "attached to %q at %s, as %s says: what runs there is neither locked nor confined.", source.Connector, address, proto.ReattachEnv)
	process, err := host.Attach(ctx, address, opts)
	if err != nil {
		diags := failure(source.Range, err)
		diags[0].Summary = "Cannot attach to the connector"
		diags[0].Detail += fmt.Sprintf("\nIf it is not being debugged any more, unset %s.", proto.ReattachEnv)
		return nil, diags
	}
	return process, nil
}

// once warns of something once in a run, however many sources it is about.
func (g *guard) once(what, format string, args ...any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.warned[what] {
		g.warned[what] = true
		g.app.warn(format, args...)
	}
}

// run starts a plugin, which takes what was made for it. It may read the files in read beside its own.
func (g *guard) run(ctx context.Context, s *suspect, read []string, opts host.Options) (*host.Process, error) {
	command := s.program.Command(s.pinned)
	command.Env = s.Env
	if !s.NoSandbox {
		g.warnOfSandbox()
		command.Sandbox = &host.Sandbox{Launcher: []string{os.Args[0], sandboxArg}, Read: s.program.Readable()}
		if dir := s.pinned.Dir(); dir != "" {
			command.Sandbox.Read = append(command.Sandbox.Read, dir)
		}
		for _, path := range append(slices.Clone(s.Read), read...) {
			command.Sandbox.Read = append(command.Sandbox.Read, g.absolute(path))
		}
	}
	return host.Start(ctx, command, opts)
}

// confines reports whether a source's connector runs in a sandbox.
func (g *guard) confines(s *source.Source) bool {
	p := g.config.Plugin(s.Connector)
	return p != nil && g.confinesPlugin(p) && g.debug.of(s) == ""
}

func (g *guard) confinesPlugin(p *source.Plugin) bool {
	return !p.NoSandbox && host.SandboxLevel() > host.Unconfined
}

func (g *guard) absolute(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(g.config.Dir, path)
}

// warnOfSandbox says where Linux cannot do what it usually can.
func (g *guard) warnOfSandbox() {
	if runtime.GOOS != "linux" {
		return
	}
	switch host.SandboxLevel() {
	case host.Unconfined:
		g.once("sandbox", "plugins are not confined, because this kernel has no Landlock: they can read and write what you can. To run one so without this warning, say sandbox = \"off\" in its block.")
	case host.PartlyConfined:
		g.once("sandbox", "plugins are confined but in part, because this kernel has an old Landlock: they can cut files short that you can write. Linux 6.2 or later has what is needed.")
	}
}

// settle holds a plugin's version against the lock file, or writes down what it is if nothing is known of it.
func (g *guard) settle(s *suspect, version string) hcl.Diagnostics {
	if s.entry != nil && s.entry.Version != version {
		return problem(s.Range, "Plugin has another version",
			"It says that it is version %q, but %s holds version %q. If that is as you want it, accept it with: %s",
			version, lockfile.Name, s.entry.Version, g.hint("plugin lock "+s.Connector))
	}
	if s.known() {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if entry := g.locks.Plugin(s.Connector); entry != nil { // another source's start may have been first
		s.entry = entry
		if s.changed() {
			return hcl.Diagnostics{g.hasChanged(s)}
		}
		if s.known() {
			return nil
		}
	}
	if err := g.record(s, version, nil); err != nil {
		g.app.warn("plugin %q is not locked, and cannot be: %v. A changed file would not be noticed.", s.Connector, err)
		return nil
	}
	fmt.Fprintf(g.app.stderr, "Plugin %q, version %q, runs for the first time: %s holds its SHA-256 now, %s. If its file changes, it is refused.\n",
		s.Connector, version, lockfile.Name, shortHash(s.pinned.SHA256))
	return nil
}

// record writes a plugin's entry, with the hashes for other platforms that are known, and those in the file where they are
// of the same version. g.mu is held.
func (g *guard) record(s *suspect, version string, others map[string]string) error {
	latest, _, diags := lockfile.Read(g.path()) // somebody else may have written it meanwhile
	if diags.HasErrors() {
		return diags
	}
	entry := lockfile.Plugin{Connector: s.Connector, Version: version, SHA256: map[string]string{}}
	if old := latest.Plugin(s.Connector); old != nil && old.Version == version {
		maps.Copy(entry.SHA256, old.SHA256)
	}
	maps.Copy(entry.SHA256, others)
	if s.program.Platform == lockfile.Any {
		clear(entry.SHA256) // what there was for single platforms was another file
	} else {
		delete(entry.SHA256, lockfile.Any)
	}
	entry.SHA256[s.program.Platform] = s.pinned.SHA256
	latest.Set(entry)
	if err := latest.Write(g.path()); err != nil {
		return err
	}
	g.locks = latest
	return nil
}

func (g *guard) hasChanged(s *suspect) *hcl.Diagnostic {
	at := s.Range
	var files []string
	for _, file := range s.program.Files {
		if rel, err := filepath.Rel(g.config.Dir, file); err == nil && filepath.IsLocal(rel) {
			file = rel
		}
		files = append(files, file)
	}
	is, what := "is not the file that was accepted: its", enumerate(files)
	if len(files) > 1 {
		is = "are not the files that were accepted: their"
	}
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Plugin has changed", Subject: &at, Detail: fmt.Sprintf(
		"%s %s SHA-256 is %s, but %s holds %s for version %q on %s. It was not run. If you built or updated it yourself, accept it with: %s\nIf not, find out who changed it first.",
		what, is, shortHash(s.pinned.SHA256), lockfile.Name, shortHash(s.entry.Hash(s.program.Platform)), s.entry.Version, s.program.Platform,
		g.hint("plugin lock "+s.Connector))}
}

// hint returns a command line of this program for this configuration.
func (g *guard) hint(command string) string {
	if g.app.configPath != "reconcile.hcl" {
		path := g.app.configPath
		if strings.ContainsAny(path, " \t'\"\\$*") {
			path = strconv.Quote(path)
		}
		command += " --config " + path
	}
	return "reconcile " + command
}

// shortHash is as much of a hash as people compare.
func shortHash(hash string) string {
	const enough = 12
	return hash[:min(enough, len(hash))]
}

func problem(at hcl.Range, summary, format string, args ...any) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: &at}}
}

// failure is the diagnostic of a connector that cannot be started; none without an error.
func failure(at hcl.Range, err error) hcl.Diagnostics {
	if err == nil {
		return nil
	}
	detail := err.Error()
	var failed *host.Failure
	if errors.As(err, &failed) {
		detail = failed.Explanation()
	}
	return problem(at, "The connector cannot be started", "%s", strings.TrimSpace(detail))
}
