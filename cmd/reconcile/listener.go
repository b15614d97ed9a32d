package main

import (
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// listener shows on the terminal what a session tells. It implements session.Listener.
type listener struct{ *terminal.Terminal }

// Tell implements session.Listener.
func (l listener) Tell(m session.Message) {
	switch {
	case m.Kind == session.News:
		l.Terminal.Tell(m.Text)
	case m.Kind == session.Notice && m.Source != nil:
		l.Terminal.Tell(m.Source.Connector + "." + m.Source.Name + ": " + m.Text)
	case m.Source != nil:
		l.Warn("source %q: %s", m.Source.Name, m.Text)
	default:
		l.Warn("%s", m.Text)
	}
}
