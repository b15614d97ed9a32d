package session

import (
	"fmt"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/rules/source"
)

// Kind is how much a message matters.
type Kind uint8

// The kinds of messages.
const (
	Warning Kind = iota // somebody should look at it
	Notice              // how a source was read where that had to be guessed
	News                // what happened, no cause for worry
)

// Message is something that people should know and that is not of the result.
type Message struct {
	Kind   Kind
	Source *source.Source // that it is about; nil if it is about none alone
	Text   string         // without any secret
}

// Listener hears what goes on while a session works. Its methods may be called from several goroutines, and should return
// soon: sources wait for them.
type Listener interface {
	// Tell is called for each message, at once where it says why nothing goes on, and otherwise after the read.
	Tell(Message)
	// Begin is called before sources of these names are read, and End after that. Reads do not overlap.
	Begin(sources []string)
	// Progress says how far the read is of the source at that place of Begin's list. total is 0 if it is not known.
	Progress(source int, items, total int64, text string)
	// Waiting says that the source at that place waits for its platform until then (zero: it is not known), and text says so:
	// "waiting for the shop's quota until 10:04:12". It is called about every second.
	Waiting(source int, until time.Time, text string)
	End()
}

// nobody is the listener where there is none.
type nobody struct{}

func (nobody) Tell(Message)                       {}
func (nobody) Begin([]string)                     {}
func (nobody) Progress(int, int64, int64, string) {}
func (nobody) Waiting(int, time.Time, string)     {}
func (nobody) End()                               {}

// reading is one read of some sources. It keeps what they tell for afterwards.
type reading struct {
	session *Session
	mu      sync.Mutex
	sides   []*watch
}

// watch is one source of a reading. It implements engine.Watcher.
type watch struct {
	of     *reading
	at     int
	source *source.Source
	heard  func() // is called when something was heard of it

	notices, news, warnings []Message
}

var _ engine.Watcher = (*watch)(nil)

func (s *Session) begin(sources ...*source.Source) *reading {
	r := &reading{session: s}
	var names []string
	for i, source := range sources {
		r.sides = append(r.sides, &watch{of: r, at: i, source: source})
		names = append(names, source.Name)
	}
	s.Listener.Begin(names)
	for _, w := range r.sides {
		w.waitForNews()
	}
	return r
}

// end tells the notices, the news and the warnings.
func (r *reading) end() {
	for _, w := range r.sides {
		w.heard()
	}
	r.session.Listener.End()
	for _, w := range r.sides {
		for _, list := range [][]Message{w.notices, w.news, w.warnings} {
			for _, m := range list {
				r.session.tell(m)
			}
		}
	}
}

// Progress implements engine.Watcher.
func (w *watch) Progress(items, total int64, text string) {
	w.heard()
	w.of.session.Listener.Progress(w.at, items, total, text)
}

// Waiting implements engine.Watcher.
func (w *watch) Waiting(until time.Time, text string) {
	w.heard()
	w.of.session.Listener.Waiting(w.at, until, text)
}

// Warning implements engine.Watcher.
func (w *watch) Warning(text string) { w.keep(&w.warnings, Warning, text) }

// Notice implements engine.Watcher.
func (w *watch) Notice(text string) { w.keep(&w.notices, Notice, text) }

func (w *watch) keep(list *[]Message, kind Kind, text string) {
	w.of.mu.Lock()
	defer w.of.mu.Unlock()
	*list = append(*list, Message{Kind: kind, Source: w.source, Text: text})
}

// note keeps what is no cause for worry.
func (w *watch) note(format string, args ...any) { w.keep(&w.news, News, fmt.Sprintf(format, args...)) }

// say tells at once, for example why nothing goes on.
func (w *watch) say(format string, args ...any) {
	w.of.session.tell(Message{Kind: News, Source: w.source, Text: fmt.Sprintf(format, args...)})
}

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
