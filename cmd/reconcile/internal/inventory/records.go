package inventory

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
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

// Open implements rest.Records.
func (s *Shop) Open(_ context.Context, run store.Run) (*history.Run, error) { return s.Runs.Open(run) }

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
		return list, errors.New(session.InWords(s.Session().Refuse(config, diags)))
	}
	return list, nil
}

// Accept implements rest.Records. It is in the audit trail before it is made: no acceptance is there of which nobody knows who it is from.
func (s *Shop) Accept(ctx context.Context, who store.Actor, reconciliation string, run *report.Result, a rest.Acceptance) (*rest.Accepted, error) {
	var findings []session.Finding
	for _, f := range a.Findings {
		findings = append(findings, session.Finding{Item: f.Item, Rule: f.Rule})
	}
	terms := rules.Terms{Reason: a.Reason, Owner: a.Owner, Expires: a.Expires, Pin: a.Pin}
	said, err := s.accept(reconciliation, run, findings, terms, a.PassOver, true)
	if err != nil || a.Try {
		return said, err
	}
	switch {
	case len(said.What) == 0:
		return nil, &rest.Problem{Status: http.StatusConflict, Code: "not_accepted", Text: "All of this is accepted already: the next import shows it so."}
	case a.Expect > 0 && a.Expect != len(said.What):
		return nil, &rest.Problem{Status: http.StatusConflict, Code: "another_count", Text: fmt.Sprintf("These are %d, and not %d as they were: somebody has accepted or taken back in the meantime. Look again at what it covers.", len(said.What), a.Expect)}
	}
	e := store.Entry{What: "accept", Subject: reconciliation, After: inShort(said.What) + ": " + a.Reason}
	if !a.Expires.IsZero() {
		e.After += ", until " + a.Expires.Format("2006-01-02")
	}
	if err := s.Store.Note(ctx, who, e); err != nil {
		return nil, err
	}
	said, err = s.accept(reconciliation, run, findings, terms, a.PassOver, false)
	if err != nil {
		e.What, e.Before, e.After = "accept.failed", e.After, err.Error()
		if noted := s.Store.Note(ctx, who, e); noted != nil {
			return nil, noted
		}
	}
	return said, err
}

func (s *Shop) accept(reconciliation string, run *report.Result, findings []session.Finding, terms rules.Terms, passOver, try bool) (*rest.Accepted, error) {
	accepted, err := s.Session().AcceptKept(reconciliation, run, findings, terms, passOver, try)
	var unwritten *session.UnwrittenError
	if errors.As(err, &unwritten) {
		p := rest.Problem{Status: http.StatusConflict, Code: "not_writable", Text: fmt.Sprintf("Nothing was accepted: reconcile may not change its file (%v). Somebody who may adds this to %s. The next import shows it then.", err, unwritten.Path)}
		return nil, &rest.ByHandError{Problem: p, File: unwritten.Path, Block: unwritten.Text}
	}
	if err != nil {
		return nil, &rest.Problem{Status: http.StatusConflict, Code: "not_accepted", Text: session.InWords(err)}
	}
	said := &rest.Accepted{File: accepted.Path, List: accepted.Baseline, What: []rest.AcceptedItem{}, Already: accepted.Passed}
	for _, one := range accepted.List {
		said.What = append(said.What, rest.AcceptedItem{SKU: one.SKU, What: one.What()})
	}
	return said, nil
}

// mostNamed is how many acceptances an entry of the audit trail names. The file that they are in has all.
const mostNamed = 50

func inShort(list []rest.AcceptedItem) string {
	var parts []string
	for _, it := range list[:min(len(list), mostNamed)] {
		parts = append(parts, it.SKU+" "+it.What)
	}
	text := strings.Join(parts, ", ")
	if left := len(list) - mostNamed; left > 0 {
		text += fmt.Sprintf(" and %d more", left)
	}
	return text
}
