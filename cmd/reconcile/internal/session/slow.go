package session

import (
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// waitFor tells that the source is being waited for, if that takes longer than TellAfter; what says what it has not done yet: "has not
// started". Call the function that it returns when the wait is over: nothing is told after that.
func (o *Source) waitFor(what string) (over func()) {
	s := o.session()
	if s.TellAfter <= 0 {
		return func() {}
	}
	told := make(chan struct{})
	timer := time.AfterFunc(s.TellAfter, fault.Caught(func() {
		defer close(told)
		s.tell(Message{Kind: News, Source: o.Source, Text: fmt.Sprintf("%s %s after %s; still waiting, as long as read_timeout allows", o.ShortName(), what, s.TellAfter)})
	}))
	return func() {
		if !timer.Stop() {
			<-told
		}
	}
}
