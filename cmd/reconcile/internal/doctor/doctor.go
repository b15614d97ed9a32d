// Package doctor looks at a machine and a configuration and says in words what is wrong with them, and what to do. It writes
// what support needs to know into a bundle that holds no secret and no SKU. It returns values, and prints nothing.
package doctor

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// Level says how bad a finding is.
type Level string

// The levels.
const (
	OK      Level = "ok"
	Warning Level = "warning" // it works, but not as well as it could, or not for long
	Wrong   Level = "wrong"   // something will fail
)

// Finding is what was found about one thing.
type Finding struct {
	Topic string `json:"topic"`
	Level Level  `json:"level"`
	Text  string `json:"text"`         // for whoever owns the machine: it may name files, and what sources say
	Do    string `json:"do,omitempty"` // "" where there is nothing to do

	// plain is the finding for others: our own words and numbers, nothing of the configuration or from outside.
	plain string
}

// Findings are all of them, in the order in which they are looked for.
type Findings []Finding

// Count returns how many findings are of a level.
func (f Findings) Count(level Level) (n int) {
	for _, finding := range f {
		if finding.Level == level {
			n++
		}
	}
	return n
}

// Terminal is what is known of the terminal.
type Terminal struct {
	Out, Err bool // whether stdout and stderr are terminals
	Color    bool
	Width    int
}

// Patient is what is looked at.
type Patient struct {
	Session  *session.Session
	Terminal Terminal
	Offline  bool // platforms are not asked
}

// Examination is what an examination has brought to light.
type Examination struct {
	Findings Findings

	patient Patient
	config  *rules.Config
	sources *session.Sources // nil where they could not be opened
	words   []string         // names of settings, which connectors have told
}

// Examine looks at everything. It fails only where ctx is done, or where the session would write over a file that is read.
func Examine(ctx context.Context, p Patient) (*Examination, error) {
	e := &Examination{patient: p}
	e.lookAtProgram()
	e.lookAtConfiguration()
	if e.config != nil {
		if err := p.Session.Spare(e.config); err != nil {
			return nil, err
		}
	}
	e.lookAtPlugins()
	e.lookAtFiles()
	e.lookAtMemory()
	e.lookAtTemp()
	e.lookAtSources(ctx)
	e.lookAtTerminal()
	for i := range e.Findings {
		f := &e.Findings[i]
		f.Text, f.plain = p.Session.Secrets.Hide(f.Text), p.Session.Secrets.Hide(f.plain)
	}
	return e, ctx.Err()
}

// plainly adds a finding that anybody may read.
func (e *Examination) plainly(level Level, topic, do, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	e.Findings = append(e.Findings, Finding{Topic: topic, Level: level, Text: text, Do: do, plain: text})
}

// privately adds a finding whose text is for the machine's owner alone; plain is what others may know.
func (e *Examination) privately(level Level, topic, do, plain, text string) {
	e.Findings = append(e.Findings, Finding{Topic: topic, Level: level, Text: text, Do: do, plain: plain})
}

func (e *Examination) lookAtProgram() {
	zone, offset := time.Now().Zone()
	e.plainly(OK, "program", "", "reconcile %s, built with %s for %s/%s; %d processors; time zone %s (%+d minutes)", e.patient.Session.Version,
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), zone, offset/60)
}
