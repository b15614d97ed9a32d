package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// Job is what Make makes a plan of.
type Job struct {
	Program   *rules.Program
	Result    *report.Result             // of a run of the program, with all items and all of their values
	OnRequest func(*rules.Rule) bool     // whether the rule is only for items that somebody chooses
	Writable  map[string]change.Writable // by field of the store; nil: nobody knows, and all are taken to be
	Brakes    rules.Brakes
	Allowed   []string // names of brakes that do not hold
	Choice

	// ID returns the store's own name of its item with a SKU; "" if it is not known. nil: none is.
	ID func(sku string) string
}

// Make returns the plan without what only its maker knows: who and what it is, and until when. It fails where amounts of two currencies
// would meet in a remedy, and where the result cannot be read.
func Make(job Job) (*Plan, error) {
	if err := checkCurrencies(job); err != nil {
		return nil, err
	}
	if err := checkMeasures(job); err != nil {
		return nil, err
	}
	p := newPlanner(job)
	plan := &Plan{Reconciliation: job.Result.Reconciliation, Chosen: job.Choice, Allowed: job.Allowed, Items: job.Result.Summary.Status[verdict.Matched], ByHand: job.Writable == nil,
		Lag: job.Result.Lag()}
	if nothing, look := job.Result.NothingCompared(); nothing != "" {
		plan.Nothing = nothing + " " + look
	}
	var drafts []*draft
	empty := job.Result.Empty() != ""
	shared, seen := false, map[string]bool{}
	for it, err := range job.Result.Items {
		if err != nil {
			return nil, err
		}
		for _, side := range verdict.Sides {
			if sku, ok := it.SKUOn(side); ok && p.skus[sku] {
				seen[strings.Clone(sku)] = true
			}
		}
		if empty {
			continue // what is on one side only looks as if it were missing on the other
		}
		if d := p.draft(it); d != nil {
			drafts = append(drafts, d)
			shared = shared || d.shares()
		}
	}
	for _, sku := range job.SKUs {
		if !seen[sku] {
			return nil, fmt.Errorf("there is no item %q on either side", sku)
		}
	}
	if shared {
		if err := p.agree(drafts); err != nil {
			return nil, err
		}
	}
	for _, d := range drafts {
		plan.Changes = append(plan.Changes, p.changes(d)...)
		plan.Tasks = append(plan.Tasks, d.tasks...)
		plan.Deferred = append(plan.Deferred, d.deferred...)
		plan.LeftOut = append(plan.LeftOut, d.left...)
		if len(d.sets) > 0 {
			seen, err := p.seen(d.it)
			if err != nil {
				return nil, err
			}
			plan.Seen = append(plan.Seen, seen)
		}
	}
	slices.SortStableFunc(plan.Changes, func(a, b Change) int { return int(a.Step) - int(b.Step) })
	slices.SortStableFunc(plan.Tasks, func(a, b Task) int { return int(a.Step) - int(b.Step) })
	plan.Steps = stepsOf(plan)
	plan.Stops, plan.FourEyes = stops(plan, job.Brakes, job.Allowed), plan.NeedsAnother(job.Brakes)
	return plan, nil
}

// idForm is what the name of a plan looks like. It is a part of the names of files.
var idForm = regexp.MustCompile(`^[0-9]{8}-[0-9]{6}-[a-z0-9]{1,40}$`)

// IsID reports whether a text can be the name of a plan, as Sign gives it: a day, a time, and letters.
func IsID(text string) bool { return idForm.MatchString(text) }

// Sign gives the plan its name, and each change its key.
func (p *Plan) Sign(id string) {
	p.ID = id
	for i := range p.Changes {
		p.Changes[i].Key = fmt.Sprintf("%s-%d", id, i+1)
	}
}

// stepsOf counts what there is to do in each step.
func stepsOf(p *Plan) (steps []Count) {
	var jobs [len(stepNames)]int
	for _, t := range p.Tasks {
		jobs[t.Step]++
	}
	if jobs[ImportOrders]+jobs[Correct] > 0 && len(p.Deferred) > 0 {
		jobs[Refresh] = 1
	}
	for _, c := range p.Changes {
		jobs[c.Step]++
	}
	for step, n := range jobs {
		if n > 0 {
			steps = append(steps, Count{Step: Step(step), Jobs: n})
		}
	}
	return steps
}

// planner makes plans of single items.
type planner struct {
	Job
	evaluator *rules.Evaluator
	skus      map[string]bool
	codes     map[string]bool
	never     map[string]bool
	allowed   map[string]bool
	parents   int // the store's column that names parents; -1: there is none
}

func newPlanner(job Job) *planner {
	p := &planner{Job: job, evaluator: job.Program.NewEvaluator(), skus: setOf(job.SKUs), codes: setOf(job.Rules), never: setOf(job.Brakes.Never), allowed: setOf(job.Allowed),
		parents: job.Program.ParentColumns()[verdict.Store]}
	p.evaluator.Ignore(job.Program.InOtherCurrencies([2]map[string]catalog.Currency{job.Result.Pos.Currencies, job.Result.Store.Currencies}))
	if job.OnRequest == nil {
		p.OnRequest = func(*rules.Rule) bool { return false }
	}
	return p
}

func setOf(words []string) map[string]bool {
	set := map[string]bool{}
	for _, w := range words {
		set[w] = true
	}
	return set
}

// wants reports whether the plan is about the item and the rule.
func (p *planner) wants(it *report.Item, rule *rules.CompiledRule) bool {
	if len(p.codes) > 0 && !p.codes[rule.Code] {
		return false
	}
	if len(p.skus) == 0 {
		return true
	}
	for _, side := range verdict.Sides {
		if sku, ok := it.SKUOn(side); ok && p.skus[sku] {
			return true
		}
	}
	return false
}

// chosen reports whether somebody chose items or rules. What the plan wants is chosen then.
func (p *planner) chosen() bool { return len(p.codes)+len(p.skus) > 0 }

// key returns what an item was paired by.
func (p *planner) key(it *report.Item) string {
	if it.Key != "" {
		return it.Key
	}
	row := it.Row(it.Side())
	return strings.Clone(p.Program.Keys(it.Side(), row.Batch).At(row.I))
}

// draft is what is planned for one item, as long as its siblings were not asked.
type draft struct {
	it     *report.Item
	values []catalog.Value // of the store's item, by column, with the changes
	sets   []set
	now    []rules.Cell
	then   []rules.Cell
	wait   []int // the rules that wait for a person

	tasks    []Task
	deferred []Deferred
	left     []LeftOut

	also   map[string][]string // by field that is shared: the SKUs of siblings that change with it
	parent string
}

// set is a field that is set.
type set struct {
	column       int
	desired      catalog.Value
	before, will catalog.Value
	rules        []int
	shared       bool
}

// draft returns what is planned for an item; nil if there is nothing to say of it.
func (p *planner) draft(it *report.Item) *draft {
	if it.Outcome == nil || !slices.Contains(it.Outcome.Cells, verdict.NotSynchronized) {
		return nil
	}
	if it.Status != verdict.Matched || !it.Pos.Has() || !it.Store.Has() {
		return p.oneSided(it)
	}
	return p.drafted(it, nil)
}

// oneSided is about rules of items that are not matched: their values stay as they are, and people may have something to do.
func (p *planner) oneSided(it *report.Item) *draft {
	d := &draft{it: it}
	for i, cell := range it.Outcome.Cells {
		if cell == verdict.NotSynchronized && p.wants(it, &p.Program.Rules[i]) {
			p.forPeople(d, i)
		}
	}
	return d
}

// forPeople notes what a person has to do about a rule, or that its remedy is not known. It reports whether that is all.
func (p *planner) forPeople(d *draft, rule int) bool {
	r := &p.Program.Rules[rule]
	switch {
	case r.Remedy == nil && r.Severity != verdict.Info:
		d.leave(rule, p, "", NoRemedy, "the rule has no remedy")
	case r.Remedy == nil || r.Remedy.Act == rules.Nothing:
	case r.Remedy.Act == rules.Upload:
		return false
	default:
		d.tasks = append(d.tasks, p.task(d.it, Task{Step: actSteps[r.Remedy.Act], Rule: r.Code, Note: r.Note}, r.Fields))
	}
	return true
}

func (d *draft) leave(rule int, p *planner, field string, why Reason, detail string) {
	code := p.Program.Rules[rule].Code
	for i := range d.left {
		if l := &d.left[i]; l.Field == field && l.Reason == why && l.Detail == detail {
			l.Rules = append(l.Rules, code)
			return
		}
	}
	d.left = append(d.left, LeftOut{SKU: d.it.SKU(), Name: d.it.Name(), Rules: []string{code}, Field: field, Reason: why, Detail: detail})
}

// shares reports whether the draft sets a field that siblings share.
func (d *draft) shares() bool {
	return slices.ContainsFunc(d.sets, func(s set) bool { return s.shared })
}
