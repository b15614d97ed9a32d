package engine

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// MeasureError says that a rule, or an intentional block, compares weights or lengths in different units as they are: equal numbers would not be equal weights.
type MeasureError struct {
	What          string    // reads them: rule W, or intentional "heavy items"
	First, Second Measured  // as it reads them
	Range         hcl.Range // where it reads the second
}

// Measured is a field and the unit of its values.
type Measured struct {
	Side   verdict.Side
	Source string // connector and name, as in the configuration
	Field  string
	Unit   catalog.Measure
}

func (m Measured) name() string { return fmt.Sprintf("%s.%s", m.Side, m.Field) }

func (e *MeasureError) Error() string {
	converted, factor := e.First, e.First.Unit.Times(e.Second.Unit)
	if factor == "" {
		converted, factor = e.Second, e.Second.Unit.Times(e.First.Unit)
	}
	return fmt.Sprintf("%s compares values in two units: %s of %s is in %s, %s of %s is in %s. Equal numbers would not be equal. Write %s * %s wherever it reads %s, or export both in one unit",
		e.What, e.First.name(), e.First.Source, e.First.Unit, e.Second.name(), e.Second.Source, e.Second.Unit, converted.name(), factor, converted.name())
}

// checkMeasures compares the units of all weights and lengths that a rule reads, as far as the sources told them, and of those that an intentional
// block reads. What they multiply or divide, each time, may be in another unit then.
func checkMeasures(job Job, reads [2]Read) error {
	m := measures{[2]string{nameOf(job.Pos), nameOf(job.Store)}, reads}
	for _, r := range job.Program.Rules {
		if err := m.check("rule "+r.Code, r.Fields); err != nil {
			return err
		}
		if err := m.check("rule "+r.Code, r.About); err != nil {
			return err
		}
	}
	for i := range job.Program.Intentional {
		in := &job.Program.Intentional[i]
		if err := m.check(fmt.Sprintf("intentional %q", in.Name), in.Fields()); err != nil {
			return err
		}
	}
	return nil
}

// measures are the units that both sides told.
type measures struct {
	names [2]string
	reads [2]Read
}

func (m *measures) of(f rules.FieldRef) Measured {
	return Measured{f.Side, m.names[f.Side], f.Field, m.reads[f.Side].Units[f.Field]}
}

// check compares the units of fields that a condition reads.
func (m *measures) check(what string, fields []rules.FieldRef) error {
	for i, f := range fields {
		for _, g := range fields[:i] {
			if first, second := m.of(g), m.of(f); !f.Scaled && !g.Scaled && !first.Unit.Fits(second.Unit) {
				return &MeasureError{What: what, First: first, Second: second, Range: f.Range}
			}
		}
	}
	return nil
}

// warnUnmeasured warns of weights and lengths of which their source does not say what they are in, where a rule reads them as they are with
// those of the other side whose unit is known.
func warnUnmeasured(job Job, reads [2]Read, result *report.Result) {
	for _, r := range job.Program.Rules {
		for _, f := range r.Fields {
			kind := catalog.UnitOf(f.Field)
			if f.Scaled || reads[f.Side].Units[f.Field] != "" || reads[f.Side].Items == 0 || kind != catalog.Weight && kind != catalog.Length {
				continue
			}
			for _, g := range r.Fields {
				is := reads[g.Side].Units[g.Field]
				if g.Side == f.Side || g.Scaled || is.Kind() != kind {
					continue
				}
				result.Warn(report.Warning{Source: sideOf(job, f.Side).Name, Text: fmt.Sprintf("nobody says what its values in the field %s are in, and those that rule %s compares them with are in %s: equal numbers are taken for equal ones. %s",
					f.Field, r.Code, is, "Say it with weight_unit or length_unit in its source, if that has such a setting; else its connector is to tell it")})
				break
			}
		}
	}
}
