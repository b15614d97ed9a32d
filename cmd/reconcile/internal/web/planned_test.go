package web

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/journal"
	"github.com/reconcilehq/reconcile/engine/plan"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

// generous are brakes that stop nothing.
var generous = rules.DefaultBrakes()

func number(t string) catalog.Value {
	d, err := catalog.ParseDecimal(t)
	if err != nil {
		panic(err) // of a test's own
	}
	return catalog.NumberValue(d)
}

// planOf is a plan with something of everything.
func planOf(w rest.Wanted) *plan.Plan {
	now := time.Now().UTC().Truncate(time.Second)
	text := catalog.StringValue
	long := strings.Repeat("a very long name that goes on ", 8)
	p := &plan.Plan{Reconciliation: w.Reconciliation, MadeAt: now, Expires: now.Add(time.Hour), Chosen: w.Choice, Allowed: w.Allowed, Items: 17, Basis: plan.Basis{Store: "source.bigcommerce.web"}}
	p.Changes = []plan.Change{
		{Step: plan.ProductFields, SKU: "HELMET-S", ID: "1-2", Name: "Commuter Helmet", Field: "name", Type: catalog.String, Expected: text("Helmet"), Desired: text(long), Will: text(long), Rules: []string{"N"},
			Now: plan.Cells{"N": "N", "P": "S"}, Then: plan.Cells{"N": "S", "P": "S"}, Why: `pos.name is "Commuter Helmet", store.name is "Helmet"`, Parent: "HELMET", Also: []string{"HELMET-M", "HELMET-L"}},
		{Step: plan.ItemFields, SKU: "LIGHT-F", ID: "3", Name: "Front Light 400 lm", Field: "price", Type: catalog.Number, Expected: number("44.95"), Desired: number("49.95"), Will: number("49.95"), Rules: []string{"P"},
			Now: plan.Cells{"P": "N"}, Then: plan.Cells{"P": "S"}, Why: "pos.price is 49.95, store.price is 44.95"},
		{Step: plan.ItemFields, SKU: `<b>&"'`, Name: `Name with <script>document.title="acted"</script>`, Field: "sale_price", Type: catalog.Number, Expected: catalog.NullValue(catalog.Number), Desired: number("1"), Will: number("1"), Rules: []string{"P"},
			Now: plan.Cells{"P": "N"}, Then: plan.Cells{"P": "S"}},
		{Step: plan.Quantities, SKU: "OUD-7", ID: "9", Name: "عود تركي من خشب الجوز", Field: "qoh", Type: catalog.Number, Expected: number("3"), Desired: number("1"), Will: number("1"), Rules: []string{"Q"},
			Now: plan.Cells{"Q": "N"}, Then: plan.Cells{"Q": "S"}, Why: "pos.qoh is 1, store.qoh is 3"},
	}
	p.Tasks = []plan.Task{{Step: plan.ImportOrders, SKU: "PUMP-F", Name: "Floor Pump", Rule: "QP", Note: "Import the webstore transactions."},
		{Step: plan.Correct, SKU: "SADDLE-G", Name: "Gel Saddle", Rule: "QN", Note: "Correct the quantity.", Held: []plan.Held{{Side: verdict.Pos, Field: "qoh", Value: number("-2")}}},
		{Step: plan.Correct, SKU: "LIGHT-R", Name: "Rear Light", Rule: "B", Field: "brand", Value: `"Lumo"`}}
	p.Deferred = []plan.Deferred{{SKU: "PUMP-F", Name: "Floor Pump", Field: "qoh", Rules: []string{"Q"}, WaitsFor: "QP", Act: "import_orders"}}
	p.LeftOut = []plan.LeftOut{{SKU: "UKE-S", Name: "Soprano Ukulele", Rules: []string{"IV"}, Field: "price", Reason: plan.StaysRed, Detail: "P would still be N"},
		{SKU: "GTR-STRAT-MN", Name: "Stratocaster", Rules: []string{"NS"}, Reason: plan.NoRemedy, Detail: "the rule has no remedy"}}
	for _, step := range []plan.Step{plan.ImportOrders, plan.Correct, plan.Refresh, plan.ProductFields, plan.ItemFields, plan.Quantities} {
		p.Steps = append(p.Steps, plan.Count{Step: step, Jobs: 1})
	}
	if w.Rules != nil && w.Rules[0] == "Q" { // of which the tests let the brakes stop it
		p.Stops = []plan.Stop{{Brake: "max_price_factor", Text: "1 price would become more than 3 times as high, or low", SKUs: []string{"LIGHT-F"}}}
	}
	return p
}

// journalOf is what became of a plan: of each change something else.
func journalOf(t *testing.T, p *plan.Plan) *journal.Content {
	t.Helper()
	header, changes, err := p.Begin()
	if err != nil {
		t.Error(err)
		return nil
	}
	path := filepath.Join(t.TempDir(), "a.journal")
	j, err := journal.Create(path, header, changes)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer j.Close()
	var keys []string
	for _, c := range changes {
		keys = append(keys, c.Key)
	}
	told := []change.Outcome{{Kind: change.Applied}, {Kind: change.Applied}, {Kind: change.Rejected, Reason: "422: The product name is a <duplicate>"}, {Kind: change.Conflict, Before: number("2"), After: number("2")}}
	if err := errors.Join(j.Begin("Ann"), j.Intend(keys)); err != nil {
		t.Error(err)
	}
	for i, c := range changes {
		o := told[i%len(told)]
		o.Key = c.Key
		if o.Kind == change.Applied {
			o.Before, o.After = c.Expected, c.Desired
		}
		if err := j.Conclude(o); err != nil {
			t.Error(err)
		}
	}
	if err := j.End(); err != nil {
		t.Error(err)
	}
	return j.Content
}

// plans asks for everything about plans that is described.
func (p *program) plans(m *mender) {
	t := p.t
	t.Helper()
	p.ask("GET", "/api/v1/plans", "", 200)
	p.ask("GET", "/api/v1/plans/nothing", "", 404)
	p.ask("GET", "/api/v1/plans/nothing/worklist", "", 404)
	p.ask("POST", "/api/v1/plans/nothing/apply", "{}", 404)
	p.ask("POST", "/api/v1/plans", `{"reconciliation": "outlet"}`, 409)
	p.ask("POST", "/api/v1/plans", `{"reconciliation": "bigcommerce", "allow": ["everything"]}`, 422)
	p.ask("POST", "/api/v1/plans", `{"reconciliation": "bigcommerce", "show": "nothing"}`, 422)
	p.ask("POST", "/api/v1/plans", `{"reconciliation": "bigcommerce", "show": "rule.P", "rules": ["P"]}`, 422)
	p.ask("POST", "/api/v1/plans", `{"reconciliation": "bigcommerce", "run": "run-9", "show": "rule.P"}`, 404)
	p.ask("POST", "/api/v1/plans", `{"reconciliation": "bigcommerce", "show": "synchronized"}`, 422)
	for body, want := range map[string]string{
		`{"reconciliation": "bigcommerce"}`:                                      "; ",
		`{"reconciliation": "bigcommerce", "skus": ["A", "B"], "rules": ["P"]}`:  "A B; P",
		`{"reconciliation": "bigcommerce", "show": "rule.P"}`:                    "; P",
		`{"reconciliation": "bigcommerce", "show": "not_synchronized"}`:          "; ",
		`{"reconciliation": "bigcommerce", "show": "rule.P", "skus": ["A"]}`:     "A; P",
		`{"reconciliation": "bigcommerce", "run": "run-1", "q": "light"}`:        "LIGHT-F LIGHT-R; ",
		`{"reconciliation": "bigcommerce", "show": "rule.P", "q": "light"}`:      "LIGHT-F; P",
		`{"reconciliation": "bigcommerce", "show": "all", "q": "road"}`:          "BK-ROAD-54; ",
		`{"reconciliation": "bigcommerce", "allow": ["max_share", "stays_red"]}`: "; ",
	} {
		p.ask("POST", "/api/v1/plans", body, 202)
		if got := strings.Join(m.wanted.SKUs, " ") + "; " + strings.Join(m.wanted.Rules, " "); got != want {
			t.Errorf("%s: a plan for %q, not %q", body, got, want)
		}
	}
	m.slow = true
	said := p.ask("POST", "/api/v1/plans", `{"reconciliation": "bigcommerce"}`, 202)
	id := said["id"].(string)
	if said["state"] != rest.Making || said["reading"] == nil || said["plan"] != nil {
		t.Errorf("being made: %v", said)
	}
	p.ask("GET", "/api/v1/plans/"+id+"/worklist", "", 409)
	m.finish(id)
	p.ask("GET", "/api/v1/plans/"+id+"/worklist?bom=1", "", 200)
	p.ask("GET", "/api/v1/plans/"+id+"/worklist?format=xlsx", "", 200)
	p.ask("GET", "/api/v1/plans/"+id+"/worklist?format=json", "", 422)
	if said := p.ask("GET", "/api/v1/plans/"+id, "", 200); said["state"] != rest.Made || len(said["plan"].(map[string]any)["changes"].([]any)) != 4 {
		t.Errorf("made: %v", said)
	}
	if said := p.ask("POST", "/api/v1/plans/"+id+"/apply", `{"try": true}`, 202); said["state"] != rest.Estimating {
		t.Errorf("being estimated: %v", said)
	}
	m.finish(id)
	if said := p.ask("GET", "/api/v1/plans/"+id, "", 200); said["estimate"].(map[string]any)["requests"] != 7.0 {
		t.Errorf("estimated: %v", said)
	}
	p.ask("POST", "/api/v1/plans/"+id+"/revert", `{}`, 409)
	p.ask("POST", "/api/v1/plans/"+id+"/apply", `{}`, 202)
	m.finish(id)
	m.slow = false
	said = p.ask("GET", "/api/v1/plans/"+id, "", 200)
	if outcomes := said["outcomes"].(map[string]any); said["state"] != rest.Done || outcomes["applied"] != 2.0 || outcomes["rejected"] != 1.0 || outcomes["conflict"] != 1.0 {
		t.Errorf("done: %v", said)
	}
	p.ask("POST", "/api/v1/plans/"+id+"/apply", `{}`, 409)
	p.ask("POST", "/api/v1/plans/"+id+"/revert", `{"allow": ["x"]}`, 422)
	if said := p.ask("POST", "/api/v1/plans/"+id+"/revert", `{"quantities": true}`, 202); said["reverts"] != id || said["changes"] != 2.0 {
		t.Errorf("taken back: %v", said)
	}
	if list := p.ask("GET", "/api/v1/plans?reconciliation=bigcommerce&limit=3", "", 200); len(list["plans"].([]any)) != 3 || list["total"] != 11.0 {
		t.Errorf("listed: %v", list)
	}
}
