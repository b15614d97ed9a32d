package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"syscall"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// A Failure is the error of a failed call to a connector. Its text names the source, says what happened and whose fault it
// is, and ends with the last lines that the connector wrote. Secrets are hidden in it.
type Failure struct {
	Label     string // the source
	Action    string // what the host was doing, for example "read (after 1200 items)"
	Text      string // what happened
	LastWords string // the last lines that the connector wrote, if it ended; "" otherwise
	Fault     Fault
	cause     error
}

// Fault says who has to act first to repair a failure.
type Fault int

// All faults.
const (
	Nobody    Fault = iota // the user interrupted the call, or the text already says what to do
	Connector              // the connector breaks the protocol, crashes, or is made for another version
	Platform               // the connector works, and reports a problem of the platform or of the settings
	Slowness               // the platform is slow or the connector hangs: the host cannot know which
	Ours                   // a bundled connector has a fault: this program has
	Setup                  // the program cannot be run as the configuration says
)

// advice is the sentence that a failure's text ends with.
var advice = map[Fault]string{
	Connector: "This is a fault of the connector, not of the configuration or the platform: tell whoever makes it, or try another version of it.",
	Platform:  "The connector works: this is about the platform, or about how the settings lead to it.",
	Slowness:  "If the platform is merely slow, set read_timeout in the source block; if it answers others, the connector hangs: tell whoever makes it.",
	Ours:      "This is a fault of reconcile, not of the configuration or the platform: please report it at " + fault.Where + ".",
	Setup:     "This is about the configuration: see what the plugin block names.",
}

// Error returns the failure in one line, then the last lines of the connector if there are any, then the advice.
func (f *Failure) Error() string {
	text := fmt.Sprintf("%s: %s: %s", f.Label, f.Action, f.Text)
	if f.LastWords != "" {
		text += "\nits last words:\n  " + strings.ReplaceAll(f.LastWords, "\n", "\n  ")
	}
	if advice[f.Fault] != "" {
		text += "\n" + advice[f.Fault]
	}
	return text
}

// Unwrap returns the cause: for example context.Canceled, or a gRPC status.
func (f *Failure) Unwrap() error { return f.cause }

// callError makes an error of a call into one for people.
func (p *Process) callError(ctx context.Context, doing string, err error) error {
	f := &Failure{Label: p.label, Action: doing, cause: err}
	st, isStatus := status.FromError(err)
	var notFound *exec.Error
	var noFile *fs.PathError
	switch {
	case errors.Is(context.Cause(ctx), context.Canceled):
		f.Text, f.cause = "interrupted", context.Canceled
	case p.calls == nil && tooManyFiles(errors.Join(err, p.startError())):
		f.Text = "this process may open no more files: allow it more (ulimit -n, or LimitNOFILE of a service); a run needs some 100"
	case errors.Is(err, errStartTimeout):
		f.Text = fmt.Sprintf("the connector's program %s was not ready within %s", programName(p.process.Load().Name()), min(p.timeout, startTimeout))
		f.LastWords, f.Fault = p.LastWords(), Connector
	case isStatus && (st.Code() == codes.DeadlineExceeded || ctx.Err() != nil):
		f.Text, f.LastWords, f.Fault = fmt.Sprintf("no answer within %s", p.timeout), p.LastWords(), Slowness
		p.unresponsive.Store(true)
	case isStatus && st.Code() == codes.Unimplemented:
		f.Text, f.Fault = p.unknownCall(), Connector
	case isStatus && st.Code() == codes.Unauthenticated && p.description.Connector == "":
		f.Text, f.Fault = fmt.Sprintf("the connector refuses the secret of its process, which calls carry as %s: it read another from %s, or somebody else answers in its place", proto.SecretHeader, proto.SecretEnv), Connector
	case isStatus && st.Code() == codes.ResourceExhausted && p.alive():
		f.Text, f.Fault = "the connector sent a message that is too large: "+p.safeText(st.Message()), Connector
	case isStatus && st.Code() == codes.Internal:
		f.Text, f.LastWords, f.Fault = p.safeText(st.Message()), p.LastWords(), Connector
		if why, unread := strings.CutPrefix(f.Text, "grpc: failed to unmarshal the received message: "); unread {
			f.Text = "the connector sent a message that is not read: " + why
		}
		if p.bundled {
			f.Fault = Ours
		}
	case isStatus && st.Code() != codes.Unavailable && p.bundled:
		f.Text = p.safeText(st.Message()) // such as a row of a file: nobody doubts that the connector works
	case isStatus && st.Code() != codes.Unavailable:
		f.Text, f.Fault = p.safeText(st.Message()), Platform
	case p.conn != nil:
		f.Text = "nobody answers: " + p.safeText(st.Message())
	case errors.As(err, &notFound):
		f.Text, f.Fault = fmt.Sprintf("cannot run %s: %v", notFound.Name, notFound.Err), Setup
	case p.calls == nil && errors.As(err, &noFile):
		f.Text, f.Fault = fmt.Sprintf("cannot run %s: %v", noFile.Path, noFile.Err), Setup
	default:
		p.explainEnded(f, err)
	}
	return f
}

// tooManyFiles reports whether the system lets us, or anybody, open no more files.
func tooManyFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// startError returns why the program could not be started, or how it ended; nil as long as it runs.
func (p *Process) startError() error {
	process := p.process.Load()
	if process == nil || !within(0, process.exited) {
		return nil
	}
	return process.err
}

// explainEnded completes f for a connection that broke: it looks whether the program has ended, and how.
func (p *Process) explainEnded(f *Failure, err error) {
	how := p.howItEnded()
	f.LastWords, f.Fault = p.LastWords(), Connector
	if p.bundled && crashed(how) {
		f.Fault = Ours
	}
	var greeting *GreetingError
	switch {
	case p.calls == nil && errors.As(p.greeting(), &greeting) && (greeting.Kind != NoGreeting || how == ""):
		f.Text, f.cause = p.safeText(greeting.Error()), greeting
		if greeting.Kind == WrongCore || greeting.Kind == WrongMajor {
			f.Fault = Nobody // the text says which side is too old
		}
	case how != "" && p.calls == nil:
		f.Text = fmt.Sprintf("the connector's program %s ended before it was ready (%s)", programName(p.process.Load().Name()), how)
	case how != "":
		f.Text = fmt.Sprintf("the connector's program %s died (%s)", programName(p.process.Load().Name()), how)
	default:
		f.Text = p.safeText(err.Error())
	}
}

// crashed reports whether a program of ours that ended so has met a fault of its own, and was not killed.
func crashed(how string) bool {
	return strings.Contains(how, fmt.Sprintf("status %d", fault.Status)) || strings.Contains(how, "aborted")
}

// unknownCall explains the error of a connector that does not know a call.
func (p *Process) unknownCall() string {
	if p.description.Connector == "" {
		return fmt.Sprintf("the connector does not serve version %d of reconcile's protocol (%s), though it says that it does: it has to be built anew, for this version of reconcile",
			proto.Major, sourcev1.Source_ServiceDesc.ServiceName)
	}
	return fmt.Sprintf("the connector, which speaks %s, does not know this call: it is too old for what it says it can do; install a newer version of it", p.description.Protocol())
}

// alive reports whether the program still runs, as far as is known by now.
func (p *Process) alive() bool {
	process := p.process.Load()
	return process == nil || !within(0, process.exited)
}

// greeting returns what is wrong with the program's greeting; nil if nothing is, or if it has not come yet.
func (p *Process) greeting() error {
	process := p.process.Load()
	if process == nil {
		return nil
	}
	select {
	case <-process.greeted:
		return process.greetingErr
	default:
		return nil
	}
}
