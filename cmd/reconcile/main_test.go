package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/reconcilehq/reconcile/plugins/devkit/conformance/bad/evil"
)

// TestMain lets the test binary be the program wherever it is started by the name reconcile: in scripts, in tests that
// start it, and as the connectors that it starts itself.
func TestMain(m *testing.M) {
	if args := asConnector(os.Args); args != nil { // started by a test that runs a part of the program itself
		serveConnector(args)
		return
	}
	switch name := filepath.Base(os.Args[0]); { // where it is installed as a plugin
	case name == "prying", strings.HasPrefix(name, ".new-"):
		servePryingConnector()
	case name == "lamps":
		serveLamps()
	}
	if strings.HasSuffix(strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"), ".test") {
		_ = os.Setenv(historyEnv, "off") // the program keeps runs in the user's own folder
	}
	// Much of the tests' time is waiting for other processes: twice as many at once keep the machine busy.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	tellAfter = 0 // what is said of a slow start would be one more line on stderr
	testscript.Main(m, map[string]func(){"reconcile": main, "bad-connector": serveBadConnector, "shop-connector": serveShop, "bad-puller": serveBadPuller, "evil-plugin": evil.Serve,
		"prying-connector": servePryingConnector, "lamps-connector": serveLamps, "without-landlock": runWithoutLandlock, "without-filter": runWithoutFilter,
		"bad-day": haveBadDay, "faulty": haveFault, "many-commands": runCommands, "watched-store": serveWatchedStore})
}

// program returns a command that runs reconcile in a folder.
func program(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Args[0] = "reconcile"
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	return cmd
}

func TestScripts(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "scripts"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(name string) (bool, error) {
			if name == "landlock" {
				return hasLandlock(), nil
			}
			return false, fmt.Errorf("there is no condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"webshop": webshop, "aged": aged},
		Setup: func(env *testscript.Env) error {
			env.Setenv("ROOT", root)
			env.Setenv(historyEnv, "off")
			env.Setenv("GORACE", os.Getenv("GORACE")) // a process that the race detector watches sleeps before it ends if this does not forbid it
			bin, _, _ := strings.Cut(env.Getenv("PATH"), string(os.PathListSeparator))
			env.Setenv("BIN", bin) // where scripts find the commands that this binary is
			thin := filepath.Join(env.WorkDir, ".thin")
			for _, name := range []string{"shop-connector", "bad-puller"} {
				if runtime.GOOS == "windows" {
					break // where the scripts' own commands do
				}
				if err := thinConnector(thin, name, filepath.Join(bin, name)); err != nil {
					return err
				}
			}
			env.Setenv("PATH", thin+string(os.PathListSeparator)+env.Getenv("PATH"))
			return nil
		},
	})
}

// thinConnector writes a program of one line into dir, which becomes the program at path. A plugin's file is read and copied
// each time that it is started, and this binary has 60 MB: what starts a connector often, and is not about its file, starts
// one of these. Windows has no such programs, and gets a link.
func thinConnector(dir, name, path string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return os.Symlink(path, filepath.Join(dir, name))
	}
	return os.WriteFile(filepath.Join(dir, name), fmt.Appendf(nil, "#!/bin/sh\nexec '%s' \"$@\"\n", path), 0o755)
}
