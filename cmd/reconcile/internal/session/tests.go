package session

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/ruletest"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// Tests are the tests of the rules that were asked for.
type Tests struct {
	Config    *rules.Config
	Diagnosis // what there is to warn of
	List      []*ruletest.Test
}

// TestRun is what became of tests.
type TestRun struct {
	Results []TestResult
	Skipped int // whose names were not asked for
}

// TestResult is what became of one test; it has passed if there are no failures.
type TestResult struct {
	*ruletest.Test
	Failures []ruletest.Failure
}

// Failed returns how many tests have failed.
func (r *TestRun) Failed() int {
	n := 0
	for _, result := range r.Results {
		if len(result.Failures) > 0 {
			n++
		}
	}
	return n
}

// Tests reads the configuration and its tests: those of the named files, or all of them if none is named.
func (s *Session) Tests(named []string) (*Tests, error) {
	config, diags := s.Load()
	if hopeless(config, diags) {
		return nil, s.Refuse(config, diags)
	}
	beside, err := ruletest.Files(s.ConfigPath)
	if err != nil {
		return nil, err
	}
	// All are read, whichever are run: together they tell the types of fields that not everybody knows.
	files, wanted, err := testFiles(beside, named)
	if err != nil {
		return nil, err
	}
	tests, more := ruletest.Load(config, files)
	diags = append(diags, more...)
	if tests != nil {
		diags = rules.Merge(diags, ruletest.Compile(config, tests, time.Now()))
	}
	if diags.HasErrors() {
		return nil, s.Refuse(config, diags)
	}
	tests = slices.DeleteFunc(tests, func(t *ruletest.Test) bool { return !slices.Contains(wanted, t.Range.Filename) })
	if len(tests) == 0 {
		return nil, s.noTests(wanted)
	}
	return &Tests{config, s.diagnose(config, diags), tests}, nil
}

// Run runs the tests whose names match.
func (t *Tests) Run(names *regexp.Regexp) *TestRun {
	run := &TestRun{}
	for _, test := range t.List {
		if !names.MatchString(test.Name) {
			run.Skipped++
			continue
		}
		run.Results = append(run.Results, TestResult{test, ruletest.Run(t.Config, test)})
	}
	return run
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
func (s *Session) noTests(files []string) error {
	where := "there is no file *.test.hcl beside " + s.ConfigPath
	if len(files) > 0 {
		where = "there is no test in " + words.Enumerate(files)
	}
	return fmt.Errorf(`%s. A test gives an item as both sides have it, and says which cells the rules are to make of it:

  test "one web order is still to be imported" {
    pos    = { qoh = 5 }
    store  = { qoh = 4, pending = 1 }
    expect = { Q = "S", QP = "N" }
  }`, where)
}
