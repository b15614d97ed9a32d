// Package conformance checks whether a finished connector keeps the rules of the protocol. The connector may be written in
// any language: the package starts its program as reconcile does, calls it, and reports on each of the protocol's demands
// (Demands; docs/protocol.md lists them too).
//
// It does not check whether the items are right: for that a connector's own test needs a platform with known content. It
// reads the source about twenty times, and once more for each field. So use it with a small catalogue, for example a
// sandbox, and not with the store of a shop.
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

// Target is the connector to check.
type Target struct {
	// Command is the connector's program and its arguments. A path in it is relative to the current folder.
	Command []string

	// Program is the connector's program, ready to be started, instead of Command. Its Dir is ignored.
	Program *host.Command

	// Config is a file, or a folder of files, with one or more source blocks of this connector; other blocks are ignored.
	// With several sources more can be checked, for example if one catalogue is empty and another large. Without a Config
	// there is one source without settings.
	Config string

	// Timeout is how long a call may take, and how long a read may be silent, like read_timeout in a source block. The
	// default is 2 minutes; a read_timeout in the file is ignored.
	Timeout time.Duration

	// MaxItems is the number of items after which a read counts as endless. The default is 10 million.
	MaxItems int64

	// Log receives a line for each step; it may be nil.
	Log func(format string, args ...any)
}

// A ConfigError is a mistake in Target.Config, because of which nothing could be checked. Its text has several lines.
type ConfigError struct{ text string }

// Error returns what is wrong, as the program prints it.
func (e *ConfigError) Error() string { return e.text }

// Run checks the connector. It returns an error only if it could not check it at all: the program or the configuration is
// missing, or ctx has ended. All faults of the connector are in the Report.
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
		outcomes: map[string]*outcome{}, empty: map[string]bool{}, money: map[string]bool{},
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

// find finds the program of a command, and the files among its arguments. Their paths are relative to the current folder,
// but the program will run in another one: so find makes them absolute.
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
		args[0] = words[0] // the program was found in PATH and expects its plain name
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
