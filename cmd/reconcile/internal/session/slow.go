package session

import (
	"fmt"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// waitFor tells that the source is being waited for, if that takes longer than TellAfter; what says what it has not done yet: "has not
// started". Call the function that it returns when the wait is over: nothing is told after that.
func (o *Source) waitFor(what string) (over func()) {
	s := o.session()
	return s.later(func() {
		s.tell(Message{Kind: News, Source: o.Source, Text: fmt.Sprintf("%s %s after %s; %s", o.ShortName(), what, s.TellAfter, stillWaiting)})
	})
}

const stillWaiting = "still waiting, as long as read_timeout allows"

// later calls tell after TellAfter, unless over was called before. When over has returned, tell is not being called.
func (s *Session) later(tell func()) (over func()) {
	if s.TellAfter <= 0 {
		return func() {}
	}
	told := make(chan struct{})
	timer := time.AfterFunc(s.TellAfter, fault.Caught(func() {
		defer close(told)
		tell()
	}))
	return sync.OnceFunc(func() {
		if !timer.Stop() {
			<-told
		}
	})
}

// waitForNews tells of a read of which nothing was heard for TellAfter.
func (w *watch) waitForNews() {
	s := w.of.session
	w.heard = s.later(func() {
		s.Listener.Waiting(w.at, time.Time{}, fmt.Sprintf("nothing came after %s; %s", s.TellAfter, stillWaiting))
	})
}
