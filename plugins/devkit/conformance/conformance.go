// Package conformance holds a finished connector against the protocol, from outside and in whatever language it was
// written: it starts the program as reconcile does, speaks to it, and reports on a numbered list of what the protocol
// demands (Demands, which docs/protocol.md repeats).
//
// It looks at behaviour, not at truth: whether the items are those that the platform has, only a test with a platform of
// known content can tell. And it reads the source some twenty times and once more for each field, so it is to be pointed
// at a small catalogue, a sandbox for example, and not at a shop's own store.
//
// In a connector's own tests:
//
//	func TestConformance(t *testing.T) {
//		conformance.Test(t, conformance.Target{Command: []string{"./reconcile-plugin-shop"}, Config: "testdata/reconcile.hcl"})
//	}
package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// Target is the connector to look at.
type Target struct {
	// Command is the connector's program and its arguments. A path in it is relative to the current folder.
	Command []string

	// Program is the connector's program, ready to be started, in place of Command. Its Dir does not count.
	Program *host.Command

	// Config is a file, or a folder of files, with one or more source blocks of this connector; blocks of other kinds are
	// left alone. Several sources show more: one may have an empty catalogue, one a large one. Without a Config there is
	// one source without settings, which will do where none is required.
	Config string

	// Timeout is what read_timeout is in a source block: how long a call may take, and how long a read may be silent.
	// 2 minutes if it is 0; the file's own read_timeout does not count.
	Timeout time.Duration

	// MaxItems is how many items a read may have, before it is taken for endless; 10 million if it is 0.
	MaxItems int64

	// Log takes a line for each step, where it is not nil.
	Log func(format string, args ...any)
}

// A ConfigError is a mistake in Target.Config, so that nothing could be looked at. Its text is several lines.
type ConfigError struct{ text string }

// Error returns what is wrong, as the program prints it.
func (e *ConfigError) Error() string { return e.text }

// Run holds the connector against the protocol. An error means that it could not be done at all: the program or the
// configuration is not there, or ctx ended. Whatever the connector does is in the Report.
func Run(ctx context.Context, target Target) (*Report, error) {
	command, err := commandOf(target)
	if err != nil {
		return nil, err
	}
	s := &suite{
		command:  command,
		config:   target.Config,
		timeout:  cmp.Or(target.Timeout, host.DefaultReadTimeout),
		maxItems: cmp.Or(target.MaxItems, 10_000_000),
		log:      target.Log,
		outcomes: map[string]*outcome{}, empty: map[string]bool{},
		started: time.Now(),
	}
	if s.log == nil {
		s.log = func(string, ...any) {}
	}
	if err := s.run(ctx); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return s.report(), nil
}

// commandOf finds the program. Its working directory is the configuration's folder, as it is in a run.
func commandOf(target Target) (command host.Command, err error) {
	switch {
	case target.Program != nil:
		command = *target.Program
	case len(target.Command) == 0:
		return host.Command{}, errors.New("no command to run")
	default:
		if command, err = find(target.Command); err != nil {
			return host.Command{}, err
		}
	}
	command.Dir = "."
	if target.Config != "" {
		info, err := os.Stat(target.Config)
		if err != nil {
			return host.Command{}, fmt.Errorf("read the configuration: %w", err)
		}
		if command.Dir = target.Config; !info.IsDir() {
			command.Dir = filepath.Dir(target.Config)
		}
	}
	if command.Dir, err = filepath.Abs(command.Dir); err != nil {
		return host.Command{}, fmt.Errorf("find the configuration's folder: %w", err)
	}
	return command, nil
}

// find finds the program of a command, and the files among its arguments: they are relative to the current folder, which
// is not that in which the program runs.
func find(words []string) (host.Command, error) {
	program, err := exec.LookPath(words[0])
	if errors.Is(err, exec.ErrDot) {
		err = nil
	}
	if err == nil {
		program, err = filepath.Abs(program)
	}
	if err != nil {
		return host.Command{}, fmt.Errorf("cannot run the connector: %w", err)
	}
	args := append([]string{program}, words[1:]...)
	if !strings.ContainsAny(words[0], `/\`) {
		args[0] = words[0] // found in PATH: it is called by its name
	}
	for i, arg := range args[1:] {
		if _, err := os.Stat(arg); err == nil {
			if args[i+1], err = filepath.Abs(arg); err != nil {
				return host.Command{}, fmt.Errorf("find %s: %w", arg, err)
			}
		}
	}
	return host.Command{Path: program, Args: args}, nil
}
