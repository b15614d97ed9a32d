// Reconcile compares a point of sale's catalogue with an online store's, item by item, by rules written in HCL.
//
// This package is the command line alone, one file a command: flags, a call, what is printed. What the program can do is in
// internal/session, how a terminal shows it in internal/terminal.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/host"

	_ "github.com/reconcilehq/reconcile/cmd/reconcile/internal/firstgc"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// version is set by the linker in releases.
var version = "0.1.0-dev"

func main() {
	fault.Prepare(version)
	defer fault.Catch()
	if args := asConnector(os.Args); args != nil {
		serveConnector(args)
		return
	}
	if len(os.Args) == 3 && os.Args[1] == sandboxArg {
		fmt.Fprintln(os.Stderr, host.Confine(os.Args[2]))
		os.Exit(statusNotConfined)
	}
	if len(os.Args) == 3 && os.Args[1] == reaperArg {
		fmt.Fprintln(os.Stderr, host.Reap(os.Args[2]))
		os.Exit(statusNotConfined)
	}
	os.Exit(run(os.Args[1:]))
}

// run is the whole program but for the process's end; it returns the exit status.
func run(args []string) int {
	ctx, stopper, release := catchSignals(context.Background())
	defer release()
	c := newCommandLine()
	c.args = args
	c.stop = ctx.Done()
	root := rootCommand(c)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if lost := c.term.OutError(); lost != nil && (err == nil || errors.Is(err, terminal.ErrShown)) {
		err = fmt.Errorf("write to stdout: %w", lost)
	}
	return statusOf(c.term, err, stopper.stoppedBy())
}
