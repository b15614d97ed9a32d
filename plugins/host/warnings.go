package host

import (
	"fmt"

	"github.com/reconcilehq/reconcile/plugins/proto"
)

// warnings hands on as many of a connector's warnings as people may read.
type warnings struct{ n int }

func (w *warnings) take(to Watcher, text string) {
	if w.n++; w.n <= proto.MaxWarnings {
		to.Warning(text)
	}
}

// end says how many were left out.
func (w *warnings) end(to Watcher) {
	if more := w.n - proto.MaxWarnings; more > 0 {
		to.Warning(fmt.Sprintf("and %d more warnings", more))
	}
}

// notices is warnings for notices.
type notices struct{ n int }

func (s *notices) take(to Watcher, text string) {
	if s.n++; s.n <= proto.MaxNotices {
		to.Notice(text)
	}
}

func (s *notices) end(to Watcher) {
	if more := s.n - proto.MaxNotices; more > 0 {
		to.Notice(fmt.Sprintf("and %d more notices", more))
	}
}

// words makes a connector's text fit to be shown: without secrets, and without what a terminal would act on.
func (p *Process) words(text string) string { return p.secrets.show(text) }
