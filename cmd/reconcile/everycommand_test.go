package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// everyCommand is what a person might try on a configuration that does not do what it should.
var everyCommand = []string{
	"validate --offline", "validate", "validate --format json", "rules", "test", "test --format junit", "fmt --check --diff", "fmt --rules --check --diff",
	"plugin list", "plugin list --format json --verbose", "plugin lock", "plugin install ./nothing --write",
	"__complete run ", "__complete explain ", "__complete sources ", "__complete accept --block ", "__complete explain A-0 ",
	"sources --verbose", "doctor", "doctor --format json --bundle support.zip", "init --store sandbox --pos pos.csv --output new.hcl --no-check",
	"pull --verbose", "pull --status", "run --verbose", "run --details --all --unchecked", "plan --out plan.json --worklist todo.csv", "apply plan.json", "journal", "revert 20261129-101500-abcdef --out back.json", "run --format json --output out.json", "run --format csv", "run --format ndjson", "run --format markdown",
	"run --output out.html", "run --output out.xlsx", "explain A-0", "explain A-1 N --offline", "console A-0 --offline", "accept --sku A-0 --rule N --reason why", "accept --all-current --reason why",
	"accept --remove --sku A-0 --rule N", "accept --adopt", "run", "fmt --diff",
	"runs", "runs --format json", "diff", "user list", "token list", "audit verify", "backup kept.tar", "restore kept.tar", "sandbox",
	"orders export --out orders.csv", "orders imported orders.csv", "fleet start", "fleet cancel", "worker --until-done", "fleet status",
}

// TestEveryCommandIsTried finds a command that was forgotten in the list.
func TestEveryCommandIsTried(t *testing.T) {
	untried := map[string]string{"serve": "it goes on until it is stopped", "__import": "the page starts it", "__mend": "the page starts it"}
	for _, cmd := range rootCommand(newCommandLine()).Commands() {
		tried := slices.ContainsFunc(everyCommand, func(line string) bool { return strings.Fields(line)[0] == cmd.Name() })
		if tried == (untried[cmd.Name()] != "") {
			t.Errorf("%s: add it to everyCommand, or say here why it is not there", cmd.Name())
		}
	}
}

// saidFile is where runCommands writes what the commands of a folder say.
const saidFile = "said.txt"

// runCommands is a process that runs many commands one after the other in many folders: that is a tenth of the time that a
// process for each of them takes.
func runCommands() {
	if len(os.Args) > 1 { // started by one of the commands, as a connector or what watches it
		main()
		return
	}
	var orders struct{ Folders, Commands []string }
	if err := json.NewDecoder(os.Stdin).Decode(&orders); err != nil {
		panic(err)
	}
	for _, folder := range orders.Folders {
		if err := os.Chdir(folder); err != nil {
			panic(err)
		}
		for _, command := range orders.Commands {
			if err := runHere(command); err != nil {
				panic(err)
			}
		}
	}
}

// runHere runs a command in the folder where the process is.
func runHere(command string) error {
	said, err := os.OpenFile(saidFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer said.Close()
	in, err := os.Open(os.DevNull)
	if strings.HasPrefix(command, "console") {
		in, err = os.Open("typed.txt")
	}
	if err != nil {
		return err
	}
	defer in.Close()
	fmt.Fprintf(said, "\n$ reconcile %s\n", command)
	os.Stdin, os.Stdout, os.Stderr = in, said, said
	args := strings.Fields(command)
	if strings.HasSuffix(command, " ") {
		args = append(args, "")
	}
	run(args) // most of them fail, as they are to
	return nil
}

// inFolders runs the commands in each of the folders. There is a file saidFile in each, then.
func inFolders(t *testing.T, folders, commands []string, env ...string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	orders, err := json.Marshal(map[string]any{"Folders": folders, "Commands": commands})
	if err != nil {
		t.Fatal(err)
	}
	aside := t.TempDir()
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Args[0] = "many-commands"
	cmd.Stdin = bytes.NewReader(orders)
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "HOME="+aside, "XDG_DATA_HOME="+aside, "XDG_CACHE_HOME="+aside, "TMPDIR="+aside, "LocalAppData="+aside)
	cmd.Env = append(cmd.Env, env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// filesIn calls look with each file of a folder.
func filesIn(t *testing.T, folder string, look func(name, text string)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		look(d.Name(), string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
