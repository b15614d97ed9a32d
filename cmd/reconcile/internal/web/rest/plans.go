package rest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/journal"
	"github.com/reconcilehq/reconcile/engine/plan"
	"github.com/reconcilehq/reconcile/engine/verdict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/ledger"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/worklist"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/rowfile"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// Mending has plans made, and carries them out. Its methods are called by many goroutines. Where something cannot be done as things are, the
// error is a *Problem.
type Mending interface {
	// Plan begins to make a plan, and returns its id.
	Plan(ctx context.Context, who store.Actor, w Wanted) (id string, err error)
	// Revert begins to make a plan that takes back what another one has changed, and returns its id.
	Revert(ctx context.Context, who store.Actor, id string, quantities bool, allowed []string) (string, error)
	// Apply begins to carry out a plan, or where try is set to ask the store what that takes. If it is under way already it goes on.
	Apply(ctx context.Context, who store.Actor, id string, try bool) error
	// Look returns all that is known of a plan.
	Look(ctx context.Context, id string) (*Planned, error)
	// Listed returns the plans of a reconciliation that are kept, and those that were carried out, the newest first; of all if it is "".
	Listed(ctx context.Context, reconciliation string) ([]Planned, error)
}

// Wanted is what a plan is made of.
type Wanted struct {
	Reconciliation string
	plan.Choice
	Allowed []string // what is let pass: see plan.Liftable
}

// How far a plan is.
const (
	Making     = "making"     // both sides are being read
	NotMade    = "not_made"   // that failed
	Made       = "made"       // nobody has carried it out
	Estimating = "estimating" // the store is being asked what it takes
	Applying   = "applying"
	Unfinished = "unfinished" // it was begun, and not carried out to its end
	Done       = "done"       // all of it was tried
)

// Planned is all that is known of a plan. In a list the last fields are left out.
type Planned struct {
	ID             string         `json:"id"`
	Reconciliation string         `json:"reconciliation"`
	State          string         `json:"state"`
	MadeAt         *time.Time     `json:"made_at,omitempty"`
	MadeBy         string         `json:"made_by"`
	Expires        *time.Time     `json:"expires,omitempty"`
	Expired        bool           `json:"expired"`
	Reverts        string         `json:"reverts,omitempty"` // the plan that it takes back
	FourEyes       bool           `json:"four_eyes"`         // another administrator has to carry it out than who has made it
	Changes        int            `json:"changes"`
	Deferred       int            `json:"deferred"`
	Tasks          int            `json:"tasks"`
	LeftOut        int            `json:"left_out"`
	Stops          []string       `json:"stops"` // the brakes that stop it
	Began          *time.Time     `json:"began,omitempty"`
	By             string         `json:"by,omitempty"` // who has carried it out first
	Outcomes       map[string]int `json:"outcomes"`     // how many changes there are of each
	Open           int            `json:"open"`         // changes without an outcome, once it was begun
	Error          string         `json:"error,omitempty"`

	Reading  []Reading       `json:"reading,omitempty"` // how far it is while it is made or carried out
	Failure  *Failure        `json:"failure,omitempty"` // why it was not made, or not carried out
	Estimate *Estimate       `json:"estimate,omitempty"`
	Plan     json.RawMessage `json:"plan,omitempty"` // as reconcile plan --format json has it
	Journal  *ledger.Told    `json:"journal,omitempty"`

	File    *plan.Plan       `json:"-"` // Plan for pages
	Content *journal.Content `json:"-"` // Journal for pages
	Since   time.Time        `json:"-"` // when what is under way began
}

// Busy reports whether something is under way.
func (p *Planned) Busy() bool {
	return p.State == Making || p.State == Estimating || p.State == Applying
}

// Estimate is what carrying out a plan takes.
type Estimate struct {
	At       time.Time `json:"at"`
	Changes  int       `json:"changes"` // that are still to be made
	Requests int64     `json:"requests"`
	Seconds  float64   `json:"seconds"` // at the pace that the store allows
	Refused  []Refused `json:"refused"` // changes that the store does not take
}

// Refused is a change that the store does not take.
type Refused struct {
	Key string `json:"key"`
	Why string `json:"why"`
}

func (a *API) mending() []Route {
	if a.Mending == nil {
		return nil
	}
	route := func(pattern string, needed store.Role, h func(r *http.Request) (int, any, error)) Route {
		return Route{Pattern: pattern, Needed: needed, Handler: answer(h)}
	}
	return []Route{
		route("GET /api/v1/plans", store.Operator, a.plans),
		route("POST /api/v1/plans", store.Operator, a.makePlan),
		route("GET /api/v1/plans/{id}", store.Operator, a.plan),
		{Pattern: "GET /api/v1/plans/{id}/worklist", Needed: store.Operator, Handler: a.worklist},
		route("POST /api/v1/plans/{id}/apply", store.Admin, a.apply),
		route("POST /api/v1/plans/{id}/revert", store.Operator, a.revert),
	}
}

func (a *API) plans(r *http.Request) (int, any, error) {
	limit, err := number(r, "limit", usualItems, 1, mostItems)
	if err != nil {
		return 0, nil, err
	}
	list, err := a.Mending.Listed(r.Context(), r.URL.Query().Get("reconciliation"))
	if err != nil {
		return 0, nil, err
	}
	said := append([]Planned{}, list[:min(limit, len(list))]...)
	return http.StatusOK, map[string]any{"total": len(list), "plans": said}, nil
}

func (a *API) plan(r *http.Request) (int, any, error) {
	return a.look(r, http.StatusOK, r.PathValue("id"))
}

func (a *API) look(r *http.Request, status int, id string) (int, any, error) {
	p, err := a.Mending.Look(r.Context(), id)
	if err != nil {
		return 0, nil, err
	}
	if p.File != nil {
		var text bytes.Buffer
		if err := plan.Encode(&text, p.File); err != nil {
			return 0, nil, err
		}
		p.Plan = text.Bytes()
	}
	if p.Content != nil {
		if p.Journal, err = ledger.Tell(p.Content); err != nil {
			return 0, nil, err
		}
	}
	return status, p, nil
}

// worklist answers with what people have to do of a plan, as a file.
func (a *API) worklist(w http.ResponseWriter, r *http.Request) {
	format, bom := cmp.Or(r.URL.Query().Get("format"), rowfile.CSV), r.URL.Query().Get("bom")
	if format != rowfile.CSV && format != rowfile.XLSX || bom != "" && bom != "1" {
		refuse(w, r, wrong("format is csv or xlsx, and bom is 1, or left out"))
		return
	}
	p, err := a.Mending.Look(r.Context(), r.PathValue("id"))
	if err == nil && p.File == nil {
		err = &Problem{http.StatusConflict, "elsewhere", "What is in this plan is not known here: it is not made yet, or lies elsewhere, in a file of which reconcile plan show FILE --worklist OUT makes that."}
	}
	if err != nil {
		refuse(w, r, err)
		return
	}
	head := w.Header()
	head.Set("Content-Type", contentTypes[format])
	head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": p.Reconciliation + "-worklist-" + p.ID + "." + format}))
	if _, err := worklist.Write(w, p.File, format, bom == "1"); err != nil {
		head.Del("Content-Disposition")
		refuse(w, r, fmt.Errorf("the worklist as %s: %w", format, err))
	}
}

func (a *API) makePlan(r *http.Request) (int, any, error) {
	var asked struct {
		Reconciliation string   `json:"reconciliation"`
		SKUs           []string `json:"skus"`
		Rules          []string `json:"rules"`
		Run            string   `json:"run"`
		Show           string   `json:"show"`
		Search         string   `json:"q"`
		Allow          []string `json:"allow"`
	}
	if err := read(r, &asked); err != nil {
		return 0, nil, err
	}
	w := Wanted{Reconciliation: asked.Reconciliation, Choice: plan.Choice{SKUs: asked.SKUs, Rules: asked.Rules}, Allowed: asked.Allow}
	if asked.Run+asked.Show+asked.Search != "" {
		if len(asked.Rules) > 0 {
			return 0, nil, wrong("rules are chosen by a filter, or by rules, and not by both")
		}
		kept, err := a.Shop.File(r.Context(), asked.Reconciliation, asked.Run)
		if err != nil {
			return 0, nil, err
		}
		run, err := a.Shelf.Open(kept)
		if err != nil {
			return 0, nil, err
		}
		defer run.Done()
		if w.Choice, err = Choose(run, asked.Show, asked.Search, asked.SKUs); err != nil {
			return 0, nil, err
		}
	}
	if err := w.Check(); err != nil {
		return 0, nil, err
	}
	id, err := a.Mending.Plan(r.Context(), a.Actor(r), w)
	if err != nil {
		return 0, nil, err
	}
	return a.look(r, http.StatusAccepted, id)
}

// mostPlanned is for how many items a plan is made that are chosen one by one.
const mostPlanned = 10_000

// Check says what is wrong with what is wanted.
func (w *Wanted) Check() error {
	if len(w.SKUs) > mostPlanned {
		return wrong("these are %d items, and a plan is made for %d at most: choose a rule alone, or a narrower filter", len(w.SKUs), mostPlanned)
	}
	return checkAllowed(w.Allowed)
}

func checkAllowed(names []string) error {
	for _, name := range names {
		if !slices.Contains(plan.Liftable(), name) {
			return wrong("there is no %q that can be let pass: there are %s", name, strings.Join(plan.Liftable(), ", "))
		}
	}
	return nil
}

// Choose returns what a plan is made for: the items with these SKUs, or else what a filter and a search leave of a run that is N. A rule's
// filter chooses that rule alone.
func Choose(run *screen.Run, show, search string, skus []string) (c plan.Choice, err error) {
	if keys := run.FilterKeys(); show != "" && !slices.Contains(keys, show) {
		return c, wrong("show is %q, which this run has not: it has %q", show, keys)
	}
	if code, is := strings.CutPrefix(show, "rule."); is {
		c.Rules = []string{code}
	}
	c.SKUs = skus
	everything := show == "" || show == "all" || show == verdict.Differs.String() || c.Rules != nil
	if len(skus) > 0 || search == "" && everything {
		return c, nil
	}
	list, err := run.List(screen.Query{Show: show, Search: search})
	if err != nil {
		return c, run.Failed(err)
	}
	positions := slices.Clone(list.Positions()) // others have the list, too
	if c.Rules == nil && len(positions) > 0 {
		slices.Sort(positions)
		if positions, err = run.Filter(history.Filter{Within: positions, Classes: []verdict.Class{verdict.Differs}}); err != nil {
			return c, run.Failed(err)
		}
	}
	if len(positions) > mostPlanned {
		return c, wrong("these are %d items, and a plan is made for %d at most: choose a rule alone, or a narrower filter", len(positions), mostPlanned)
	}
	rows, err := run.Run.Rows(positions)
	if err != nil {
		return c, run.Failed(err)
	}
	for _, row := range rows {
		if row.SKU != "" {
			c.SKUs = append(c.SKUs, row.SKU)
		}
	}
	if len(c.SKUs) == 0 {
		return c, wrong("there is nothing to plan: none of these items is N")
	}
	slices.Sort(c.SKUs)
	c.SKUs = slices.Compact(c.SKUs)
	return c, nil
}

func (a *API) apply(r *http.Request) (int, any, error) {
	var asked struct {
		Try bool `json:"try"`
	}
	if err := read(r, &asked); err != nil {
		return 0, nil, err
	}
	if err := a.Mending.Apply(r.Context(), a.Actor(r), r.PathValue("id"), asked.Try); err != nil {
		return 0, nil, err
	}
	return a.look(r, http.StatusAccepted, r.PathValue("id"))
}

func (a *API) revert(r *http.Request) (int, any, error) {
	var asked struct {
		Quantities bool     `json:"quantities"`
		Allow      []string `json:"allow"`
	}
	if err := read(r, &asked); err != nil {
		return 0, nil, err
	}
	if err := checkAllowed(asked.Allow); err != nil {
		return 0, nil, err
	}
	id, err := a.Mending.Revert(r.Context(), a.Actor(r), r.PathValue("id"), asked.Quantities, asked.Allow)
	if err != nil {
		return 0, nil, err
	}
	return a.look(r, http.StatusAccepted, id)
}
