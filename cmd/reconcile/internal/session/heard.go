package session

import (
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/report"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// heard keeps the warnings and notices that were told, for the result: what a person reads on stderr, a program is to find there.
type heard struct {
	mu       sync.Mutex
	warnings []report.Warning
}

// mostHeard bounds what is kept where nobody takes it. The result has a bound of its own, which says how many there are more.
const mostHeard = 10_000

func (h *heard) add(m Message) {
	if m.Kind == News {
		return
	}
	w := report.Warning{Text: m.Text, Notice: m.Kind == Notice}
	if m.Source != nil {
		w.Source = m.Source.Name
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.warnings) < mostHeard {
		h.warnings = append(h.warnings, w)
	}
}

func (h *heard) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.warnings = nil
}

// tellWarnings tells the warnings that the engine has put into a result.
func (p *Prepared) tellWarnings(result *report.Result) {
	for _, w := range result.AllWarnings() {
		m := Message{Kind: Warning, Text: w.Text}
		if w.Notice {
			m.Kind = Notice
		}
		for _, source := range sourcesOf(p.Reconciliation) {
			if source.Name == w.Source {
				m.Source = source
			}
		}
		p.session.tell(m)
	}
}

// collectWarnings gives a result all warnings of its run: those of the configuration, and all that were told.
func (p *Prepared) collectWarnings(result *report.Result) {
	result.Warnings = nil
	for _, diag := range p.Diags {
		result.Warn(report.Warning{Text: diagnosticText(diag)})
	}
	p.session.heard.mu.Lock()
	defer p.session.heard.mu.Unlock()
	for _, w := range p.session.heard.warnings {
		result.Warn(w)
	}
}

// diagnosticText writes a diagnostic as one line, with its place.
func diagnosticText(diag *hcl.Diagnostic) string {
	text := diag.Summary
	if diag.Detail != "" {
		text += ": " + strings.Join(strings.Fields(diag.Detail), " ")
	}
	if diag.Subject != nil {
		text = words.Position(*diag.Subject) + ": " + text
	}
	return text
}
