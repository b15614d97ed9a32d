package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// A Failure is a call to a connector that did not succeed. Its text names the source, says what happened and whose fault
// it is, and adds the connector's last words; secrets are blotted out of it.
type Failure struct {
	Label string // the source
	Doing string // what was being done, for example "read (after 1200 items)"
	Text  string // what happened, in words
	Words string // the connector's last words, where it died; several lines
	Fault Fault
	cause error
}

// Fault says with whom mending begins.
type Fault int

// Those with whom mending can begin.
const (
	Nobody    Fault = iota // it was interrupted, or the text says it all
	Connector              // the connector breaks the protocol, dies, or is made for another version
	Platform               // the connector works, and reports what is wrong with the platform or the settings
	Slowness               // nobody can tell a slow platform from a connector that hangs
	Setup                  // the program cannot be run as the configuration says
)

// advice is what people are told about each.
var advice = map[Fault]string{
	Connector: "This is a fault of the connector, not of the configuration or the platform: tell whoever makes it, or try another version of it.",
	Platform:  "The connector works: this is about the platform, or about how the settings lead to it.",
	Slowness:  "If the platform is merely slow, set read_timeout in the source block; if it answers others, the connector hangs: tell whoever makes it.",
	Setup:     "This is about the configuration: see what the plugin block names.",
}

// Error returns the failure in one line, below it the last words if there are any, and whose fault it is.
func (f *Failure) Error() string {
	text := fmt.Sprintf("%s: %s: %s", f.Label, f.Doing, f.Text)
	if f.Words != "" {
		text += "\nits last words:\n  " + strings.ReplaceAll(f.Words, "\n", "\n  ")
	}
	if advice[f.Fault] != "" {
		text += "\n" + advice[f.Fault]
	}
	return text
}

// Unwrap returns what caused it: for example context.Canceled, or a gRPC status.
func (f *Failure) Unwrap() error { return f.cause }

// explain makes an error of a call into one for people.
func (p *Process) explain(ctx context.Context, doing string, err error) error {
	f := &Failure{Label: p.label, Doing: doing, cause: err}
	st, isStatus := status.FromError(err)
	var notFound *exec.Error
	var noFile *fs.PathError
	switch {
	case errors.Is(context.Cause(ctx), context.Canceled):
		f.Text, f.cause = "interrupted", context.Canceled
	case errors.Is(err, errSlowStart):
		f.Text = fmt.Sprintf("the connector's program %s was not ready within %s", shorten(p.process.Load().Name()), min(p.timeout, startTimeout))
		f.Words, f.Fault = p.LastWords(), Connector
	case isStatus && (st.Code() == codes.DeadlineExceeded || ctx.Err() != nil):
		f.Text, f.Words, f.Fault = fmt.Sprintf("no answer within %s", p.timeout), p.LastWords(), Slowness
		p.lost.Store(true)
	case isStatus && st.Code() == codes.Unimplemented:
		f.Text, f.Fault = p.unimplemented(), Connector
	case isStatus && st.Code() == codes.ResourceExhausted && p.alive():
		f.Text, f.Fault = "the connector sent a message that is too large: "+p.words(st.Message()), Connector
	case isStatus && st.Code() == codes.Internal:
		f.Text, f.Words, f.Fault = p.words(st.Message()), p.LastWords(), Connector
	case isStatus && st.Code() != codes.Unavailable && p.bundled:
		f.Text = p.words(st.Message()) // such as a row of a file: nobody doubts that the connector works
	case isStatus && st.Code() != codes.Unavailable:
		f.Text, f.Fault = p.words(st.Message()), Platform
	case p.conn != nil:
		f.Text = "nobody answers: " + p.words(st.Message())
	case errors.As(err, &notFound):
		f.Text, f.Fault = fmt.Sprintf("cannot run %s: %v", notFound.Name, notFound.Err), Setup
	case p.calls == nil && errors.As(err, &noFile):
		f.Text, f.Fault = fmt.Sprintf("cannot run %s: %v", noFile.Path, noFile.Err), Setup
	default:
		p.explainEnd(f, err)
	}
	return f
}

// explainEnd looks at how the connection to a connector ended.
func (p *Process) explainEnd(f *Failure, err error) {
	how := p.died()
	f.Words, f.Fault = p.LastWords(), Connector
	var greeting *GreetingError
	switch {
	case p.calls == nil && errors.As(p.greeting(), &greeting) && (greeting.Kind != NoGreeting || how == ""):
		f.Text, f.cause = p.words(greeting.Error()), greeting
		if greeting.Kind == WrongCore || greeting.Kind == WrongMajor {
			f.Fault = Nobody // the text says which side is too old
		}
	case how != "" && p.calls == nil:
		f.Text = fmt.Sprintf("the connector's program %s ended before it was ready (%s)", shorten(p.process.Load().Name()), how)
	case how != "":
		f.Text = fmt.Sprintf("the connector's program %s died (%s)", shorten(p.process.Load().Name()), how)
	default:
		f.Text = p.words(err.Error())
	}
}

// unimplemented says what it means that a connector does not know a call.
func (p *Process) unimplemented() string {
	if p.about.Connector == "" {
		return fmt.Sprintf("the connector does not serve version %d of reconcile's protocol (%s), though it says that it does: it has to be built anew, for this version of reconcile",
			proto.Major, sourcev1.Source_ServiceDesc.ServiceName)
	}
	return fmt.Sprintf("the connector, which speaks %s, does not know this call: it is too old for what it says it can do; install a newer version of it", p.about.Protocol())
}

// alive reports whether the program has not ended, as far as is known by now.
func (p *Process) alive() bool {
	process := p.process.Load()
	return process == nil || !within(0, process.done)
}

// greeting returns what is wrong with how the program introduced itself, as far as it is known by now.
func (p *Process) greeting() error {
	process := p.process.Load()
	if process == nil {
		return nil
	}
	select {
	case <-process.greeted:
		return process.unheard
	default:
		return nil
	}
}
