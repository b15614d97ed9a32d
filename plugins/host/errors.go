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
)

// A Failure is a call to a connector that did not succeed. Its text names the source, says what happened and adds the
// connector's last words; secrets are blotted out of it.
type Failure struct {
	Label string // the source
	Doing string // what was being done, for example "read (after 1200 items)"
	Text  string // what happened, in words
	Words string // the connector's last words, where it died; several lines
	cause error
}

// Error returns the failure in one line, and below it the last words if there are any.
func (f *Failure) Error() string {
	text := fmt.Sprintf("%s: %s: %s", f.Label, f.Doing, f.Text)
	if f.Words != "" {
		text += "\nits last words:\n  " + strings.ReplaceAll(f.Words, "\n", "\n  ")
	}
	return text
}

// Unwrap returns what caused it: for example context.Canceled, or a gRPC status.
func (f *Failure) Unwrap() error { return f.cause }

// explain makes an error of a call into one for people.
func (p *Process) explain(ctx context.Context, doing string, err error) error {
	f := &Failure{Label: p.label, Doing: doing, cause: err}
	st, isStatus := status.FromError(err)
	switch {
	case errors.Is(context.Cause(ctx), context.Canceled):
		f.Text, f.cause = "interrupted", context.Canceled
		return f
	case errors.Is(err, errSlowStart):
		f.Text = fmt.Sprintf("the connector's program %s was not ready within %s", shorten(p.process.Load().Name()), min(p.timeout, startTimeout))
		f.Words = p.LastWords()
		return f
	case isStatus && (st.Code() == codes.DeadlineExceeded || ctx.Err() != nil):
		f.Text = fmt.Sprintf("no answer within %s; if the platform is merely slow, set read_timeout in the source block", p.timeout)
		return f
	case isStatus && st.Code() == codes.Unimplemented:
		f.Text = "the connector does not know this call: it was made for another version of reconcile"
		return f
	case isStatus && st.Code() == codes.ResourceExhausted:
		f.Text = "the connector sent a message that is too large: " + p.secrets.hide(st.Message())
		return f
	case isStatus && st.Code() != codes.Unavailable:
		f.Text = p.secrets.hide(st.Message())
		return f
	}
	if p.conn != nil {
		f.Text = "nobody answers: " + p.secrets.hide(st.Message())
		return f
	}
	var notFound *exec.Error
	if errors.As(err, &notFound) {
		f.Text = fmt.Sprintf("cannot run %s: %v", notFound.Name, notFound.Err)
		return f
	}
	var noFile *fs.PathError
	if p.calls == nil && errors.As(err, &noFile) {
		f.Text = fmt.Sprintf("cannot run %s: %v", noFile.Path, noFile.Err)
		return f
	}
	how := p.died()
	f.Words = p.LastWords()
	var greeting *GreetingError
	switch {
	case p.calls == nil && errors.As(p.greeting(), &greeting) && (greeting.Kind != NoGreeting || how == ""):
		f.Text, f.cause = p.secrets.hide(greeting.Error()), greeting
	case how != "" && p.calls == nil:
		f.Text = fmt.Sprintf("the connector's program %s ended before it was ready (%s)", shorten(p.process.Load().Name()), how)
	case how != "":
		f.Text = fmt.Sprintf("the connector's program %s died (%s)", shorten(p.process.Load().Name()), how)
	default:
		f.Text = p.secrets.hide(err.Error())
	}
	return f
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

// Explanation is Error without the source's name, for places that show it anyway.
func (f *Failure) Explanation() string { return strings.TrimPrefix(f.Error(), f.Label+": ") }
