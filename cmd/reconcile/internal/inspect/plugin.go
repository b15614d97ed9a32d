package inspect

import (
	"context"
	"errors"
	"slices"

	"github.com/reconcilehq/reconcile/plugins/devkit/manual"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// ErrNoPlugin says that the configuration has no plugin block of that name, or that there is no configuration.
var ErrNoPlugin = errors.New("no plugin of the configuration")

// PluginPage returns the page of a plugin that the configuration names. The plugin is started as for a run: locked, and in its
// sandbox. Its fields are those of its first source there; without one, or where that cannot be opened, those that it has by itself.
func PluginPage(ctx context.Context, s *session.Session, name string) (page manual.Connector, err error) {
	config, diags := s.Load()
	plugin := config.Plugin(name)
	if plugin == nil {
		return page, ErrNoPlugin
	}
	if i := slices.IndexFunc(config.Sources, func(s *source.Source) bool { return s.Connector == name }); i >= 0 {
		return sourcePage(ctx, s, config.Sources[i])
	}
	guard := s.Guard(config)
	d := &inspection{session: s}
	d.start = func(ctx context.Context) (*host.Process, error) {
		process, failed := guard.Start(ctx, &source.Source{Connector: name, Range: plugin.Range}, nil,
			host.Options{Label: "plugin " + name, Version: s.Version, Log: s.Log, Secrets: s.Secrets})
		if process == nil {
			return nil, s.Refuse(config, append(diags, failed...))
		}
		return process, nil
	}
	page.Schema, err = d.schemaByItself(ctx)
	fill(&page, d.about)
	return page, err
}

// sourcePage returns the page of a source's connector.
func sourcePage(ctx context.Context, s *session.Session, of *source.Source) (page manual.Connector, err error) {
	sources, err := s.Open(ctx, []string{of.Address()})
	if err != nil {
		return page, err
	}
	defer sources.Close()
	opened := sources.List[0]
	about, ok := opened.About()
	if !ok {
		return page, opened.Refusal()
	}
	fill(&page, about)
	if page.Schema = opened.Schema; page.Schema != nil {
		page.Of = configured(of, s.ConfigPath)
	}
	return page, nil
}
