package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// TestBrowserPlans ticks rows and takes filters, has plans made, looks at them, applies one, and takes it back.
func TestBrowserPlans(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	m := &mender{t: t}
	b := newTab(t, newSite(t, Options{Shop: of, Records: records{of}, Mending: m}))
	b.logIn("Ann", store.Admin)
	box := func(sku string) string { return `//tr[@data-sku="` + sku + `"]//input` }
	b.open("/inventory/bigcommerce?show=not_synchronized")
	b.Until(`document.querySelectorAll("#rows tr").length == 6`)
	b.pictures("plan-before-ticks")
	b.Click(box("BK-ROAD-54"))
	b.Click(box("LIGHT-F"))
	b.Until(`document.querySelector("#ticked.some #ticked-said").innerText == "2 items are ticked"`)
	b.pictures("plan-ticks")
	m.slow = true
	b.Click(`#ticked form button`)
	b.Until(`document.querySelector("#state[data-busy] h3").innerText == "The plan is being made"`)
	if got := strings.Join(m.wanted.SKUs, " "); got != "BK-ROAD-54 LIGHT-F" || len(m.wanted.Rules) > 0 {
		t.Errorf("a plan for %q of %q", got, m.wanted.Rules)
	}
	b.pictures("plan-making")
	m.finish(planID + "a")
	b.Until(`document.querySelector(".act button").innerText == "Apply 4 changes…"`)
	b.Is(`document.title`, "BigCommerce: plan – reconcile")
	b.Is(`[...document.querySelectorAll(".step h3")].map(h => h.innerText.replace(/\s+/g, " ")).join("; ")`,
		"1. Import the store's orders into the point of sale whoever imports orders into the point of sale; 2. Correct by hand whoever looks after stock and items; 3. Plan again once that is done; 4. Set fields that variants share; 5. Set fields of items; 6. Set quantities; What waits for a person; What is left out, and why")
	b.Is(`[...document.querySelectorAll(".cells")].map(c => c.innerText.replace(/\s+/g, " ").trim()).join("; ")`, "N N→S; P N→S; P N→S; Q N→S")
	b.pictures("plan")
	b.Click(`.act button`)
	b.Until(`document.querySelector("#state[data-busy] h3").innerText == "The store is being asked what it takes"`)
	m.finish(planID + "a")
	b.Until(`document.querySelector(".act button").innerText == "Apply 4 changes"`)
	b.Is(`document.querySelector(".act").innerText.includes("about 7 requests and 3s") && document.querySelector(".act").innerText.includes("HELMET-S name: the name is taken")`, "true")
	b.pictures("plan-estimated")
	b.Click(`.act button`)
	b.Until(`document.querySelector("#state[data-busy] h3").innerText == "The plan is being carried out"`)
	m.finish(planID + "a")
	b.Until(`document.querySelector(".outcome")`)
	b.Is(`[...document.querySelectorAll(".counts div")].map(c => c.innerText.replace(/\s+/g, " ")).join("; ")`,
		"applied 2 written, and seen there; conflict 1 the item had another value than the plan expects; it was not written; rejected 1 the store refuses it")
	b.Is(`document.querySelector(".outcome").innerText.includes("422: The product name is a <duplicate>") && document.querySelector(".outcome").innerText.includes("the store has 2")`, "true")
	b.pictures("plan-outcome")

	// Taken back
	m.slow = false
	b.Click(`.act form[action$="/revert"] input`)
	b.Click(`.act form[action$="/revert"] button`)
	b.Until(`document.querySelector("h2").innerText == "What takes back the plan ` + planID + `a"`)
	b.Until(`document.querySelector(".act button").innerText == "Apply 2 changes…"`)
	b.pictures("plan-revert")
	b.Click(`//nav//a[.="Journal"]`)
	b.Until(`document.querySelectorAll(".plan tbody tr").length == 2`)
	b.Is(`document.querySelector("#main").innerText.includes("2 applied, 1 conflict, 1 rejected")`, "true")
	b.pictures("journal")

	// A filter, which a brake stops
	b.open("/inventory/bigcommerce?show=rule.Q")
	b.Until(`document.querySelectorAll("#rows tr").length > 0 && document.querySelector("#expiring:not([hidden])")`) // the script is there
	b.Click(`form[data-plan="filter"] button`)
	b.Until(`document.querySelector(".act .mistake").innerText.startsWith("The brake max_price_factor stops the plan")`)
	if got := strings.Join(m.wanted.Rules, " "); got != "Q" || len(m.wanted.SKUs) > 0 {
		t.Errorf("a plan for %q of %q", m.wanted.SKUs, got)
	}
	b.Is(`document.querySelectorAll('form[action$="/apply"]').length`, "0")
	b.pictures("plan-stopped")
	b.Click(`//label[contains(.,"max_price_factor")]/input`)
	b.Click(`form[action$="/plan"] button`)
	b.Until(`document.querySelector("#main").innerText.includes("Let pass for this plan: max_price_factor.")`)
}

// TestPlanPagesByRole says who may see and do what of plans; without scripts, too.
func TestPlanPagesByRole(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	m := &mender{t: t}
	s := newSite(t, Options{Shop: of, Records: records{of}, Mending: m})
	viewer, operator, admin := s.user("Eve", store.Viewer), s.user("Bob", store.Operator), s.user("Ann", store.Admin)
	const at = "/inventory/bigcommerce"
	for _, r := range []got{s.get(viewer, at+"/journal"), s.get(viewer, at+"/plans/"+planID+"a"), s.get(viewer, at+"/plans/"+planID+"a/state"),
		s.post(viewer, at+"/plan", "show", "rule.P"), s.post(viewer, at+"/plans/"+planID+"a/apply"), s.post(viewer, at+"/plans/"+planID+"a/revert")} {
		if r.status != http.StatusForbidden {
			t.Errorf("%s: a viewer gets %d", r.Request.URL, r.status)
		}
	}
	if r := s.get(viewer, at); strings.Contains(r.text, `data-plan`) || strings.Contains(r.text, `/journal`) || strings.Contains(r.text, `data-tick`) {
		t.Error("a viewer is offered plans")
	}
	if r := s.get(operator, at); !strings.Contains(r.text, `data-plan="filter"`) || !strings.Contains(r.text, `data-tick`) || strings.Contains(r.text, `ticked-accept`) {
		t.Error("an operator is not offered plans, or offered to accept")
	}
	for _, c := range []struct {
		pairs  []string
		status int
		want   string
	}{
		{[]string{"show", "nothing"}, 422, "Show is"},
		{[]string{"show", "all", "q", "no such thing"}, 422, "There is nothing to plan"},
		{[]string{"ticked", "1", "sku", ""}, 422, "No row is ticked that has a SKU."},
		{[]string{"run", "run-9"}, 404, "There is no such run"},
		{[]string{"again", "nothing"}, 404, "There is no such plan."},
		{[]string{"show", "rule.P", "allow", "everything"}, 422, "There is no &#34;everything&#34; that can be let pass"},
	} {
		if r := s.post(operator, at+"/plan", c.pairs...); r.status != c.status || !strings.Contains(r.text, c.want) {
			t.Errorf("%v: %d\n%s", c.pairs, r.status, r.text)
		}
	}
	r := s.post(operator, at+"/plan", "show", "rule.P", "run", "run-1", "q", "")
	page := at + "/plans/" + planID + "a"
	if r.status != http.StatusSeeOther || r.Header.Get("Location") != page {
		t.Fatalf("planned: %d to %s", r.status, r.Header.Get("Location"))
	}
	if r := s.get(operator, page); !strings.Contains(r.text, `disabled aria-describedby="apply-no"`) || !strings.Contains(r.text, "made by Bob") || strings.Contains(r.text, "<script>document") {
		t.Errorf("an operator's page of a plan:\n%s", r.text)
	}
	if r := s.post(operator, page+"/apply"); r.status != http.StatusForbidden {
		t.Errorf("an operator applies: %d", r.status)
	}
	list := "/api/v1/plans/" + planID + "a/worklist?format=csv&bom=1"
	if r := s.get(operator, page); !strings.Contains(r.text, strings.Replace(list, "&", "&amp;", 1)) || !strings.Contains(r.text, "correct qoh (POS -2)") {
		t.Errorf("the page does not say what people have to do:\n%s", r.text)
	}
	if r := s.get(operator, list); r.status != http.StatusOK || !strings.HasPrefix(r.text, "\ufeffsku,") || !strings.Contains(r.text, "\nSADDLE-G,Gel Saddle,,QN,POS,qoh,-2,,,Correct the quantity.\n") ||
		!strings.Contains(r.Header.Get("Content-Disposition"), "bigcommerce-worklist-"+planID+"a.csv") {
		t.Errorf("the worklist: %d %v\n%s", r.status, r.Header, r.text)
	}
	if r := s.get(viewer, list); r.status != http.StatusForbidden {
		t.Errorf("a viewer gets the worklist: %d", r.status)
	}
	if r := s.get(operator, "/inventory/outlet/plans/"+planID+"a"); r.status != http.StatusNotFound {
		t.Errorf("a plan of another reconciliation: %d", r.status)
	}
	if r := s.post(admin, page+"/apply"); r.status != http.StatusSeeOther {
		t.Errorf("an administrator applies: %d\n%s", r.status, r.text)
	}
	if r := s.post(admin, page+"/apply"); r.status != http.StatusConflict || !strings.Contains(r.text, "There is nothing more to do.") {
		t.Errorf("applied twice: %d\n%s", r.status, r.text)
	}
	if r := s.post(operator, page+"/revert"); r.status != http.StatusSeeOther {
		t.Errorf("an operator plans to take it back: %d\n%s", r.status, r.text)
	}
	cross := s.request("POST", page+"/apply", "")
	cross.Header.Set("Sec-Fetch-Site", "cross-site")
	if r := s.do(admin, cross); r.status != http.StatusForbidden {
		t.Errorf("another site applies: %d", r.status)
	}
}

// lookAtPlans goes through the pages of plans for TestBrowserForAll.
func lookAtPlans(b *tab, m *mender, look func(string)) {
	b.open("/inventory/bigcommerce/journal")
	look("journal without a plan")
	b.open("/inventory/bigcommerce?show=rule.Q")
	b.Click(`form[data-plan="filter"] button`)
	b.Until(`document.querySelector(".act .mistake")`)
	look("plan that a brake stops")
	b.open("/inventory/bigcommerce?show=rule.P")
	m.slow = true
	for _, step := range []string{`form[data-plan="filter"] button`, `form[action$="/apply"] button`, `form[action$="/apply"] button`} {
		b.Click(step)
		b.Until(`document.querySelector("#state[data-busy] progress, #state[data-busy] dd")`)
		look("plan, " + m.plans[len(m.plans)-1].State)
		m.finish(m.plans[len(m.plans)-1].ID)
		b.Until(`document.querySelector("#main > .act") && !document.querySelector("[data-busy]")`)
		look("plan, " + m.plans[len(m.plans)-1].State)
	}
	b.Is(`document.querySelectorAll("details").forEach(d => d.open = true)`, "undefined")
	look("plan as it was made")
	m.slow = false
	b.open("/inventory/bigcommerce/journal")
	look("journal")
}
