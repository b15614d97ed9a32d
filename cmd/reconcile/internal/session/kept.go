package session

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/replace"
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

// Finding is a discrepancy of a run that was kept: the cell of a rule, or, where Rule is "", that its item is on one side alone.
type Finding struct {
	Item *report.Item // with both sides' values
	Rule string       // its code
}

// mostBlocks is how many acceptances have a block each. More of them stand in a list.
const mostBlocks = 20

// AcceptKept declares discrepancies of a run that was kept intentional, in the file in which Accept does, with the values that they had
// then. What is no discrepancy, what a rule of today would judge otherwise, and what is accepted already is a mistake, and then nothing is
// written; with passOver, what is accepted already is passed over. With try, nothing is written in any case.
func (s *Session) AcceptKept(reconciliation string, run *report.Result, findings []Finding, terms rules.Terms, passOver, try bool) (*Accepted, error) {
	if len(findings) == 0 {
		return &Accepted{}, nil
	}
	config, _ := s.Load()
	unlock, err := replace.LockFolder(filepath.Dir(config.Accepted))
	if err != nil {
		return nil, err
	}
	defer unlock()
	p, err := s.again(reconciliation, run, findings[0].Item) // as it is now that nobody changes it
	if err != nil {
		return nil, err
	}
	terms.Reconciliation = reconciliation
	var list []rules.Acceptance
	passed, named := 0, p.named()
	for _, f := range findings {
		a, err := p.acceptance(run, f)
		if err == nil {
			if err = p.notYet(a, named); err != nil && passOver {
				passed++
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	if try || len(list) == 0 {
		return &Accepted{List: list, Path: p.Config.Accepted, Passed: passed}, nil
	}
	accepted, err := p.declare(list, terms, len(list) > mostBlocks)
	if accepted != nil {
		accepted.Passed = passed
	}
	return accepted, err
}

// acceptance returns what declares a finding intentional.
func (p *Prepared) acceptance(run *report.Result, f Finding) (a rules.Acceptance, err error) {
	it := f.Item
	a.SKU = keyOfKept(it)
	if p.Program.NamedBySKU() {
		a.SKU = it.SKU()
	}
	if it.Status == verdict.NoKey || a.SKU == "" {
		return a, fmt.Errorf("%s has no key to name it by", it.SKU())
	}
	if f.Rule == "" {
		switch {
		case it.Status != verdict.PosOnly && it.Status != verdict.StoreOnly:
			return a, fmt.Errorf("%s is %s: only items of one side can be meant to be there", it.SKU(), it.Status)
		case it.Parent:
			return a, fmt.Errorf("%s is the parent of variants that are on both sides, so it is not missing", it.SKU())
		case it.Intended() != nil:
			return a, fmt.Errorf("%s is meant to be already, by intentional %q", it.SKU(), it.Intended().Name)
		}
		a.Status = it.Status
		return a, nil
	}
	column := slices.IndexFunc(run.Rules, func(r report.Rule) bool { return r.Code == f.Rule })
	if column < 0 {
		return a, fmt.Errorf("the run has no rule %q", f.Rule)
	}
	cell := verdict.NotThere
	if it.Outcome != nil {
		cell = it.Outcome.Cells[column]
	}
	if cell != verdict.NotSynchronized {
		return a, fmt.Errorf("%s %s is not N, so there is nothing to accept: %s", it.SKU(), f.Rule, inWords(it, cell))
	}
	if !p.sameRule(run, f.Rule) {
		return a, fmt.Errorf("rule %s says something else than when the run was made: import anew, and look whether it is N still", f.Rule)
	}
	a.Rule, a.Values = f.Rule, valuesOf(run, it, &run.Rules[column])
	return a, nil
}

// named returns what is intentional today by the keys of the items that it names.
func (p *Prepared) named() map[string][]*rules.Intentional {
	now, by := time.Now(), map[string][]*rules.Intentional{}
	for _, in := range p.Config.Intentional {
		if in.Expired(now) || in.Where != nil || !p.Program.Concerns(in) {
			continue
		}
		for _, key := range p.Program.KeysNamed(in) {
			by[key] = append(by[key], in)
		}
	}
	return by
}

// notYet returns an error if a block of today accepts that already: with these values, or whatever they are.
func (p *Prepared) notYet(a rules.Acceptance, named map[string][]*rules.Intentional) error {
	key := p.Program.KeysNamed(&rules.Intentional{SKUs: []string{a.SKU}})[0]
	for _, in := range named[key] {
		about := slices.Contains(in.Rules, a.Rule)
		if a.Rule == "" {
			about = slices.Contains(in.Statuses, a.Status)
		}
		if about && (len(in.Accepted) == 0 || sameValues(in.Accepted, a.Values)) {
			return fmt.Errorf("%s %s is accepted already, by intentional %q (%s): the next import shows it so", a.SKU, a.What(), in.Name, in.Place())
		}
	}
	return nil
}

// sameValues reports whether two lists have the same values, in whatever order.
func sameValues(a, b []rules.Accepted) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(v rules.Accepted) bool { return !slices.Contains(b, v) })
}

// Standing names acceptances that stand: single cells or statuses of items, or the block of that name where it is not "".
type Standing struct {
	Block string
	Items []Accepting
}

// Accepting is what an acceptance is about: an item, and what of it.
type Accepting struct {
	SKU    string
	Rule   string         // "": it is its status
	Status verdict.Status // of Rule ""
}

// Amended is what became of acceptances.
type Amended struct {
	Config *rules.Config        // as it was
	Before []*rules.Intentional // as they were
	After  []*rules.Intentional // as they are; nil where they were taken back
	What   []string             // of those that were taken back: blocks, by their names and file, and lines of files
	Gone   []string             // files of which the last line was removed, and that were removed with it
}

// TakeBackKept takes acceptances back, without reading a source. run is one of the reconciliation, which tells what its keys are made of;
// it may be nil where a block is named. With try, nothing is written.
func (s *Session) TakeBackKept(reconciliation string, run *report.Result, of Standing, try bool) (*Amended, error) {
	p, unlock, err := s.lockKept(reconciliation, run, of)
	if err != nil {
		return nil, err
	}
	defer unlock()
	found, err := p.standing(of)
	if err != nil {
		return nil, err
	}
	files, removed, err := p.without(found, of.Block)
	if err != nil {
		return nil, err
	}
	a := &Amended{Config: p.Config, Before: found, What: removed.What, Gone: removed.Gone}
	if try {
		return a, nil
	}
	return a, files.write()
}

// SetUntilKept gives acceptances another last day; the zero day is none. What stands in a list has that of its block, and is changed with
// all of it only. With try, nothing is written.
func (s *Session) SetUntilKept(reconciliation string, run *report.Result, of Standing, last time.Time, try bool) (*Amended, error) {
	p, unlock, err := s.lockKept(reconciliation, run, of)
	if err != nil {
		return nil, err
	}
	defer unlock()
	found, err := p.standing(of)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, in := range found {
		if in.File != "" && of.Block == "" {
			return nil, fmt.Errorf("%s stands in a list with others (%s): they have one last day, that of the block %q. Set it for the whole block", in.SKUs[0], in.Place(), in.Name)
		}
		if !slices.Contains(names, in.Name) {
			names = append(names, in.Name)
		}
	}
	accepted, err := readAccepted(p.Config.Accepted)
	if err != nil {
		return nil, err
	}
	text, err := accepted.Until(names, last)
	if err != nil {
		return nil, err
	}
	o := s.loadOptions()
	o.Accepted = text
	with, diags := rules.Load(s.ConfigPath, o)
	if diags.HasErrors() { // such as a last day before the first one
		return nil, s.Refuse(with, diags)
	}
	a := &Amended{Config: p.Config, Before: found}
	for _, in := range with.Intentional {
		if in.Range.Filename == p.Config.Accepted && slices.Contains(names, in.Name) {
			a.After = append(a.After, in)
		}
	}
	if try {
		return a, nil
	}
	return a, replace.Write(p.Config.Accepted, text, 0o666)
}

// lockKept keeps others from accepting and taking back, and reads the configuration as it is then.
func (s *Session) lockKept(reconciliation string, run *report.Result, of Standing) (p *Prepared, unlock func(), err error) {
	config, _ := s.Load()
	if unlock, err = replace.LockFolder(filepath.Dir(config.Accepted)); err != nil {
		return nil, nil, err
	}
	if of.Block == "" {
		p, err = s.again(reconciliation, run, &report.Item{})
	} else {
		var diags hcl.Diagnostics
		if config, diags = s.Load(); diags.HasErrors() {
			err = s.Refuse(config, diags)
		}
		p = &Prepared{Sources: &Sources{Config: config, session: s}}
	}
	if err != nil {
		unlock()
		return nil, nil, err
	}
	return p, unlock, nil
}

// standing returns what stands of acceptances, each of which must be there.
func (p *Prepared) standing(of Standing) (found []*rules.Intentional, err error) {
	if of.Block != "" {
		return p.acceptedBlock(of.Block)
	}
	for _, it := range of.Items {
		what, about := it.Rule, func(in *rules.Intentional) bool { return slices.Contains(in.Rules, it.Rule) }
		if it.Rule == "" {
			what, about = it.Status.String(), func(in *rules.Intentional) bool { return slices.Contains(in.Statuses, it.Status) }
		}
		more, err := p.acceptingOne(it.SKU, what, about)
		if err != nil {
			return nil, err
		}
		for _, in := range more {
			if !slices.Contains(found, in) {
				found = append(found, in)
			}
		}
	}
	return found, nil
}
