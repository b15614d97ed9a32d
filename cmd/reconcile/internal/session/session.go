// Package session is the application without a face. It opens a configuration and its sources, with all that belongs to
// that: which plugins are trusted, Local Copies, secrets, memory. It runs and explains reconciliations, accepts
// discrepancies, pulls copies, and checks what is written. A command, a page and a worker use it alike: it returns values,
// diagnostics and errors of types that a caller can decide by; it prints nothing and asks nobody.
package session

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// Options say what is opened, and how.
type Options struct {
	guard.Self               // the program that this is a part of
	ConfigPath string        // the configuration, a file or a folder
	Shop       string        // of the configuration's list of shops; "" for none
	DataDir    string        // the folder for what is kept; "" for the usual one
	Output     string        // a file that will be written; it is refused where it is one that is read. "" for none
	Offline    bool          // take Local Copies as they are
	MaxAge     time.Duration // a Local Copy that is not older is not refreshed; 0: each is

	Log      *slog.Logger      // takes the connectors' own log; nil: it is discarded
	Secrets  *host.Secrets     // learns the secrets of all sources; nil: nobody else needs them
	Texts    map[string][]byte // what to take for what stands in files of the configuration, by their clean paths
	Listener Listener          // nil: nobody listens
	// TellAfter is how long a source may take to start, to tell its fields, and to let us in, before the Listener is told that it is waited
	// for, and a read may take before anything is heard of it; 0: nothing is told. (What a read waits for, its connector tells.)
	TellAfter time.Duration
	Stop      <-chan struct{} // closed where nobody waits any more; it ends the wait for a configuration that is a pipe
	Getenv    func(name string) (value string, ok bool)

	// CommandFor returns what to type for a reconciliation where several can be meant; nil: nobody types.
	CommandFor func(reconciliation string) string
}

// Session is the work on one configuration for one caller. It holds nothing open itself: what it opens is to be closed.
// It does one thing at a time.
type Session struct {
	Options
	heard heard // what was told since the last Prepare
}

// New returns a session. The configuration is read anew by each of its methods.
func New(o Options) *Session {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Secrets == nil {
		o.Secrets = &host.Secrets{}
	}
	if o.Listener == nil {
		o.Listener = nobody{}
	}
	return &Session{Options: o}
}

// Load reads the configuration. What it could read is there whatever the diagnostics say.
func (s *Session) Load() (*rules.Config, hcl.Diagnostics) {
	config, diags := rules.Load(s.ConfigPath, s.loadOptions())
	s.Secrets.Add(config.SecretValues()...)
	return config, append(diags, s.checkWritten(config)...)
}

// About is what the commands that are to be typed next are about.
func (s *Session) About() words.About {
	return words.About{Config: s.ConfigPath, Shop: s.Shop, Data: s.DataDir}
}

// Hint returns a command to be typed next, about what the session is about.
func (s *Session) Hint(typed ...string) string { return s.About().Command(typed...) }

func (s *Session) loadOptions() rules.Options {
	return rules.Options{Bundled: s.Bundled, Shop: s.Shop, Getenv: s.Getenv, Texts: s.Texts, Stop: s.Stop, Command: s.Hint}
}

// Guard returns what starts the connectors of a configuration.
func (s *Session) Guard(config *rules.Config) *guard.Guard {
	return guard.New(config, guard.Options{Self: s.Self, ConfigPath: s.ConfigPath, Hint: s.Hint, Log: s.Log, Secrets: s.Secrets,
		Warn: func(text string) { s.tell(Message{Kind: Warning, Text: text}) },
		Say:  func(text string) { s.tell(Message{Kind: News, Text: text}) }})
}

// warn tells something that somebody should look at.
func (s *Session) warn(format string, args ...any) {
	s.tell(Message{Kind: Warning, Text: fmt.Sprintf(format, args...)})
}

func (s *Session) tell(m Message) {
	m.Text = s.Secrets.Hide(m.Text)
	s.heard.add(m)
	s.Listener.Tell(m)
}
