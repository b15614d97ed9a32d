package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/ruletest"
)

// testFlags are the flags of reconcile test.
type testFlags struct{ format, run string }

func testCommand(a *app) *cobra.Command {
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

A test that fails shows how the cell came to be what it is. The exit status is 0 if all tests passed, 1 otherwise.
FILE names the files whose tests are run; all of them are if it is left out.`,
		Example: `  reconcile test
  reconcile test --run "web order"
  reconcile test --format junit > results.xml`,
		RunE: func(_ *cobra.Command, args []string) error { return a.test(args, f) },
	}
	cmd.Flags().StringVar(&f.format, "format", "text", "how to show the results: text or junit")
	cmd.Flags().StringVar(&f.run, "run", "", "run only the tests whose names match this regular expression")
	return cmd
}

// testRun is what became of the tests that were run.
type testRun struct {
	app     *app
	config  *rules.Config
	results []testResult
	skipped int // tests that --run left out
}

type testResult struct {
	*ruletest.Test
	failures []ruletest.Failure
}

func (r *testRun) failed() int {
	n := 0
	for _, result := range r.results {
		if len(result.failures) > 0 {
			n++
		}
	}
	return n
}

func (a *app) test(named []string, f testFlags) error {
	show, ok := map[string]func(*testRun) error{"text": (*testRun).text, "junit": (*testRun).junit}[f.format]
	if !ok {
		return fmt.Errorf("there is no format %q: use text or junit", f.format)
	}
	pattern, err := regexp.Compile(f.run)
	if err != nil {
		return fmt.Errorf("--run: %w", err)
	}
	config, tests, err := a.loadTests(named)
	if err != nil {
		return err
	}
	run := &testRun{app: a, config: config}
	for _, t := range tests {
		if !pattern.MatchString(t.Name) {
			run.skipped++
			continue
		}
		run.results = append(run.results, testResult{t, ruletest.Run(config, t)})
	}
	if len(run.results) == 0 {
		return fmt.Errorf("--run %s: none of the %s has such a name", f.run, count(len(tests), "test"))
	}
	if err := show(run); err != nil {
		return err
	}
	if run.failed() > 0 {
		return errReported
	}
	return nil
}

// loadTests reads the configuration and its tests, and shows all mistakes in them. It returns the tests of the named
// files, or all of them if none is named.
func (a *app) loadTests(named []string) (*rules.Config, []*ruletest.Test, error) {
	config, diags := a.load()
	if len(config.Files) == 0 || len(config.Sources)+len(config.Rules)+len(config.Reconciliations) == 0 && diags.HasErrors() {
		return nil, nil, a.refuse(config, diags)
	}
	beside, err := ruletest.Files(a.configPath)
	if err != nil {
		return nil, nil, err
	}
	// All are read, whichever are run: together they tell the types of fields that not everybody knows.
	files, wanted, err := testFiles(beside, named)
	if err != nil {
		return nil, nil, err
	}
	tests, more := ruletest.Load(config, files)
	diags = append(diags, more...)
	if tests != nil {
		diags = rules.Merge(diags, ruletest.Compile(config, tests, time.Now()))
	}
	if diags.HasErrors() {
		return nil, nil, a.refuse(config, diags)
	}
	if err := a.show(config.Files, diags); err != nil {
		return nil, nil, err
	}
	tests = slices.DeleteFunc(tests, func(t *ruletest.Test) bool { return !slices.Contains(wanted, t.Range.Filename) })
	if len(tests) == 0 {
		return nil, nil, a.noTests(wanted)
	}
	return config, tests, nil
}

// testFiles returns all files to read, and those whose tests are wanted.
func testFiles(beside, named []string) (all, wanted []string, err error) {
	if len(named) == 0 {
		return beside, beside, nil
	}
	all = beside
	for _, name := range named {
		info, err := os.Stat(name)
		if err != nil {
			return nil, nil, fmt.Errorf("read the tests: %w", err)
		}
		if info.IsDir() {
			return nil, nil, fmt.Errorf("%s is a folder: name files with tests, or a configuration with --config", name)
		}
		i := slices.IndexFunc(all, func(other string) bool {
			also, err := os.Stat(other)
			return err == nil && os.SameFile(info, also)
		})
		if i < 0 {
			i = len(all)
			all = append(all, filepath.Clean(name))
		}
		wanted = append(wanted, all[i])
	}
	return all, wanted, nil
}

// noTests is the error where there is nothing to run: it says how to write a test.
func (a *app) noTests(files []string) error {
	where := "there is no file *.test.hcl beside " + a.configPath
	if len(files) > 0 {
		where = "there is no test in " + enumerate(files)
	}
	return fmt.Errorf(`%s. A test gives an item as both sides have it, and says which cells the rules are to make of it:

  test "one web order is still to be imported" {
    pos    = { qoh = 5 }
    store  = { qoh = 4, pending = 1 }
    expect = { Q = "S", QP = "N" }
  }`, where)
}
