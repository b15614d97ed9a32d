package prose

import (
	"fmt"

	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/ruletest"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// Tests writes the results for people: a line a test, below a failed one why, and a summary.
func (p *Page) Tests(r *session.TestRun) {
	file := ""
	for _, result := range r.Results {
		if result.Range.Filename != file {
			file = result.Range.Filename
			p.Line(p.Prose.Bold(p.Prose.Clean(file)))
		}
		label, cell := "ok  ", verdict.Synchronized
		if len(result.Failures) > 0 {
			label, cell = "FAIL", verdict.NotSynchronized
		}
		p.Line("  " + p.Prose.Cell(cell, label) + "  " + p.Prose.Clean(result.Name))
		for i := range result.Failures {
			p.failure(&result.Failures[i], len("  FAIL  "))
		}
	}
	p.Text(0, 0, summary(r))
}

func summary(r *session.TestRun) string {
	n, failed := len(r.Results), r.Failed()
	said := fmt.Sprintf("All %d tests passed.", n)
	switch {
	case failed > 0:
		said = fmt.Sprintf("%s: %d passed, %d failed.", words.Count(n, "test"), n-failed, failed)
	case n == 1:
		said = "1 test passed."
	}
	if r.Skipped > 0 {
		said += fmt.Sprintf(" %d left out by --run.", r.Skipped)
	}
	return said
}

// failure says what a cell should be, what it is, and how it came to that.
func (p *Page) failure(f *ruletest.Failure, indent int) {
	p.Text(indent, 2, fmt.Sprintf("%s: %s should be %c, but is %c.", words.Position(f.Range), f.Code, f.Cell, f.Explanation.Cell.State))
	p.explanation(&f.Explanation, indent+2)
}
