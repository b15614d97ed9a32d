package engine

import (
	"errors"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/expr"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestMeasures has rules read weights and lengths of several units: all that meet in one rule as they are are to be of one.
func TestMeasures(t *testing.T) {
	told := [2]Read{{Units: map[string]catalog.Measure{"weight": "kg", "gross": "kg", "width": "cm", "height": "in"}},
		{Units: map[string]catalog.Measure{"weight": "g", "gross": "kg", "width": "cm"}}}
	ref := func(side verdict.Side, field string) expr.Ref { return expr.Ref{Side: side, Field: field} }
	scaled := func(side verdict.Side, field string) expr.Ref {
		return expr.Ref{Side: side, Field: field, Scaled: true}
	}
	pos, store := verdict.Pos, verdict.Store
	for _, c := range []struct {
		why    string
		fields []expr.Ref
		want   string // the unit of the second
	}{
		{"one unit", []expr.Ref{ref(pos, "width"), ref(store, "width")}, ""},
		{"two units", []expr.Ref{ref(pos, "weight"), ref(store, "weight")}, "g"},
		{"two units, one of which is scaled", []expr.Ref{scaled(pos, "weight"), ref(store, "weight")}, ""},
		{"the other is scaled", []expr.Ref{ref(pos, "weight"), scaled(store, "weight")}, ""},
		{"of three one is scaled", []expr.Ref{scaled(pos, "weight"), ref(pos, "gross"), ref(store, "weight")}, "g"},
		{"of one side", []expr.Ref{ref(pos, "width"), ref(pos, "height")}, "in"},
		{"a weight and a length", []expr.Ref{ref(pos, "weight"), ref(store, "width")}, ""},
		{"one without a unit", []expr.Ref{ref(pos, "height"), ref(store, "height")}, ""},
		{"crosswise", []expr.Ref{ref(pos, "weight"), ref(store, "gross")}, ""},
	} {
		for where, rule := range map[string]rules.CompiledRule{"when": {Fields: c.fields}, "applies": {About: c.fields}} {
			rule.Rule = &rules.Rule{Code: "X"}
			err := checkMeasures(Job{Program: &rules.Program{Rules: []rules.CompiledRule{rule}}}, told)
			var wrong *MeasureError
			if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &wrong) || string(wrong.Second.Unit) != c.want) {
				t.Errorf("%s, in %s: got %v, want one in %q", c.why, where, err, c.want)
			}
		}
	}
}
