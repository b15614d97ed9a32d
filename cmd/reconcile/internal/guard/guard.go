// Package guard starts connectors. It lets a plugin run that is what the lock file says, refuses one that is not, writes down
// what a plugin is that runs for the first time, and puts plugins into their sandbox.
package guard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/lockfile"
	"github.com/reconcilehq/reconcile/plugins/proto"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// Self is the program as it starts itself.
type Self struct {
	Version string
	Bundled []string                                     // the connectors that come with it
	Command func(connector string) (host.Command, error) // starts one of those
	Confine []string                                     // starts what takes its own rights away and becomes a plugin
	Reap    []string                                     // starts what starts a plugin, and ends all that this leaves
}

// Options are what a Guard needs beside the configuration.
type Options struct {
	Self
	ConfigPath string       // of the configuration, as people name it
	Log        *slog.Logger // takes the connectors' log
	Secrets    *host.Secrets
	Warn       func(text string)
	Say        func(text string)            // tells what is no cause for worry
	Hint       func(words ...string) string // returns a command to be typed next
}

// Guard starts the connectors of one configuration. It may be used from several goroutines.
type Guard struct {
	Options
	config *rules.Config

	mu     sync.Mutex
	locks  *lockfile.File // nil where the file has mistakes
	diags  hcl.Diagnostics
	warned map[string]bool
	debug  reattach
	wrong  hcl.Diagnostics // with how debug was said
}

// New returns the guard of a configuration. Mistakes in the lock file stop plugins, and nothing else.
func New(config *rules.Config, o Options) *Guard {
	g := &Guard{Options: o, config: config, warned: map[string]bool{}}
	if len(config.Plugins) == 0 {
		return g
	}
	_ = g.Read() // Mistakes returns what is wrong
	var unknown []string
	var err error
	g.debug, unknown, err = readReattach(config)
	if err != nil {
		g.wrong = hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Cannot attach", Detail: err.Error() + "."}}
	}
	if len(unknown) > 0 {
		g.Warn(fmt.Sprintf("%s names %s, which is no plugin of this configuration, nor a source of one.", proto.ReattachEnv, words.Enumerate(unknown)))
	}
	return g
}

// LockFileOf returns the path of the lock file of a configuration, there or not.
func LockFileOf(config *rules.Config) string { return filepath.Join(config.Dir, lockfile.Name) }

// path returns where the lock file is, as the configuration's own files are shown.
func (g *Guard) path() string {
	dir := g.config.Dir
	if here, err := filepath.Abs("."); err == nil && !filepath.IsAbs(g.ConfigPath) {
		if rel, err := filepath.Rel(here, dir); err == nil {
			dir = rel
		}
	}
	return filepath.Join(dir, lockfile.Name)
}

// Read reads the lock file and returns the mistakes in it. New has done so where the configuration has plugins.
func (g *Guard) Read() hcl.Diagnostics {
	var files map[string]*hcl.File
	g.locks, files, g.diags = lockfile.Read(g.path())
	maps.Copy(g.config.Files, files)
	return g.diags
}

// Mistakes returns what is wrong with the lock file.
func (g *Guard) Mistakes() hcl.Diagnostics { return g.diags }

// Start starts the connector of a source. If it is a plugin it may read the files in read. Of a connector that nobody knows, of which the
// configuration's diagnostics tell, there is no process, and no diagnostics.
func (g *Guard) Start(ctx context.Context, source *source.Source, read []string, opts host.Options) (*host.Process, hcl.Diagnostics) {
	plugin := g.config.Plugin(source.Connector)
	switch bundled := slices.Contains(g.Bundled, source.Connector); {
	case plugin == nil && !bundled:
		return nil, nil
	case plugin == nil:
		command, err := g.Command(source.Connector)
		if err != nil {
			return nil, failure(source.Range, err)
		}
		command.Dir, command.OwnTemp = g.config.Dir, true
		opts.Bundled = true
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
	s, err := g.Look(plugin)
	if err != nil {
		return nil, failure(plugin.Range, err)
	}
	if s.Changed() && !plugin.NoLock {
		s.Close()
		return nil, hcl.Diagnostics{g.hasChanged(s)}
	}
	process, err := g.Run(ctx, s, read, opts)
	if err != nil {
		diags := failure(source.Range, err)
		diags[0].Detail += g.MayBeSandbox(plugin, err)
		return nil, diags
	}
	if plugin.NoLock {
		g.once("lock "+plugin.Connector, "plugin %q is not locked: lock = \"off\" at %s. Whatever its file holds is run.", plugin.Connector, words.Position(plugin.Range))
		return process, nil
	}
	if diags := g.settle(s, process.Describe().Version); diags.HasErrors() {
		process.Close()
		return nil, diags
	}
	return process, nil
}

// once warns of something once in a run, however many sources it is about.
func (g *Guard) once(what, format string, args ...any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.warned[what] {
		g.warned[what] = true
		g.Warn(fmt.Sprintf(format, args...))
	}
}

func problem(at hcl.Range, summary, format string, args ...any) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: &at}}
}

// failure is the diagnostic of a connector that cannot be started; none without an error.
func failure(at hcl.Range, err error) hcl.Diagnostics {
	if err == nil {
		return nil
	}
	return hcl.Diagnostics{Failed(at, "The connector cannot be started", err)}
}

// Failed is the diagnostic of what a source failed at, at its block, which says whose failure it is.
func Failed(at hcl.Range, summary string, err error) *hcl.Diagnostic {
	detail := err.Error()
	var failure *host.Failure
	if errors.As(err, &failure) {
		detail = strings.TrimPrefix(detail, failure.Label+": ")
	}
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: strings.TrimSpace(detail), Subject: &at}
}
