package session

import (
	"errors"
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/explain"
)

// ExplainKept says how each rule came to its cell of an item of a run that was kept, of which both sides' values are there. It starts no
// source. Of a rule that says something else than when the run was made, it says nothing.
func (s *Session) ExplainKept(reconciliation string, run *report.Result, it *report.Item) ([]explain.Explanation, error) {
	p, err := s.again(reconciliation, run, it)
	if err != nil {
		return nil, err
	}
	pair := explain.Pair{On: it.Status, Pos: it.Pos.Batch, PosRow: it.Pos.I, Store: it.Store.Batch, StoreRow: it.Store.I, Key: keyOfKept(it)}
	var same []explain.Explanation
	for _, e := range explain.Cells(p.Config, p.Program, pair, time.Now()) {
		if p.sameRule(run, e.Code) {
			same = append(same, e)
		}
	}
	return same, nil
}

// keyOfKept returns what an item of a run that was kept was paired by.
func keyOfKept(it *report.Item) string {
	if it.Key != "" {
		return it.Key
	}
	return it.SKU()
}

// sameRule reports whether the rule of that code says what it said when a run was made.
func (p *Prepared) sameRule(run *report.Result, code string) bool {
	for i := range p.Program.Rules {
		for _, r := range run.Rules {
			if p.Program.Rules[i].Code == code && r.Code == code {
				return r.Meaning != "" && p.Program.Meaning(i) == r.Meaning
			}
		}
	}
	return false
}

// again compiles the rules of today for the fields that an item of a run has, without starting a source.
func (s *Session) again(reconciliation string, run *report.Result, it *report.Item) (*Prepared, error) {
	config, diags := s.Load()
	if diags.HasErrors() {
		return nil, s.Refuse(config, diags)
	}
	r := config.Reconciliation(reconciliation)
	if r == nil {
		return nil, fmt.Errorf("there is no reconciliation %q any more", reconciliation)
	}
	if r.Pos == nil || r.Store == nil {
		return nil, errors.New("a side of the reconciliation has no source")
	}
	var schemas [2]*catalog.Schema
	for _, side := range verdict.Sides {
		var err error
		if schemas[side], err = fieldsOfKept(run, it, side); err != nil {
			return nil, err
		}
	}
	program, more := config.Compile(r, schemas[verdict.Pos], schemas[verdict.Store], time.Now())
	if more = rules.WithoutNotOffered(more); more.HasErrors() {
		return nil, s.Refuse(config, more)
	}
	return &Prepared{Sources: &Sources{Config: config, session: s}, Reconciliation: r, Program: program}, nil
}

// fieldsOfKept returns the fields of a side: those of the item's row, or, where it has none there, those that the rules have read.
func fieldsOfKept(run *report.Result, it *report.Item, side verdict.Side) (*catalog.Schema, error) {
	if row := it.Row(side); row.Has() {
		return row.Batch.Schema(), nil
	}
	fields := []catalog.Field{{Name: "sku", Type: catalog.String}}
	for _, f := range *run.FieldsOf(side) {
		if f.Name != "sku" {
			fields = append(fields, f)
		}
	}
	return catalog.NewSchema(fields...)
}
