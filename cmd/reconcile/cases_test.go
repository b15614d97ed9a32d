package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected results of cases")

// TestCases runs each folder of testdata/cases through the program: a configuration, the files that it names, what is
// expected as expected.json (the JSON result but for the sources' times), and what is expected on stderr as expected.err,
// and with --exit-code the status as expected.status. The file args holds further arguments. The first line of each
// configuration says why the case exists.
func TestCases(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join("testdata", "cases", "*", "reconcile.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) == 0 {
		t.Fatal("there are no cases")
	}
	for _, config := range folders {
		dir := filepath.Dir(config)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(config)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(text, []byte("# ")) {
				t.Errorf("%s does not begin with a comment that says why the case exists", config)
			}
			runCase(t, dir)
		})
	}
}

func runCase(t *testing.T, dir string) {
	args := []string{"run", "--format", "json"}
	if more, err := os.ReadFile(filepath.Join(dir, "args")); err == nil {
		args = append(args, strings.Fields(string(more))...)
	}
	fresh := t.TempDir() // where all files are of now, whenever those of the case were written
	if err := os.CopyFS(fresh, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	cmd := program(t, fresh, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if slices.Contains(args, "--exit-code") {
		compareFile(t, filepath.Join(dir, "expected.status"), fmt.Appendln(nil, cmd.ProcessState.ExitCode()))
	} else if cmd.ProcessState.ExitCode() == 2 {
		t.Error("exit status 2 without --exit-code")
	}
	if cmd.ProcessState.ExitCode() == 1 {
		if stdout.Len() > 0 {
			t.Errorf("a failed run wrote to stdout:\n%s", &stdout)
		}
		compareFile(t, filepath.Join(dir, "expected.err"), inUnixWords(withoutNotices(stderr.Bytes())))
		return
	}
	sameWarnings(t, stdout.Bytes(), stderr.String())
	compareFile(t, filepath.Join(dir, "expected.json"), withoutTimes(t, stdout.Bytes()))
	if said := withoutNotices(stderr.Bytes()); len(said) > 0 || exists(filepath.Join(dir, "expected.err")) {
		compareFile(t, filepath.Join(dir, "expected.err"), said)
	}
}

var warningHead = regexp.MustCompile(`(?m)^Warning: `)

// placed is the text of a diagnostic with its place.
var placed = regexp.MustCompile(`(?s)^\S+\.hcl:\d+: [^:]+: (.*)$`)

// sameWarnings checks that a result's warnings are those that stderr has: each in its words, and as many.
func sameWarnings(t *testing.T, result []byte, stderr string) {
	t.Helper()
	var got struct {
		Warnings []struct {
			Source, Text string
			Notice       bool
		}
	}
	if err := json.Unmarshal(result, &got); err != nil {
		t.Fatal(err)
	}
	n, said := 0, strings.Join(strings.Fields(stderr), " ")
	for _, w := range got.Warnings {
		if !w.Notice {
			n++
		}
		text := w.Text
		if diagnostic := placed.FindStringSubmatch(text); diagnostic != nil { // it has its place and its summary elsewhere
			text = diagnostic[1]
		}
		if !strings.Contains(said, text) || !strings.Contains(said, w.Source) {
			t.Errorf("the result's warning is not on stderr: %q of %q", w.Text, w.Source)
		}
	}
	if on := len(warningHead.FindAllString(stderr, -1)); on != n {
		t.Errorf("%d warnings on stderr, %d in the result:\n%s", on, n, stderr)
	}
}

var notice = regexp.MustCompile(`(?m)^.* \(guessed; can be set with [a-z_, ]+\)\n`)

// withoutNotices takes away what is said about how files were read, which is the same for nearly all cases.
func withoutNotices(stderr []byte) []byte { return notice.ReplaceAll(stderr, nil) }

// inUnixWords has a system say that a file is not there as Unix does.
func inUnixWords(text []byte) []byte {
	_, err := os.Open("nowhere.at.all")
	return bytes.ReplaceAll(text, []byte(errors.Unwrap(err).Error()), []byte("no such file or directory"))
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// readAt is when a source's data were as they are, and the file that this is of.
var readAt = regexp.MustCompile(`"read_at": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"(, "file": "[^"]+")?`)

// jsonNotice is what withoutNotices takes away, as JSON has it.
var jsonNotice = regexp.MustCompile(`(?s)\n    \{"source": "[^"]*", "notice": true, "text": "[^\n]* \(guessed; can be set with [a-z_, ]+\)"\},?`)

// withoutJSONNotices takes the notices out of a result's warnings, and so that it stays JSON.
func withoutJSONNotices(result []byte) []byte {
	result = jsonNotice.ReplaceAll(result, nil)
	result = bytes.Replace(result, []byte(`"warnings": [`+"\n  ]"), []byte(`"warnings": []`), 1)
	return bytes.Replace(result, []byte("},\n  ]\n}\n"), []byte("}\n  ]\n}\n"), 1)
}

// withoutTimes checks that both sources' times are there, and takes them away. All else stays to the letter.
func withoutTimes(t *testing.T, result []byte) []byte {
	t.Helper()
	if n := len(readAt.FindAll(result, -1)); n != 2 {
		t.Errorf("%d sources have a read_at, want 2", n)
	}
	if !json.Valid(result) {
		t.Errorf("the result is no JSON:\n%s", result)
	}
	return withoutJSONNotices(readAt.ReplaceAll(result, []byte(`"read_at": "..."`)))
}

// TestShippedRulesInCases says that the cases of the eight shipped codes are about the rules as they are shipped.
func TestShippedRulesInCases(t *testing.T) {
	block := regexp.MustCompile(`(?ms)^rule "([^"]+)" \{.*?^\}\n`)
	shipped, err := os.ReadFile(filepath.Join("..", "..", "reconcile.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	rules := block.FindAllSubmatch(shipped, -1)
	rules = slices.DeleteFunc(rules, func(rule [][]byte) bool { return string(rule[1]) == "PS" }) // no code of the screen, and off
	if len(rules) != 8 {
		t.Fatalf("reconcile.hcl has %d rules, want 8", len(rules))
	}
	for _, rule := range rules {
		for _, colour := range []string{"red", "green"} {
			file := filepath.Join("testdata", "cases", string(rule[1])+"-"+colour, "reconcile.hcl")
			text, err := os.ReadFile(file)
			if err != nil {
				t.Error(err)
				continue
			}
			for _, other := range rules {
				if !bytes.Contains(text, other[0]) {
					t.Errorf("%s has not the shipped rule %s; want:\n%s", file, other[1], other[0])
				}
			}
		}
	}
}

// TestSample runs the program as it is shipped: the sample shop against the store that it serves itself. It shows every
// column as S and as N, and each cell and status.
func TestSample(t *testing.T) {
	t.Parallel()
	cmd := program(t, filepath.Join("..", ".."), "run", "--format", "json", "--all")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || len(withoutNotices(stderr.Bytes())) > 0 {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	compareFile(t, filepath.Join("testdata", "sample.json"), withoutTimes(t, stdout.Bytes()))

	var result struct {
		Summary struct {
			PosOnly   int `json:"pos_only"`
			StoreOnly int `json:"store_only"`
			Duplicate int `json:"duplicate"`
			NoKey     int `json:"no_key"`
			Rules     map[string]map[string]int
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &result); err != nil {
		t.Fatal(err)
	}
	intentional, notApplicable := 0, 0
	for code, cells := range result.Summary.Rules {
		if cells["S"] == 0 || cells["N"] == 0 {
			t.Errorf("column %s is not there as S and as N: %v", code, cells)
		}
		intentional += cells["I"]
		notApplicable += cells["-"]
	}
	s := result.Summary
	if len(s.Rules) != 8 || intentional == 0 || notApplicable == 0 || s.PosOnly == 0 || s.StoreOnly == 0 || s.Duplicate == 0 || s.NoKey == 0 {
		t.Errorf("the sample does not show everything: %+v", s)
	}
}

// compareFile holds got against a file, or writes the file with -update.
func compareFile(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; what the program wrote:\n%s", err, got)
	}
	want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
