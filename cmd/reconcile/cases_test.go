package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected results of cases")

// TestCases runs each folder of testdata/cases through the program: a configuration, the files that it names, what is
// expected as expected.json (the JSON result but for the sources' times), and what is expected on stderr as expected.err
// (each line of it must appear). The file args holds further arguments. The first line of each configuration says why
// the case exists.
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
	cmd := program(t, dir, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if cmd.ProcessState.ExitCode() == 1 {
		if stdout.Len() > 0 {
			t.Errorf("a failed run wrote to stdout:\n%s", &stdout)
		}
		compareFile(t, filepath.Join(dir, "expected.err"), stderr.Bytes())
		return
	}
	compareFile(t, filepath.Join(dir, "expected.json"), withoutTimes(t, stdout.Bytes()))
	if stderr.Len() > 0 || exists(filepath.Join(dir, "expected.err")) {
		compareFile(t, filepath.Join(dir, "expected.err"), stderr.Bytes())
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// withoutTimes checks that the sources' times are there, and takes them away.
func withoutTimes(t *testing.T, result []byte) []byte {
	t.Helper()
	var tree map[string]any
	if err := json.Unmarshal(result, &tree); err != nil {
		t.Fatalf("the result is no JSON: %v\n%s", err, result)
	}
	for name, side := range tree["sources"].(map[string]any) {
		if at, _ := side.(map[string]any)["read_at"].(string); at == "" {
			t.Errorf("source %s has no read_at", name)
		}
		delete(side.(map[string]any), "read_at")
	}
	text, err := json.MarshalIndent(tree, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
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
