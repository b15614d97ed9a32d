package host

import (
	"fmt"

	"github.com/reconcilehq/reconcile/plugins/proto"
)

// warnings passes a connector's warnings on, up to proto.MaxWarnings of them, and counts the others.
type warnings struct{ n int }

func (w *warnings) pass(to Watcher, text string) {
	if w.n++; w.n <= proto.MaxWarnings {
		to.Warning(text)
	}
}

// passCount says how many warnings were left out, if any were.
func (w *warnings) passCount(to Watcher) {
	if more := w.n - proto.MaxWarnings; more > 0 {
		to.Warning(fmt.Sprintf("and %d more warnings", more))
	}
}

// notices is the same for notices, up to proto.MaxNotices.
type notices struct{ n int }

func (s *notices) pass(to Watcher, text string) {
	if s.n++; s.n <= proto.MaxNotices {
		to.Notice(text)
	}
}

func (s *notices) passCount(to Watcher) {
	if more := s.n - proto.MaxNotices; more > 0 {
		to.Notice(fmt.Sprintf("and %d more notices", more))
	}
}

// safeText makes a text of the connector safe to show: without secrets and without control characters.
func (p *Process) safeText(text string) string { return p.secrets.safeText(text) }
