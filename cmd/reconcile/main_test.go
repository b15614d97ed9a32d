package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be the program wherever it is started by the name reconcile: in scripts, in tests that
// start it, and as the connectors that it starts itself.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == connectorArg { // started by a test that runs a part of the program itself
		serveConnector(os.Args[2])
		return
	}
	if name := filepath.Base(os.Args[0]); name == "prying" || strings.HasPrefix(name, ".new-") { // where it is installed as a plugin
		servePryingConnector()
	}
	testscript.Main(m, map[string]func(){"reconcile": main, "bad-connector": serveBadConnector, "shop-connector": serveShop, "bad-puller": serveBadPuller,
		"prying-connector": servePryingConnector, "without-landlock": runWithoutLandlock})
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
		Setup: func(env *testscript.Env) error {
			env.Setenv("ROOT", root)
			bin, _, _ := strings.Cut(env.Getenv("PATH"), string(os.PathListSeparator))
			env.Setenv("BIN", bin) // where scripts find the commands that this binary is
			return nil
		},
	})
}
