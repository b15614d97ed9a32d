package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/verdict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/worklist"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/review"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// plans adds the routes of pages about plans.
func (s *Server) plans(page func(pattern string, needed store.Role, h http.HandlerFunc)) {
	if s.Mending == nil {
		return
	}
	page("POST /inventory/{name}/plan", store.Operator, s.makePlan)
	page("GET /inventory/{name}/journal", store.Operator, s.journalPage)
	page("GET /inventory/{name}/plans/{id}", store.Operator, s.planPage)
	page("GET /inventory/{name}/plans/{id}/state", store.Operator, s.planState)
	page("POST /inventory/{name}/plans/{id}/apply", store.Admin, s.applyPlan)
	page("POST /inventory/{name}/plans/{id}/revert", store.Operator, s.revertPlan)
}

func planPath(name, id string) string { return inventoryPath(name) + "/plans/" + url.PathEscape(id) }

// unplanned answers where something about a plan cannot be.
func (s *Server) unplanned(w http.ResponseWriter, r *http.Request, err error) {
	var p *rest.Problem
	if errors.As(err, &p) {
		s.refuse(w, r, p.Status, p.Code, asSentence(p.Text))
		return
	}
	s.fail(w, r, err)
}

// asSentence is a text that stands alone.
func asSentence(text string) string {
	if text == "" {
		return text
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// makePlan begins to make a plan of ticked rows, of what a filter leaves, or of the same as another plan, and leads to it.
func (s *Server) makePlan(w http.ResponseWriter, r *http.Request) {
	_, of, ok := s.named(w, r)
	if !ok {
		return
	}
	if err := r.ParseForm(); err != nil {
		s.refuse(w, r, http.StatusRequestEntityTooLarge, "too_large", "These are too many rows to tick. Take a filter, or a rule alone.")
		return
	}
	wanted, err := s.wanted(r, of)
	if err == nil {
		err = wanted.Check()
	}
	var id string
	if err == nil {
		id, err = s.Mending.Plan(r.Context(), s.actor(r), wanted)
	}
	if errors.Is(err, screen.ErrNoRun) {
		err = &rest.Problem{Status: http.StatusNotFound, Code: "no_run", Text: "There is no such run. It may have been made too long ago to be kept."}
	}
	if err != nil {
		s.unplanned(w, r, err)
		return
	}
	http.Redirect(w, r, planPath(of.Name, id), http.StatusSeeOther)
}

// wanted returns what a plan is to be made of.
func (s *Server) wanted(r *http.Request, of screen.Reconciliation) (rest.Wanted, error) {
	form := r.PostForm
	wanted := rest.Wanted{Reconciliation: of.Name, Allowed: form["allow"]}
	if again := form.Get("again"); again != "" {
		p, err := s.Mending.Look(r.Context(), again)
		if err == nil && p.File == nil {
			err = &rest.Problem{Status: http.StatusConflict, Code: "elsewhere", Text: "What that plan was made for is not known here: plan from the table."}
		}
		if err != nil {
			return wanted, err
		}
		wanted.Choice = p.File.Chosen
		return wanted, nil
	}
	var skus []string
	for _, sku := range form["sku"] {
		if sku != "" {
			skus = append(skus, sku)
		}
	}
	if form.Get("ticked") != "" && len(skus) == 0 {
		return wanted, &rest.Problem{Status: http.StatusUnprocessableEntity, Code: "not_valid", Text: "No row is ticked that has a SKU."}
	}
	run, err := s.open(r, of.Name, form.Get("run"))
	switch {
	case err != nil:
		return wanted, err
	case run == nil:
		return wanted, screen.ErrNoRun
	}
	defer run.Done()
	wanted.Choice, err = rest.Choose(run, form.Get("show"), strings.TrimSpace(form.Get("q")), skus)
	return wanted, err
}

// planned is what the page of a plan shows.
type planned struct {
	menu
	screen.Reconciliation
	place
	*rest.Planned
	Review   *review.Review // nil: the plan is not here
	Told     *review.Told   // nil: nobody has begun
	MayApply bool           // whoever looks may, by role
	Why      string         // why it cannot be carried out, or gone on with; "" if it can
	Settles  bool           // nothing is sent any more: it is only looked what became of what was sent
	Address  string
	Whole    bool // of long lists more is shown
}

// Left is how many changes can still be made, or looked at.
func (p *planned) Left() int {
	if p.Content == nil {
		return p.Changes
	}
	return len(p.Content.Left())
}

// ForPeople reports whether people have something to do, which they can have as a file.
func (p *planned) ForPeople() bool { return p.File != nil && worklist.Has(p.File) }

// UnderWay says what is under way.
func (p *planned) UnderWay() string {
	switch p.State {
	case rest.Making:
		return "The plan is being made"
	case rest.Estimating:
		return "The store is being asked what it takes"
	case rest.Applying:
		return "The plan is being carried out"
	}
	return ""
}

// Refused are the changes that the store does not take, as it has said.
func (p *planned) Refused() (list []review.LeftOut) {
	if p.Estimate == nil || p.File == nil {
		return nil
	}
	why := map[string]string{}
	for _, r := range p.Estimate.Refused {
		why[r.Key] = r.Why
	}
	for _, c := range p.File.Changes {
		if text, is := why[c.Key]; is {
			list = append(list, review.LeftOut{SKU: c.SKU, Name: c.Name, Field: c.Field, Why: text})
		}
	}
	return list
}

// Takes is what it takes, in words.
func (p *planned) Takes() string {
	return review.Takes(p.Estimate.Requests, time.Duration(p.Estimate.Seconds*float64(time.Second)))
}

// lookedAt returns what the page of a plan shows. If there is nothing to show the request is answered.
func (s *Server) lookedAt(w http.ResponseWriter, r *http.Request, whole bool) *planned {
	name, id := r.PathValue("name"), r.PathValue("id")
	p := &planned{Address: planPath(name, id), place: place{inventoryPath(name), "journal"}, MayApply: callerOf(r).role.May(store.Admin), Whole: r.URL.Query().Get("all") == "1"}
	if whole {
		var ok bool
		if p.menu, p.Reconciliation, ok = s.named(w, r); !ok {
			return nil
		}
	}
	found, err := s.Mending.Look(r.Context(), id)
	if err == nil && found.Reconciliation != name {
		err = &rest.Problem{Status: http.StatusNotFound, Code: "no_plan", Text: "There is no such plan of " + name + "."}
	}
	if err != nil {
		s.unplanned(w, r, err)
		return nil
	}
	p.Planned = found
	most := review.Most
	if p.Whole {
		most = review.MostAll
	}
	var amounts review.Amounts
	if whole {
		if run, err := s.open(r, name, ""); err == nil && run != nil { // which knows the currencies; without it amounts stand as they are
			defer run.Done()
			amounts = run.Amounts(verdict.Store)
		}
	}
	if p.File != nil && whole {
		p.Review = review.Of(p.File, most, amounts)
	}
	if p.Content != nil {
		p.Told = review.What(p.Content, most, amounts)
	}
	p.may(callerOf(r).name)
	return p
}

// may says what somebody can do with the plan.
func (p *planned) may(who string) {
	unsettled := p.Content != nil && p.Content.Unsettled()
	p.Settles = unsettled && p.Expired
	switch {
	case p.Busy() || p.State == rest.NotMade:
		p.Why = "busy"
	case p.File == nil:
		p.Why = "The plan lies elsewhere, in a file: reconcile apply FILE goes on with it."
	case p.Content != nil && len(p.Content.Left()) == 0:
		p.Why = "done"
	case p.FourEyes && !p.Expired && store.SameName(p.MadeBy, who):
		p.Why = "four_eyes"
	case unsettled:
	case p.Expired:
		p.Why = "expired"
	case len(p.Stops) > 0:
		p.Why = "stopped"
	case p.Changes == 0:
		p.Why = "nothing"
	}
}

func (s *Server) planPage(w http.ResponseWriter, r *http.Request) {
	p := s.lookedAt(w, r, true)
	if p == nil {
		return
	}
	s.showTo(w, r, "plan", frame{Title: p.Title + ": plan", Page: p})
}

// planState answers with how far a plan is, for the page's script.
func (s *Server) planState(w http.ResponseWriter, r *http.Request) {
	if p := s.lookedAt(w, r, false); p != nil {
		s.showPart(w, r, "plan", "state", frame{Page: p})
	}
}

// applyPlan has a plan carried out, or the store asked what that takes.
func (s *Server) applyPlan(w http.ResponseWriter, r *http.Request) {
	if err := s.Mending.Apply(r.Context(), s.actor(r), r.PathValue("id"), r.PostFormValue("try") != ""); err != nil {
		s.unplanned(w, r, err)
		return
	}
	http.Redirect(w, r, planPath(r.PathValue("name"), r.PathValue("id")), http.StatusSeeOther)
}

// revertPlan begins to make a plan that takes back another one, and leads to it.
func (s *Server) revertPlan(w http.ResponseWriter, r *http.Request) {
	id, err := s.Mending.Revert(r.Context(), s.actor(r), r.PathValue("id"), r.PostFormValue("quantities") != "", r.PostForm["allow"])
	if err != nil {
		s.unplanned(w, r, err)
		return
	}
	http.Redirect(w, r, planPath(r.PathValue("name"), id), http.StatusSeeOther)
}

// plansOf is what the page of plans and journals shows.
type plansOf struct {
	menu
	screen.Reconciliation
	place
	Waiting, Carried, Past []planRow
	More                   int // older ones that are not shown
}

// planRow is a plan in a list.
type planRow struct {
	rest.Planned
	Address string
}

// mostPlans is how many plans the page shows of each kind.
const mostPlans = 100

func (s *Server) journalPage(w http.ResponseWriter, r *http.Request) {
	m, of, ok := s.named(w, r)
	if !ok {
		return
	}
	list, err := s.Mending.Listed(r.Context(), of.Name)
	if err != nil {
		s.unplanned(w, r, err)
		return
	}
	p := &plansOf{menu: m, Reconciliation: of, place: place{inventoryPath(of.Name), "journal"}}
	for _, one := range list {
		to := &p.Carried
		switch {
		case one.Error != "":
		case one.Began == nil && one.Expired:
			to = &p.Past
		case one.Began == nil:
			to = &p.Waiting
		}
		if len(*to) == mostPlans {
			p.More++
			continue
		}
		*to = append(*to, planRow{one, planPath(of.Name, one.ID)})
	}
	s.showTo(w, r, "journal", frame{Title: of.Title + ": journal", Page: p})
}

// Said says how many changes there are of each outcome.
func (p planRow) Said() string { return review.Counted(p.Outcomes, p.Open) }
