package inventory

import (
	"context"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

var _ rest.Records = (*Shop)(nil)

// List implements rest.Records.
func (s *Shop) List(ctx context.Context, reconciliation string, most int) ([]store.Run, error) {
	return s.Runs.List(ctx, reconciliation, most)
}

// Find implements rest.Records.
func (s *Shop) Find(ctx context.Context, id string) (store.Run, error) { return s.Runs.Find(ctx, id) }

// Sources implements rest.Records.
func (s *Shop) Sources(context.Context) ([]rest.Source, error) {
	config, diags := s.Session().Load()
	var list []rest.Source
	for _, of := range config.Sources {
		said := rest.Source{Connector: of.Connector, Name: of.Name, Reconciliations: []string{}}
		for _, r := range config.Reconciliations {
			if r.Pos == of || r.Store == of {
				said.Reconciliations = append(said.Reconciliations, r.Name)
			}
		}
		list = append(list, said)
	}
	if diags.HasErrors() {
		return list, s.Session().Refuse(config, diags)
	}
	return list, nil
}
