package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/plugins/devkit/conformance"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/inspect"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// pluginTestFlags are the flags of reconcile plugin test.
type pluginTestFlags struct {
	format  string
	timeout time.Duration
	brief   bool
}

func pluginTestCommand(c *commandLine) *cobra.Command {
	var f pluginTestFlags
	cmd := &cobra.Command{
		Use:   "test NAME | BINARY | COMMAND ARGUMENT...",
		Short: "Hold a connector against what the protocol demands",
		Long: `Test starts a connector's program as reconcile does, speaks to it, and prints a numbered list of what the protocol
demands: each passed, failed with what was seen and how to mend it, or skipped with the reason. The numbers are those of
docs/protocol.md.

With --config it uses the source blocks of this connector in that file; several sources show more, for example one with
an empty catalogue and one with a large one. Without it there is one source without settings. Its expect blocks say what
has to be found: how many items, which, what must fail, and what a change of the platform is (docs/plugins.md).

It reads each source some twenty times, and once more for each field: point it at a small catalogue or a sandbox, not at
a shop's own store. ` + statusIf("if nothing failed,", "otherwise") + ".",
		Example: `  reconcile plugin test ./reconcile-plugin-lanternshop --config testdata/reconcile.hcl
  reconcile plugin test node dist/lanternshop.mjs
  reconcile plugin test bigcommerce --config sandbox.hcl`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			config := ""
			if cmd.Flags().Changed("config") {
				config = c.configPath
			}
			return c.pluginTest(cmd.Context(), args, config, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "text", "how to show the result: text or json")
	flags.DurationVar(&f.timeout, "timeout", 2*time.Minute, "how long a call may take, and a read may be silent, like read_timeout")
	flags.BoolVar(&f.brief, "brief", false, "list only what failed")
	return cmd
}

func (c *commandLine) pluginTest(ctx context.Context, args []string, config string, f pluginTestFlags) error {
	if !slices.Contains([]string{"text", "json"}, f.format) {
		return fmt.Errorf("there is no format %q: use text or json", f.format)
	}
	if f.timeout <= 0 {
		return fmt.Errorf("--timeout %s: give a time such as 30s or 2m", f.timeout)
	}
	command, err := inspect.Program(self(c.dataDir), args)
	if err != nil {
		return err
	}
	target := conformance.Target{Program: &command, Config: config, Timeout: f.timeout}
	if c.verbose {
		target.Log = func(format string, args ...any) { c.term.Log.Info(fmt.Sprintf(format, args...)) }
	}
	report, err := conformance.Run(ctx, target)
	var wrong *conformance.ConfigError
	if errors.As(err, &wrong) {
		fmt.Fprintln(c.term.Err, strings.TrimRight(wrong.Error(), "\n"))
		return terminal.ErrShown
	}
	if err != nil {
		return err
	}
	if f.format == "json" {
		err = report.WriteJSON(c.term.JSON)
	} else {
		err = report.WriteText(c.term.Painted, conformance.Style{Color: c.term.ColorOut, Width: c.term.Width, Brief: f.brief})
	}
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	if len(report.Failed()) > 0 {
		return terminal.ErrShown
	}
	return nil
}
