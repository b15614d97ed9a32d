package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestProblems says which items somebody has to look at, and what each is called.
func TestProblems(t *testing.T) {
	meant := &Intent{Name: "sold at the counter"}
	rules := []Rule{{Code: "E"}, {Code: "W", Severity: verdict.Warning}, {Code: "I", Severity: verdict.Info}}
	of := func(cells string, class verdict.Class, intended *Intent) *Outcome {
		o := outcome(cells)
		o.Class, o.Intended = class, intended
		return o
	}
	for _, c := range []struct {
		why     string
		item    Item
		problem bool
		class   string
	}{
		{"all is the same", Item{Outcome: of("SSS", verdict.Agrees, nil)}, false, "synchronized"},
		{"an error", Item{Outcome: of("NSS", verdict.Differs, nil)}, true, "not synchronized"},
		{"a warning", Item{Outcome: of("SNS", verdict.Differs, nil)}, true, "not synchronized"},
		{"only information", Item{Outcome: of("SSN", verdict.Agrees, nil)}, false, "synchronized"},
		{"intentional", Item{Outcome: of("ISS", verdict.Excused, nil)}, false, "intentional"},
		{"unknown", Item{Outcome: of("-SS", verdict.Unchecked, nil)}, true, "not checked"},
		{"one side", Item{Status: verdict.PosOnly}, true, "not paired"},
		{"one side, with rules about it", Item{Status: verdict.StoreOnly, Outcome: of("SSS", 0, nil)}, true, "not paired"},
		{"duplicate", Item{Status: verdict.Duplicate}, true, "not paired"},
		{"no key", Item{Status: verdict.NoKey}, true, "not paired"},
		{"unreadable", Item{Status: verdict.Unreadable}, true, "unreadable"},
		{"a parent", Item{Status: verdict.PosOnly, Parent: true}, false, "parent"},
		{"meant to be", Item{Status: verdict.PosOnly, Outcome: of("SSN", 0, meant)}, false, "meant to be"},
		{"meant to be, but a rule that matters has an N", Item{Status: verdict.PosOnly, Outcome: of("NSS", 0, meant)}, true, "not synchronized"},
		{"a parent with such an N", Item{Status: verdict.PosOnly, Parent: true, Outcome: of("SNS", 0, nil)}, true, "not synchronized"},
	} {
		r := &Result{Rules: rules, Items: itemsOf([]Item{c.item})}
		if got := r.class(&c.item); got != c.class {
			t.Errorf("%s: the class is %q, want %q", c.why, got, c.class)
		}
		shown := 0
		for range r.Shown(Options{Problems: true}) {
			shown++
		}
		if shown > 0 != c.problem {
			t.Errorf("%s: %d items are shown, want a problem: %v", c.why, shown, c.problem)
		}
	}
}

// TestResultEverywhere says that every format which has a place for it tells the class of each item.
func TestResultEverywhere(t *testing.T) {
	for _, f := range Formats() {
		for at, class := range map[int]string{0: "not synchronized", 3: "not checked", 10: "synchronized", 6: "not paired"} {
			r := sample(t)
			it := *listOf(t, r)[at]
			switch at {
			case 3:
				it.Outcome = outcome("SSSSS-SS")
			case 10:
				it.Outcome = outcome("SSSSSSSS")
			}
			r.Items = itemsOf([]Item{it})
			summarize(r)
			got := text(t, f.Name, r, Options{All: true})
			want := class
			switch f.Name {
			case "table", "csv":
				continue // a table has its letters; CSV's columns are what programs rely on
			case "json", "ndjson":
				if want = `"status": "matched", "class": "` + strings.ReplaceAll(class, " ", "_") + `"`; at == 6 {
					want = `"status": "pos_only", "cells"`
				}
			case "markdown":
				want = "| " + class + " |"
			case "html":
				if want = "<td data-problem>" + class + "<td"; at == 10 {
					want = "<td>" + class + "<td"
				}
			case "xlsx":
				rows := sheetRows(t, openWorkbook(t, r, Options{All: true}), "Items")
				got = rows[0][3] + "=" + rows[1][3]
				want = "result=" + class
			}
			if !strings.Contains(got, want) {
				t.Errorf("%s: there is no %q in\n%s", f.Name, want, got)
			}
		}
	}
}

// TestInformationIsLast says that what nobody needs to look at stands last in what there is to do.
func TestInformationIsLast(t *testing.T) {
	r := sample(t)
	r.Rules[0].Severity = verdict.Info
	tasks := r.worklist(Options{}).tasks
	if at := slices.IndexFunc(tasks, func(t task) bool { return t.label == "N" }); at != len(tasks)-1 {
		t.Errorf("N, which informs, stands at %d of %d", at, len(tasks))
	}
}

// TestHTMLSKU says that a SKU which fits a phone is not broken at its dashes, and that a longer one is broken.
func TestHTMLSKU(t *testing.T) {
	for sku, want := range map[string]string{
		"AMP-VERY-LONG-SKU-0003":           `<th scope="row">AMP-VERY`,
		"A-SKU-" + strings.Repeat("x", 90): `<th scope="row" class="long">A-SKU-x`,
	} {
		r := sample(t)
		r.Items = itemsOf([]Item{{Status: verdict.PosOnly, Pos: side(t, item{sku: sku})[0]}})
		page := text(t, "html", r, Options{})
		if !strings.Contains(page, want) || !strings.Contains(page, "tbody th{font-weight:600;white-space:pre}") {
			t.Errorf("there is no %s, or the style breaks SKUs:\n%s", want, page)
		}
	}
}
