package fleet

import (
	"sync"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// listener keeps the warnings of one shop. It implements session.Listener.
type listener struct {
	mu   sync.Mutex
	said []string
}

var _ session.Listener = (*listener)(nil)

// Tell implements session.Listener.
func (l *listener) Tell(m session.Message) {
	switch {
	case m.Kind != session.Warning:
	case m.Source != nil:
		l.add("source \"" + m.Source.Name + "\": " + m.Text)
	default:
		l.add(m.Text)
	}
}

func (l *listener) add(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, text)
}

// addDiags adds warnings about the configuration.
func (l *listener) addDiags(diags hcl.Diagnostics) {
	for _, diag := range diags {
		l.add(diag.Summary + ": " + diag.Detail)
	}
}

func (l *listener) warnings() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said
}

// Begin implements session.Listener.
func (l *listener) Begin([]string) {}

// Progress implements session.Listener.
func (l *listener) Progress(int, int64, int64, string) {}

// Waiting implements session.Listener.
func (l *listener) Waiting(int, time.Time, string) {}

// End implements session.Listener.
func (l *listener) End() {}
