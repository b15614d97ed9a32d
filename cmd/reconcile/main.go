// Reconcile compares a point of sale's catalogue with an online store's, item by item, by rules written in HCL.
//
// This package only wires the parts together: one file a command.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// version is set by the linker in releases.
var version = "0.1.0-dev"

func main() {
	if len(os.Args) == 3 && os.Args[1] == connectorArg {
		serveConnector(os.Args[2])
		return
	}
	if len(os.Args) == 3 && os.Args[1] == sandboxArg {
		fmt.Fprintln(os.Stderr, host.Confine(os.Args[2]))
		os.Exit(126) // as shells do where a program cannot be run
	}
	os.Exit(run(os.Args[1:]))
}

// run is the whole program but for the process's end; it returns the exit status.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := newApp()
	root := rootCommand(a)
	root.SetArgs(args)
	return a.status(root.ExecuteContext(ctx))
}

// status prints an error and returns the exit status that goes with it.
func (a *app) status(err error) int {
	var found *discrepanciesError
	var placed *placedError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &found):
		return 2
	case errors.Is(err, errReported):
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.stderr, "Interrupted. Nothing was written.")
	case errors.As(err, &placed):
		if err := a.show(placed.files, placed.diags); err != nil {
			fmt.Fprintf(a.stderr, "%s %v\n", a.red("Error:"), placed)
		}
	default:
		fmt.Fprintf(a.stderr, "%s %s\n", a.red("Error:"), a.secrets.Hide(err.Error()))
	}
	return 1
}

// errReported is returned by a command that has printed what went wrong.
var errReported = errors.New("reported")

// discrepanciesError is returned with --exit-code where there are discrepancies.
type discrepanciesError struct{}

func (*discrepanciesError) Error() string { return "there are discrepancies" }

func rootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "reconcile",
		Short: "Compare a point of sale's catalogue with an online store's, item by item",
		Long: `Reconcile compares a point of sale's catalogue with an online store's, item by item, and says what is
out of sync, why, and what to do. Sources, rules and notes stand in reconcile.hcl.`,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.PersistentFlags().StringVar(&a.configPath, "config", "reconcile.hcl", "the configuration: a file, or a folder of .hcl files")
	root.PersistentFlags().StringVar(&a.dataDir, "data", "", "the folder for Local Copies, if not the usual one or $"+dataEnv)
	root.PersistentFlags().BoolVar(&a.verbose, "verbose", false, "show the connectors' own log on stderr")
	root.PersistentFlags().StringVar(&a.color, "color", "auto", "colours: auto, always or never; auto respects NO_COLOR")
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return a.setUp() }
	root.AddCommand(runCommand(a), pullCommand(a), validateCommand(a), sourcesCommand(a), rulesCommand(a), acceptCommand(a), explainCommand(a), testCommand(a))
	root.AddCommand(initCommand(a), fmtCommand(a), consoleCommand(a), pluginCommand(a), sandboxCommand(a))
	a.addCompletions(root)
	return root
}
