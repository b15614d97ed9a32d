package main

import (
	"fmt"

	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/ruletest"
)

// text shows the results for people: a line a test, below a failed one why, and a summary.
func (r *testRun) text() error {
	page := r.app.textPage()
	file := ""
	for _, result := range r.results {
		if result.Range.Filename != file {
			file = result.Range.Filename
			page.line(page.prose.Bold(page.prose.Clean(file)))
		}
		label, cell := "ok  ", verdict.Synchronized
		if len(result.failures) > 0 {
			label, cell = "FAIL", verdict.NotSynchronized
		}
		page.line("  " + page.prose.Cell(cell, label) + "  " + page.prose.Clean(result.Name))
		for i := range result.failures {
			page.failure(&result.failures[i], len("  FAIL  "))
		}
	}
	page.text(0, 0, r.summary())
	return page.flush(r.app.stdout)
}

func (r *testRun) summary() string {
	n, failed := len(r.results), r.failed()
	said := fmt.Sprintf("All %d tests passed.", n)
	switch {
	case failed > 0:
		said = fmt.Sprintf("%s: %d passed, %d failed.", count(n, "test"), n-failed, failed)
	case n == 1:
		said = "1 test passed."
	}
	if r.skipped > 0 {
		said += fmt.Sprintf(" %d left out by --run.", r.skipped)
	}
	return said
}

// failure says what a cell should be, what it is, and how it came to that.
func (p *textPage) failure(f *ruletest.Failure, indent int) {
	p.text(indent, 2, fmt.Sprintf("%s: %s should be %c, but is %c.", position(f.Range), f.Code, f.Cell, f.Explanation.Cell.State))
	p.explanation(&f.Explanation, indent+2)
}
