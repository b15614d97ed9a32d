package session

import (
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/rules/source"
)

// awaited is told of waits.
type awaited struct {
	nobody
	waits chan string
}

func (a *awaited) Waiting(_ int, until time.Time, text string) {
	if until.IsZero() {
		a.waits <- text
	}
}

// TestSilentRead has reads of which nothing is heard: that is told, and no more once something was.
func TestSilentRead(t *testing.T) {
	heard := &awaited{waits: make(chan string, 10)}
	s := New(Options{Listener: heard, TellAfter: time.Millisecond})
	r := s.begin(&source.Source{Connector: "file", Name: "shop"})
	if got, want := <-heard.waits, "nothing came after 1ms; still waiting, as long as read_timeout allows"; got != want {
		t.Errorf("it tells %q, want %q", got, want)
	}
	r.sides[0].Progress(1, 0, "")
	r.end()
	s.TellAfter = time.Hour
	r = s.begin(&source.Source{Connector: "file", Name: "shop"})
	r.sides[0].Progress(1, 0, "")
	r.end() // which would wait for an hour if the wait was not over
	if len(heard.waits) > 0 {
		t.Errorf("it tells %q", <-heard.waits)
	}
}
