package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/localcopy"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
)

// Sources are sources of a configuration whose connectors were started. They are to be closed.
type Sources struct {
	Config *rules.Config
	List   []*Source

	session *Session
	guard   *guard.Guard    // that started them; nil if there are none
	loaded  hcl.Diagnostics // of reading the configuration
	stopped sync.WaitGroup
}

// Source is a source whose connector was started. What could not be had of it is nil, and a diagnostic says why.
type Source struct {
	*source.Source
	Schema *catalog.Schema

	of                 *Sources
	applies            bool // it may be changed
	process            *host.Process
	meaning            string              // of its settings: see source.Settings
	settings, identity []byte              // the same
	lasting            []byte              // the same
	files              bool                // the settings name files
	copy               *localcopy.Identity // of the Local Copy that it keeps; nil if it keeps none
	kept               []byte              // what items that were made of it are kept for: see made; nil if they are not
	diags              hcl.Diagnostics
	ending             sync.Once
}

// Hint returns a command to be typed next, about the configuration of these sources.
func (s *Sources) Hint(typed ...string) string { return s.session.Hint(typed...) }

// Open starts the sources of these names, all of them if there is no name. A source that cannot be used is in the list, too:
// Describe says what is wrong with it. A name is that of a source block, with or without the connector.
func (s *Session) Open(ctx context.Context, names []string) (*Sources, error) {
	config, diags := s.Load()
	if diags.HasErrors() && len(config.Sources) == 0 {
		return nil, s.Refuse(config, diags)
	}
	chosen, err := chooseSources(config, names)
	if err != nil {
		return nil, err
	}
	list := s.open(ctx, config, chosen, nil)
	list.loaded = diags
	if ctx.Err() != nil {
		list.Close()
		return nil, context.Canceled
	}
	return list, nil
}

func chooseSources(config *rules.Config, names []string) ([]*source.Source, error) {
	if len(names) == 0 {
		return config.Sources, nil
	}
	var chosen []*source.Source
	for _, name := range names {
		found := false
		for _, s := range config.Sources {
			if name == s.Name || name == s.Connector+"."+s.Name || name == s.Address() {
				chosen, found = append(chosen, s), true
			}
		}
		if !found {
			var known []string
			for _, s := range config.Sources {
				known = append(known, s.Connector+"."+s.Name)
			}
			return nil, fmt.Errorf("there is no source %q; there are: %s", name, strings.Join(known, ", "))
		}
	}
	return chosen, nil
}

// open starts the given sources side by side and configures them, one of them so that it may be changed; nil: none.
func (s *Session) open(ctx context.Context, config *rules.Config, sources []*source.Source, changed *source.Source) *Sources {
	g := s.Guard(config)
	all := &Sources{session: s, Config: config, guard: g, List: make([]*Source, len(sources))}
	var started sync.WaitGroup
	for i, source := range sources {
		all.List[i] = &Source{Source: source, of: all, applies: source == changed}
		started.Go(fault.Caught(func() { all.List[i].open(ctx, g) }))
	}
	started.Wait()
	return all
}

// Close stops all connectors.
func (s *Sources) Close() {
	s.LetGo()
	s.stopped.Wait()
}

// LetGo has the connectors' processes end, and does not wait for that. No source can be asked for anything any more.
func (s *Sources) LetGo() {
	for _, source := range s.List {
		source.letGo()
	}
}

// letGo has the connector's process end, as LetGo has all.
func (o *Source) letGo() {
	o.ending.Do(func() {
		if o.process != nil {
			o.of.stopped.Go(fault.Caught(o.process.Close))
		}
	})
}

// find returns the opened source; nil if it was not to be opened.
func (s *Sources) find(source *source.Source) *Source {
	for _, o := range s.List {
		if o.Source == source {
			return o
		}
	}
	return nil
}

// SchemaOf returns the fields of a source; nil if they are not known.
func (s *Sources) SchemaOf(source *source.Source) *catalog.Schema {
	if o := s.find(source); o != nil {
		return o.Schema
	}
	return nil
}

// diagnostics returns what opening the sources brought to light, in their order.
func (s *Sources) diagnostics() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, o := range s.List {
		diags = rules.Merge(diags, o.diags)
	}
	return diags
}

// open goes as far as it can: a source that cannot give its schema hides only the checks on its fields.
func (o *Source) open(ctx context.Context, g *guard.Guard) {
	config := o.of.Config
	if !o.start(ctx, g, nil) {
		return
	}
	secrets, read := config.Secrets, config.Settings
	if o.applies {
		secrets, read = config.SecretsToApply, config.SettingsToApply
	}
	g.Secrets.Add(secrets(o.Source, o.process.Describe().Settings)...)
	settings, diags := read(o.Source, o.process.Describe().Settings)
	o.diags = append(o.diags, diags...)
	if settings == nil {
		return
	}
	o.meaning, o.settings, o.files = string(settings.Meaning), settings.JSON, len(settings.Paths) > 0
	o.identity, o.lasting = settings.Identity, settings.Lasting
	if g.Confines(o.Source) && len(settings.Paths) > 0 {
		// What it may read is settled at its start, and only the plugin knew which settings name files.
		o.process.Close()
		if !o.start(ctx, g, settings.Paths) {
			return
		}
	}
	over := o.waitFor("has not said what it makes of its settings")
	problems, err := o.process.Configure(ctx, settings.JSON, settings.Secrets)
	over()
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
		o.kept = o.made(settings)
	}
	defer o.waitFor("has not told its fields")()
	if o.Schema, err = o.process.Schema(ctx); err != nil {
		o.fail("The source cannot be read", err)
		return
	}
	o.setItemPage()
}

// setItemPage takes what the configuration says of items' pages in place of what the connector does.
func (o *Source) setItemPage() {
	said := o.ItemPage
	if said == nil {
		return
	}
	schema, err := o.Schema.WithItemPage(said.Page)
	if text := said.Page; err == nil && text != nil && o.of.guard.Secrets.Hide(text.String()) != text.String() {
		err = errors.New("it has the value of a sensitive setting in it, and everybody sees it")
	}
	if err != nil {
		o.diags = append(o.diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Summary: "Invalid address of a page", Subject: &said.Range,
			Detail: fmt.Sprintf(`"item_page" is no address of an item's page of this source: %v.`, err),
		})
		return
	}
	o.Schema = schema
}

// start starts the connector, which may read the files in read; it returns false after a diagnostic.
func (o *Source) start(ctx context.Context, g *guard.Guard, read []string) bool {
	defer o.waitFor("has not started")()
	var diags hcl.Diagnostics
	o.process, diags = g.Start(ctx, o.Source, read, host.Options{Label: o.label(), Timeout: o.ReadTimeout, ReadLimit: o.ReadLimit, MaxItems: o.MaxItems, Version: g.Version, Log: g.Log, Secrets: g.Secrets, Apply: o.applies})
	o.diags = append(o.diags, diags...)
	if o.process == nil {
		o.diags = append(o.diags, o.of.Config.CheckSource(o.Source)...)
	}
	return o.process != nil
}

func (o *Source) session() *Session { return o.of.session }

func (o *Source) label() string { return fmt.Sprintf("source %q %q", o.Connector, o.Name) }

// ShortName returns the source as commands take it: bigcommerce.web.
func (o *Source) ShortName() string { return o.Connector + "." + o.Name }

func (o *Source) fail(summary string, err error) {
	diag := guard.Failed(o.Range, summary, err)
	diag.Detail += o.of.guard.MayBeConfined(o.Source, err)
	o.diags = append(o.diags, diag)
}
