package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/localcopy"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"
)

// session is a configuration with its sources running.
type session struct {
	app     *app
	config  *rules.Config
	sources []*openSource

	ending  sync.Once
	stopped sync.WaitGroup
}

// openSource is a source whose connector was started. What could not be had of it is nil, and a diagnostic says why.
type openSource struct {
	*source.Source
	process *host.Process
	schema  *catalog.Schema
	copy    *localcopy.Identity // of the Local Copy that it keeps; nil if it keeps none
	diags   hcl.Diagnostics
}

// load reads the configuration and shows syntax errors; other mistakes are in the diagnostics.
func (a *app) load() (*rules.Config, hcl.Diagnostics) {
	return rules.Load(a.configPath, rules.Options{Bundled: bundledNames()})
}

// open starts the given sources side by side and configures them. The session is to be closed.
func (a *app) open(ctx context.Context, config *rules.Config, sources []*source.Source) *session {
	s := &session{app: a, config: config, sources: make([]*openSource, len(sources))}
	guard := a.guard(config)
	var started sync.WaitGroup
	for i, source := range sources {
		s.sources[i] = &openSource{Source: source}
		started.Go(func() { s.sources[i].open(ctx, guard) })
	}
	started.Wait()
	return s
}

// Close stops all connectors.
func (s *session) Close() {
	s.letGo()
	s.stopped.Wait()
}

// letGo has the connectors' processes end, and does not wait for that. No source can be asked for anything any more.
func (s *session) letGo() {
	s.ending.Do(func() {
		for _, source := range s.sources {
			if source.process != nil {
				s.stopped.Go(source.process.Close)
			}
		}
	})
}

// of returns the opened source; nil if it was not to be opened.
func (s *session) of(source *source.Source) *openSource {
	for _, o := range s.sources {
		if o.Source == source {
			return o
		}
	}
	return nil
}

func (s *session) schemaOf(source *source.Source) *catalog.Schema {
	if o := s.of(source); o != nil {
		return o.schema
	}
	return nil
}

// diagnostics returns what opening the sources brought to light, in their order.
func (s *session) diagnostics() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, o := range s.sources {
		diags = rules.Merge(diags, o.diags)
	}
	return diags
}

// open goes as far as it can: a source that cannot give its schema hides only the checks on its fields.
func (o *openSource) open(ctx context.Context, g *guard) {
	config := g.config
	if !o.start(ctx, g, nil) {
		return
	}
	g.app.secrets.Add(config.Secrets(o.Source, o.process.Describe().Settings)...)
	settings, diags := config.Settings(o.Source, o.process.Describe().Settings)
	o.diags = append(o.diags, diags...)
	if settings == nil {
		return
	}
	if g.confines(o.Source) && len(settings.Paths) > 0 {
		// What it may read is settled at its start, and only the plugin knew which settings name files.
		o.process.Close()
		if !o.start(ctx, g, settings.Paths) {
			return
		}
	}
	problems, err := o.process.Configure(ctx, settings.JSON, settings.Secrets)
	if err != nil {
		o.fail("The source cannot be configured", err)
		return
	}
	objections := settings.Diagnose(problems)
	o.diags = append(o.diags, objections...)
	if objections.HasErrors() {
		return
	}
	if about := o.process.Describe(); o.process.KeepsCopy() {
		o.copy = &localcopy.Identity{Connector: o.Connector, Settings: settings.Identity, Kinds: about.RecordKinds, Version: about.CopyVersion}
	}
	if o.schema, err = o.process.Schema(ctx); err != nil {
		o.fail("The source cannot be read", err)
	}
}

// start starts the connector, which may read the files in read; it returns false after a diagnostic.
func (o *openSource) start(ctx context.Context, g *guard, read []string) bool {
	var diags hcl.Diagnostics
	o.process, diags = g.start(ctx, o.Source, read, host.Options{Label: o.label(), Timeout: o.ReadTimeout, Version: version, Log: g.app.log, Secrets: g.app.secrets})
	o.diags = append(o.diags, diags...)
	if o.process == nil {
		o.diags = append(o.diags, g.config.CheckSource(o.Source)...)
	}
	return o.process != nil
}

func (o *openSource) label() string { return fmt.Sprintf("source %q %q", o.Connector, o.Name) }

func (o *openSource) fail(summary string, err error) {
	at := o.Range
	detail := err.Error()
	var failure *host.Failure
	if errors.As(err, &failure) {
		detail = failure.Explanation()
	}
	o.diags = append(o.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &at})
}

// prepared is a reconciliation that is ready to run.
type prepared struct {
	*session
	reconciliation *rules.Reconciliation
	program        *rules.Program
}

// prepare loads the configuration, opens the sources of the reconciliation of that name and compiles its rules. It
// shows all warnings and mistakes; after a mistake it returns errReported. The result is to be closed.
func (a *app) prepare(ctx context.Context, name string) (*prepared, error) {
	config, diags := a.load()
	if len(config.Files) == 0 || len(config.Sources)+len(config.Rules)+len(config.Reconciliations) == 0 && diags.HasErrors() {
		return nil, a.refuse(config, diags)
	}
	reconciliation, chooseDiags := config.Choose(name)
	diags = append(diags, chooseDiags...)
	needed := config.Sources
	if reconciliation != nil {
		needed = sourcesOf(reconciliation)
	}
	s := a.open(ctx, config, needed)
	diags = append(diags, s.diagnostics()...)
	p := &prepared{session: s, reconciliation: reconciliation}
	if reconciliation != nil {
		var more hcl.Diagnostics
		p.program, more = config.Compile(reconciliation, s.schemaOf(reconciliation.Pos), s.schemaOf(reconciliation.Store), time.Now())
		diags = rules.Merge(diags, more)
		diags = rules.Merge(diags, config.CheckRules([]*rules.Reconciliation{reconciliation}))
	}
	if diags.HasErrors() {
		// Somebody is about to mend the file: say what is wrong in sources that this run does not need, too.
		for _, source := range config.Sources {
			if s.of(source) == nil {
				diags = rules.Merge(diags, config.CheckSource(source))
			}
		}
	}
	if err := a.showAll(ctx, config, diags); err != nil {
		s.Close()
		return nil, err
	}
	return p, nil
}

func sourcesOf(r *rules.Reconciliation) []*source.Source {
	var sources []*source.Source
	for _, s := range []*source.Source{r.Pos, r.Store} {
		if s != nil {
			sources = append(sources, s)
		}
	}
	return sources
}

// showAll prints the diagnostics and returns an error if there is a mistake among them.
func (a *app) showAll(ctx context.Context, config *rules.Config, diags hcl.Diagnostics) error {
	if ctx.Err() != nil {
		return context.Canceled
	}
	if diags.HasErrors() {
		return a.refuse(config, diags)
	}
	return a.show(config.Files, diags)
}

func (a *app) refuse(config *rules.Config, diags hcl.Diagnostics) error {
	if err := a.show(config.Files, diags); err != nil {
		return err
	}
	return errReported
}
