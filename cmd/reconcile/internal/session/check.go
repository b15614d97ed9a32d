package session

import (
	"context"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/rules"
)

// Checked is a configuration in which no mistake was found, with all its sources unless it was checked offline. It is to be
// closed.
type Checked struct {
	*Sources
	Diagnosis // what there is to warn of
}

// Check finds all that is wrong with the configuration, in a *MistakesError. Offline it starts no connector, and does not
// check settings and fields.
func (s *Session) Check(ctx context.Context, offline bool) (*Checked, error) {
	config, diags := s.Load()
	if len(config.Files) == 0 {
		return nil, s.Refuse(config, diags)
	}
	sources := &Sources{session: s, Config: config}
	if offline {
		for _, source := range config.Sources {
			diags = rules.Merge(diags, config.CheckSource(source))
		}
	} else {
		sources = s.open(ctx, config, config.Sources, nil)
		diags = append(diags, sources.diagnostics()...)
	}
	for _, r := range config.Reconciliations {
		var more hcl.Diagnostics
		_, more = config.Compile(r, sources.SchemaOf(r.Pos), sources.SchemaOf(r.Store), time.Now())
		diags = rules.Merge(diags, more)
	}
	diags = rules.Merge(diags, config.CheckRules(config.Reconciliations))
	if !diags.HasErrors() { // else it is one more thing to read, and nobody knows what holds once they are mended
		diags = append(diags, s.olderRules(config, sources.couldHold(config.Reconciliations))...)
	}
	warnings, err := s.judge(ctx, config, diags)
	if err != nil {
		sources.Close()
		return nil, err
	}
	return &Checked{sources, warnings}, nil
}

// Rules returns the configuration, and the reconciliation of that name, "" for the only one. It starts nothing.
func (s *Session) Rules(name string) (*rules.Config, *rules.Reconciliation, error) {
	config, diags := s.Load()
	if diags.HasErrors() {
		return nil, nil, s.Refuse(config, diags)
	}
	r, diags := s.choose(config, name)
	diags = append(diags, config.SecretsShown()...)
	if diags.HasErrors() {
		return nil, nil, s.Refuse(config, diags)
	}
	return config, r, nil
}
