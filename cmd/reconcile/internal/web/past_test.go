package web

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

// standing asks for acceptances, and for other ones.
func standing(p *program) {
	t := p.t
	for query, want := range map[string]string{
		"": "LIGHT-F,LABOUR,", "?state=expiring": "LIGHT-F", "?reconciliation=bigcommerce": "LIGHT-F,LABOUR", "?q=SOLD": "LABOUR", "?q=fender": "", "?sku=LABOUR": "LABOUR",
		"?block=services&rule=P": "", "?rule=P&state=expired": "", "?offset=1&limit=1": "LABOUR",
	} {
		said := p.ask("GET", "/api/v1/acceptances"+query, "", 200)
		var list []string
		for _, a := range said["acceptances"].([]any) {
			skus := a.(map[string]any)["skus"].([]any)
			if len(skus) > rest.MostSKUs {
				t.Errorf("%d SKUs are named", len(skus))
			}
			list = append(list, fmt.Sprint(append(skus, "")[0]))
		}
		if got := strings.Join(list, ","); got != want {
			t.Errorf("acceptances%s: %s, not %s", query, got, want)
		}
		if said["mistake"] == nil {
			t.Errorf("the mistake in the configuration is not told: %v", said)
		}
	}
	p.ask("GET", "/api/v1/acceptances?state=soon", "", 422)
	said := p.ask("POST", "/api/v1/acceptances/remove", `{"reconciliation": "bigcommerce", "block": "vendor sets the web price", "try": true}`, 200)
	if covers := said["covers"].(map[string]any); covers["run"] != "run-2" || fmt.Sprint(covers["first"]) != "[map[sku:GTR-STRAT-MN what:P]]" {
		t.Errorf("what it covers: %v", covers)
	}
	said = p.ask("POST", "/api/v1/acceptances/remove", `{"reconciliation": "bigcommerce", "items": [{"sku": "LIGHT-F", "rule": "P"}, {"sku": "LABOUR", "status": "pos_only"}]}`, 200)
	if covers := said["covers"].(map[string]any); covers["count"].(float64) != 0 || len(said["after"].([]any)) != 0 {
		t.Errorf("taken back: %v", said)
	}
	said = p.ask("POST", "/api/v1/acceptances/until", `{"reconciliation": "bigcommerce", "block": "services", "expires": "2999-12-31"}`, 200)
	if after := said["after"].([]any); len(after) != 50 || said["count"].(float64) != 1 {
		t.Errorf("prolonged: %v", said)
	}
	p.ask("POST", "/api/v1/acceptances/until", `{"reconciliation": "bigcommerce", "block": "services", "expires": ""}`, 200)
	for body, want := range map[string]int{
		`{"reconciliation": "bigcommerce", "block": "services", "expires": "2020-12-31"}`:                                   422,
		`{"reconciliation": "bigcommerce", "block": "services"}`:                                                            422,
		`{"reconciliation": "bigcommerce", "block": "nobody", "expires": ""}`:                                               409,
		`{"reconciliation": "bigcommerce", "expires": ""}`:                                                                  422,
		`{"block": "services", "expires": ""}`:                                                                              422,
		`{"reconciliation": "bigcommerce", "block": "services", "items": [{"sku": "A", "rule": "P"}], "expires": ""}`:       422,
		`{"reconciliation": "bigcommerce", "items": [{"sku": "A"}], "expires": ""}`:                                         422,
		`{"reconciliation": "bigcommerce", "items": [{"sku": "A", "rule": "P", "status": "pos_only"}], "expires": ""}`:      422,
		`{"reconciliation": "bigcommerce", "items": [{"sku": "A", "status": "matched"}], "expires": ""}`:                    422,
		`{"reconciliation": "none", "items": [{"sku": "A", "rule": "P"}, {"sku": "B", "rule": "P"}], "expires": "", "x":1}`: 400,
	} {
		p.ask("POST", "/api/v1/acceptances/until", body, want)
	}
	p.ask("POST", "/api/v1/acceptances/remove", `{"reconciliation": "bigcommerce", "block": "services", "expires": ""}`, 422)
}

// pastAndRisk asks for what items were in other runs, for trends, and for what is at risk.
func pastAndRisk(p *program) {
	t := p.t
	said := p.ask("GET", "/api/v1/runs/run-2/history?sku=LIGHT-F", "", 200)
	runs := said["runs"].([]any)
	if len(runs) != 2 || runs[0].(map[string]any)["first"] != false || runs[1].(map[string]any)["first"] != true || runs[0].(map[string]any)["cells"].(map[string]any)["P"] != "N" {
		t.Errorf("the past: %v", said)
	}
	if said := p.ask("GET", "/api/v1/runs/run-2/history?position=3&limit=1", "", 200); len(said["runs"].([]any)) != 1 || said["more"] != true || said["runs"].([]any)[0].(map[string]any)["first"] != false {
		t.Errorf("the past of one run: %v", said)
	}
	p.ask("GET", "/api/v1/runs/run-2/history?sku=NOBODY", "", 404)
	p.ask("GET", "/api/v1/runs/run-2/history", "", 422)
	said = p.ask("GET", "/api/v1/reconciliations/bigcommerce/trends", "", 200)
	if newest := said["runs"].([]any)[0].(map[string]any); newest["id"] != "run-2" || newest["cells"].(map[string]any)["P"].(map[string]any)["N"].(float64) != 2 || len(said["rules"].([]any)) != 8 {
		t.Errorf("trends: %v", said)
	}
	p.ask("GET", "/api/v1/reconciliations/none/trends", "", 404)
	// (49.95 - 44.95) x 12 on hand; (1299 - 1199) x 1, and 2 of 3 that are not there at 1199.
	said = p.ask("GET", "/api/v1/runs/run-2/impact?show=rule.P", "", 200)
	if sum := said["sums"].([]any)[0].(map[string]any); len(said["sums"].([]any)) != 1 || sum["amount"].(float64) != 60+100+2*1199 || sum["items"].(float64) != 2 || sum["units"].(float64) != 2 {
		t.Errorf("at risk: %v", said["sums"])
	}
	var order []string
	for _, it := range p.ask("GET", "/api/v1/runs/run-2/impact?limit=2&offset=1", "", 200)["items"].([]any) {
		order = append(order, it.(map[string]any)["item"].(map[string]any)["sku"].(string))
	}
	if got := strings.Join(order, " "); got != "SADDLE-G LIGHT-F" {
		t.Errorf("the worst but the first: %s", got)
	}
	p.ask("GET", "/api/v1/runs/run-2/items?sort=impact&show=not_synchronized", "", 200)
	p.ask("GET", "/api/v1/runs/run-2/impact?show=rule.X", "", 422)
}

// TestItemHistory follows an item through the runs of five days: what changed on which, also on days on which it was not there, or of which
// the file is damaged.
func TestItemHistory(t *testing.T) {
	side := func(list ...good) shelf { return shelf(slices.Values(list)) }
	bell := good{sku: "BELL", name: "Bell", brand: "Klingel", price: "10", qoh: "1"}
	online, horn := bell, good{sku: "HORN", name: "Horn", price: "1"}
	of := newShop(t, side(horn, bell), nil)
	p := newProgram(t, of, store.Viewer)
	day := func(list ...good) { t.Helper(); of.store = side(list...); of.run() }
	online.price = "12"
	day(online) // N
	online.price, online.qoh = "13", "5"
	day(online) // another price, and another quantity
	day()       // only in the POS
	online = bell
	day(online, horn) // synchronized
	day(online)
	if err := os.WriteFile(of.kept[4].Path, []byte("no run"), 0o600); err != nil {
		t.Fatal(err)
	}
	online.price = "12"
	of.pos = side(bell)
	day(online)
	said := p.ask("GET", "/api/v1/runs/run-6/history?sku=BELL", "", 200)
	var lines []string
	for _, r := range said["runs"].([]any) {
		r := r.(map[string]any)
		line := fmt.Sprint(r["run"], " ", r["status"], " ")
		if r["first"] == true {
			line += "first "
		}
		if r["damaged"] != nil {
			line += "damaged "
		}
		for _, list := range []string{"changed", "values"} {
			for _, c := range r[list].([]any) {
				c := c.(map[string]any)
				what := c["rule"]
				if list == "values" {
					what = fmt.Sprint(c["side"], ".", c["field"])
				}
				line += fmt.Sprint(what, ":", c["from"], ">", c["to"], " ")
			}
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	want := []string{"run-6 matched first", "run-5  first damaged", "run-4 matched first", "run-3 pos_only <nil>:matched>pos_only B:S> IV:S> N:S> NS:S> P:N> Q:N> QN:S> QP:->", "run-2 matched Q:S>N QP:S>- store.price:12>13 store.qoh:1>5", "run-1 matched first"}
	want[2] = "run-4 matched <nil>:pos_only>matched B:>S IV:>S N:>S NS:>S P:>S Q:>S QN:>S QP:>S"
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if said := p.ask("GET", "/api/v1/runs/run-4/history?sku=HORN&limit=2", "", 200); said["more"] != true {
		t.Errorf("there are more: %v", said)
	}
	said = p.ask("GET", "/api/v1/reconciliations/bigcommerce/trends?runs=2", "", 200)
	if runs := said["runs"].([]any); len(runs) != 2 || len(runs[1].(map[string]any)["cells"].(map[string]any)) != 0 || len(said["rules"].([]any)) == 0 {
		t.Errorf("trends with a damaged run: %v", said)
	}
}

// TestExplainAmongMany finds an item whose SKU is a part of those of a thousand others before it.
func TestExplainAmongMany(t *testing.T) {
	side := func(yield func(good) bool) {
		for i := range 1200 {
			if !yield(good{sku: fmt.Sprint("X-1-", i), name: "Bell"}) {
				return
			}
		}
		yield(good{sku: "X-1", name: "Bell"})
	}
	of := newShop(t, side, side)
	p := newProgram(t, of, store.Viewer)
	of.run()
	if said := p.ask("GET", "/api/v1/runs/run-1/explain?sku=X-1", "", 200); said["item"].(map[string]any)["position"].(float64) != 1200 {
		t.Errorf("another item: %v", said["item"])
	}
}
