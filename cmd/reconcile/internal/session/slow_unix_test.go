//go:build unix

package session_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// hearing passes on what a session tells.
type hearing struct {
	heard
	told chan session.Message
}

func (h *hearing) Tell(m session.Message) {
	h.heard.Tell(m)
	select {
	case h.told <- m:
	default:
	}
}

// TestSilentSource has a file be a pipe to which nobody writes yet: while the source is waited for, that is told, and when it has answered
// nothing is any more.
func TestSilentSource(t *testing.T) {
	o := shop(t, "")
	path := filepath.Join(filepath.Dir(o.ConfigPath), "shop.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	h := &hearing{told: make(chan session.Message, 1000)}
	o.Listener, o.TellAfter = h, time.Millisecond
	written := make(chan error, 1)
	go func() {
		for m := range h.told {
			if strings.HasPrefix(m.Text, "file.shop has not told its fields after 1ms; still waiting") {
				written <- os.WriteFile(path, text, 0o600) // opening it waits for the connector
				return
			}
		}
	}()
	p, err := session.New(o).Prepare(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	if err := <-written; err != nil {
		t.Error(err)
	}
	if slices.ContainsFunc(h.messages, func(m session.Message) bool { return m.Kind != session.News || m.Source == nil }) {
		t.Errorf("it tells %v", h.messages)
	}
	h = &hearing{told: make(chan session.Message, 1000)}
	o = shop(t, "")
	o.Listener, o.TellAfter = h, time.Hour
	if p, err = session.New(o).Prepare(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	p.Close()
	if len(h.messages) > 0 {
		t.Errorf("of a source that is not slow, it tells %v", h.messages)
	}
}
