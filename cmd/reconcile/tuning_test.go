package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestTuning turns the README's section "Tuning" into a script and runs it on the sample: each block of HCL is added to
// the file that the text before it names, each command has to print what stands below it, word for word. With -update
// the README is written anew.
func TestTuning(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := bytes.Cut(readme, []byte("\n## Tuning\n"))
	section, _, _ := bytes.Cut(rest, []byte("\n## "))
	if !found {
		t.Fatal("the README has no section Tuning")
	}
	script, outputs, commands := tuningScript(t, string(section))
	if commands < 5 {
		t.Fatalf("the section has %d commands", commands)
	}
	file := filepath.Join(t.TempDir(), "tuning.txtar")
	if err := os.WriteFile(file, []byte(script), 0o666); err != nil {
		t.Fatal(err)
	}
	params := testscript.Params{
		Files: []string{file},
		Setup: func(env *testscript.Env) error {
			env.Setenv("COLUMNS", "100")
			for _, name := range []string{"reconcile.hcl", "reconcile.test.hcl", "docs/sample/inventory.csv"} {
				text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
				if err != nil {
					return err
				}
				to := filepath.Join(env.WorkDir, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
					return err
				}
				if err := os.WriteFile(to, text, 0o666); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"append": appendFile, "said": func(ts *testscript.TestScript, _ bool, args []string) {
			got := ts.ReadFile("stdout")
			if want := ts.ReadFile(args[0]); want != got && !*update {
				ts.Fatalf("the README says\n%s\nthe program says\n%s", want, got)
			}
			outputs[args[0]] = got
		}},
	}
	t.Run("script", func(t *testing.T) { testscript.Run(t, params) }) // which returns when the script has ended
	if *update {
		if err := os.WriteFile(filepath.Join(root, "README.md"), bytes.Replace(readme, section, fillConsole(section, outputs), 1), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// appendFile appends the second file to the first.
func appendFile(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0]) + "\n" + ts.ReadFile(args[1])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}

var (
	fenced = regexp.MustCompile("(?s)```(hcl|console)\n(.*?)```")
	named  = regexp.MustCompile("`([a-z.]+\\.hcl)`")
)

// tuningScript writes the section as a script, with the files that it needs.
func tuningScript(t *testing.T, section string) (script string, outputs map[string]string, commands int) {
	t.Helper()
	var steps, files strings.Builder
	file := ""
	last := 0
	for n, block := range fenced.FindAllStringSubmatchIndex(section, -1) {
		if names := named.FindAllStringSubmatch(section[last:block[0]], -1); names != nil {
			file = names[len(names)-1][1]
		}
		last = block[1]
		kind, text := section[block[2]:block[3]], section[block[4]:block[5]]
		if kind == "hcl" {
			fmt.Fprintf(&steps, "append %s part%d\n", file, n)
			fmt.Fprintf(&files, "-- part%d --\n%s", n, text)
			continue
		}
		for _, c := range strings.Split("\n"+text, "\n$ ")[1:] {
			command, output, _ := strings.Cut(c, "\n")
			commands++
			fmt.Fprintf(&steps, "exec %s\nsaid out%d\n", strings.ReplaceAll(command, `"`, "'"), commands)
			if output != "" && !strings.HasSuffix(output, "\n") {
				output += "\n" // the next command's line ended it
			}
			fmt.Fprintf(&files, "-- out%d --\n%s", commands, output)
		}
	}
	return steps.String() + files.String(), map[string]string{}, commands
}

// fillConsole puts the outputs below their commands in a section.
func fillConsole(section []byte, outputs map[string]string) []byte {
	n := 0
	return regexp.MustCompile("(?s)```console\n.*?```").ReplaceAllFunc(section, func(block []byte) []byte {
		var b strings.Builder
		b.WriteString("```console\n")
		for _, c := range regexp.MustCompile(`(?m)^\$ .*$`).FindAll(block, -1) {
			n++
			fmt.Fprintf(&b, "%s\n%s", c, outputs[fmt.Sprintf("out%d", n)])
		}
		b.WriteString("```")
		return []byte(b.String())
	})
}
