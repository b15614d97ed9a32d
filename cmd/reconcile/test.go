package main

import (
	"fmt"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/prose"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// testFlags are the flags of reconcile test.
type testFlags struct{ format, run string }

func testCommand(c *commandLine) *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use:   "test [FILE...]",
		Short: "Run the tests of the rules",
		Long: `Test runs the tests in the files *.test.hcl beside the configuration. A test gives an item as both sides have it, and
says which cells the rules are to make of it:

  test "one web order is still to be imported" {
    pos    = { qoh = 5 }
    store  = { qoh = 4, pending = 1 }
    expect = { Q = "S", QP = "N" }
  }

Fields that are not given are unknown, or empty. No source is started. With several reconciliations, a test names its
own: reconciliation = "name". key = "A-1" gives the item's key, and today = "2027-03-31" the day that decides whether
an intentional block has expired.

A test that fails shows how the cell came to be what it is. ` + statusIf("if all tests passed", "otherwise") + `.
FILE names the files whose tests are run; all of them are if it is left out.`,
		Example: `  reconcile test
  reconcile test --run "web order"
  reconcile test --format junit > results.xml`,
		RunE: func(_ *cobra.Command, args []string) error { return c.test(args, f) },
	}
	cmd.Flags().StringVar(&f.format, "format", "text", "how to show the results: text or junit")
	cmd.Flags().StringVar(&f.run, "run", "", "run only the tests whose names match this regular expression")
	return cmd
}

func (c *commandLine) test(named []string, f testFlags) error {
	show, ok := map[string]func(*session.TestRun) error{"text": c.showTests, "junit": c.showJUnit}[f.format]
	if !ok {
		return fmt.Errorf("there is no format %q: use text or junit", f.format)
	}
	pattern, err := regexp.Compile(f.run)
	if err != nil {
		return fmt.Errorf("--run: %w", err)
	}
	tests, err := c.session().Tests(named)
	if err != nil {
		return err
	}
	if err := c.term.Show(tests.Files, tests.Diags); err != nil {
		return err
	}
	run := tests.Run(pattern)
	if len(run.Results) == 0 {
		return fmt.Errorf("--run %s: none of the %s has such a name", f.run, words.Count(len(tests.List), "test"))
	}
	if err := show(run); err != nil {
		return err
	}
	if run.Failed() > 0 {
		return terminal.ErrShown
	}
	return nil
}

func (c *commandLine) showTests(run *session.TestRun) error {
	page := prose.New(c.term.Width, c.term.ColorOut)
	page.Tests(run)
	return page.Flush(c.term.Painted)
}

func (c *commandLine) showJUnit(run *session.TestRun) error { return prose.JUnit(c.term.Data, run) }
