package report

import (
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestUnknownEverywhere says that every format tells, with --unchecked, which field of which side was unknown to which rule.
func TestUnknownEverywhere(t *testing.T) {
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			r := sample(t)
			o := outcome("SSSS-SSS")
			o.Unknown, o.Class = make([]bool, len(r.Rules)), verdict.Unchecked
			o.Unknown[4] = true
			it := listOf(t, r)[0]
			r.Items = itemsOf([]Item{{Status: verdict.Matched, Pos: it.Pos, Store: it.Store, Outcome: o}})
			r.WhyUnknown = func(*Item, int) []verdict.Unknown { return []verdict.Unknown{{Side: verdict.Store, Field: "qoh"}} }
			summarize(r)
			got := text(t, f.Name, r, Options{Unchecked: true})
			want := "store.qoh"
			switch f.Name {
			case "json", "ndjson":
				want = `"unknown": [{"rule": "Q", "side": "store", "field": "qoh"}]`
			case "csv":
				want = ",Q: store.qoh\n"
			case "markdown", "html":
				want = "Q not checked, unknown: store.qoh"
			case "xlsx":
				rows := sheetRows(t, openWorkbook(t, r, Options{Unchecked: true}), "Items")
				got, want = strings.Join(rows[0], "|")+"\n"+strings.Join(rows[1], "|"), "|Q: store.qoh"
			}
			if !strings.Contains(got, want) {
				t.Errorf("there is no %q in\n%s", want, got)
			}
		})
	}
}

// TestMeantEverywhere says that every format for people tells why an item of one side is meant to be.
func TestMeantEverywhere(t *testing.T) {
	for _, name := range []string{"json", "ndjson", "markdown", "html"} {
		r := sample(t)
		it := listOf(t, r)[6]
		r.Items = itemsOf([]Item{{Status: it.Status, Pos: it.Pos, Outcome: &Outcome{Cells: make([]verdict.Cell, len(r.Rules)), Intended: &Intent{Name: "sold at the counter", Reason: "It is labour."}}}})
		summarize(r)
		if got := text(t, name, r, Options{All: true}); !strings.Contains(got, "sold at the counter") {
			t.Errorf("%s does not say it:\n%s", name, got)
		}
	}
}
