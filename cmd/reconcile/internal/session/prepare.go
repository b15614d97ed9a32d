package session

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"
)

// Prepared is a reconciliation that is ready to run, with its two sources. It is to be closed.
type Prepared struct {
	*Sources
	Diagnosis      // what there is to warn of
	Reconciliation *rules.Reconciliation
	Program        *rules.Program
}

// Prepare loads the configuration, opens the sources of the reconciliation of that name, "" for the only one, and compiles
// its rules. Of mistakes it returns all at once, in a *MistakesError.
func (s *Session) Prepare(ctx context.Context, name string) (*Prepared, error) {
	return s.prepare(ctx, name, false)
}

// prepare opens a reconciliation, where applies so that its store can be changed.
func (s *Session) prepare(ctx context.Context, name string, applies bool) (*Prepared, error) {
	s.heard.clear()
	config, diags := s.Load()
	if hopeless(config, diags) {
		return nil, s.Refuse(config, diags)
	}
	if err := s.Spare(config); err != nil {
		return nil, err
	}
	reconciliation, chooseDiags := s.choose(config, name)
	diags = append(diags, chooseDiags...)
	needed := config.Sources
	if reconciliation != nil {
		needed = sourcesOf(reconciliation)
	}
	var changed *source.Source
	if applies && reconciliation != nil {
		changed = reconciliation.Store
	}
	sources := s.open(ctx, config, needed, changed)
	diags = append(diags, sources.diagnostics()...)
	p := &Prepared{Sources: sources, Reconciliation: reconciliation}
	if reconciliation != nil {
		var more hcl.Diagnostics
		p.Program, more = config.Compile(reconciliation, sources.SchemaOf(reconciliation.Pos), sources.SchemaOf(reconciliation.Store), time.Now())
		diags = rules.Merge(diags, rules.WithoutNotOffered(more))
		diags = rules.Merge(diags, config.CheckRules([]*rules.Reconciliation{reconciliation}))
		if !diags.HasErrors() { // else it is one more thing to read, and nobody knows what holds once they are mended
			diags = append(diags, s.olderRules(config, weakerRulesOf(reconciliation))...)
		}
		diags = append(diags, sources.sameData(reconciliation)...)
	}
	if diags.HasErrors() {
		// Somebody is about to mend the file: say what is wrong in sources that this run does not need, too.
		for _, source := range config.Sources {
			if sources.find(source) == nil {
				diags = rules.Merge(diags, config.CheckSource(source))
			}
		}
	}
	var err error
	if p.Diagnosis, err = s.judge(ctx, config, diags); err != nil {
		sources.Close()
		return nil, err
	}
	return p, nil
}

// sameData warns of two source blocks that read the same: nothing would ever differ.
func (s *Sources) sameData(r *rules.Reconciliation) hcl.Diagnostics {
	pos, store := s.find(r.Pos), s.find(r.Store)
	if pos == nil || store == nil || pos == store || pos.Connector != store.Connector || len(pos.identity) <= len("{}") ||
		!bytes.Equal(pos.identity, store.identity) || !pos.files && !bytes.Equal(pos.settings, store.settings) { // a token may say whose items they are
		return nil
	}
	return hcl.Diagnostics{{
		Severity: hcl.DiagWarning, Summary: "Both sides read the same", Subject: &store.Range,
		Detail: fmt.Sprintf("%s and %s have the same settings, so every item is compared with itself. Name in one of them what the other side has.", pos.Address(), store.Address()),
	}}
}

// choose returns the reconciliation of that name, or the only one if name is "".
func (s *Session) choose(config *rules.Config, name string) (*rules.Reconciliation, hcl.Diagnostics) {
	r, diags := config.Choose(name)
	if list := config.Reconciliations; name == "" && len(list) > 1 && s.CommandFor != nil {
		for _, diag := range diags {
			diag.Detail += "\nFor example:\n  " + s.CommandFor(list[0].Name) // a line that begins with a blank is not broken
		}
	}
	return r, diags
}

// hopeless reports whether there is so little of a configuration that only its mistakes can be told.
func hopeless(config *rules.Config, diags hcl.Diagnostics) bool {
	return len(config.Files) == 0 || config.Shops != nil && config.Shops.Unusable || len(config.Sources)+len(config.Rules)+len(config.Reconciliations) == 0 && diags.HasErrors()
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

// CheckCodes returns an error unless the reconciliation has a rule of each code.
func (p *Prepared) CheckCodes(codes ...string) error {
	var known []string
	for _, r := range p.Reconciliation.Rules {
		known = append(known, r.Code)
	}
	for _, code := range codes {
		if slices.Contains(known, code) {
			continue
		}
		meant := ""
		if near := catalog.Nearest(code, known); near != "" {
			meant = fmt.Sprintf(" Did you mean %s?", near)
		}
		return fmt.Errorf("reconciliation %q has no rule %q.%s It has %s", p.Reconciliation.Name, code, meant, strings.Join(known, ", "))
	}
	return nil
}
