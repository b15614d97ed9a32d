package main

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/host"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// haveFault is the program with one more command, which has a fault.
func haveFault() {
	commands = append(commands, func(*commandLine) *cobra.Command {
		return &cobra.Command{Use: "fault", RunE: func(_ *cobra.Command, args []string) error {
			switch args[0] {
			case "panic":
				panic("item A-1 costs 5")
			case "goroutine":
				fault.Go(func() { panic(errors.New("item A-1 costs 5")) })
			case "group":
				var group sync.WaitGroup
				group.Go(fault.Caught(func() { _ = os.Args[len(args)+100] }))
				group.Wait()
			case "endless":
				os.Exit(endless(1))
			}
			select {}
		}}
	})
	main()
}

//nolint:staticcheck // it is to have no end
func endless(n int) int { return endless(n+1) + 1 }

// TestFaultsAreOurs has the program meet faults of its own: the status is never one that means something else, the message says
// what to do, and holds nothing of what was worked on.
func TestFaultsAreOurs(t *testing.T) {
	for _, c := range []struct {
		how    string
		status int
		says   string
	}{
		{"panic", statusFault, "haveFault"}, {"goroutine", statusFault, "haveFault"}, {"group", statusFault, "index out of range"}, {"endless", statusSignal + 6, "stack overflow"},
	} {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			if c.how == "endless" && testing.Short() {
				t.Skip("a stack of a gigabyte takes a second")
			}
			cmd := program(t, t.TempDir(), "fault", c.how)
			cmd.Args[0] = "faulty"
			var said bytes.Buffer
			cmd.Stderr = &said
			_ = cmd.Run()
			status := cmd.ProcessState.ExitCode()
			if killed := endedBySignal(cmd.ProcessState); killed != 0 {
				status = statusSignal + killed
			}
			if status != c.status || !strings.Contains(said.String(), c.says) || strings.Contains(said.String(), "costs") {
				t.Errorf("status %d, want %d:\n%.2000s", status, c.status, said.String())
			}
			if c.status == statusFault && !strings.Contains(said.String(), fault.Where) {
				t.Errorf("nobody is told where to report it:\n%s", said.String())
			}
		})
	}
}

// TestFaultOfBundledConnector checks that a fault in a bundled connector counts as one of the program.
func TestFaultOfBundledConnector(t *testing.T) {
	if got := statusOf(terminal.New(func(s string) string { return s }), &host.Failure{Fault: host.Ours, Text: "this is only a test"}, 0); got != statusFault {
		t.Errorf("status %d", got)
	}
}

// TestNoBareGoroutines finds goroutines that do not start through package fault: a panic in one would end the program with Go's status.
func TestNoBareGoroutines(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		switch {
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "docs"),
			d.IsDir() && (rel == "plugins/devkit/examples" || rel == "plugins/devkit/conformance/bad" || rel == "engine/fault"):
			return filepath.SkipDir // programs of others, and the package itself
		case d.IsDir() || !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go"):
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		for _, at := range bareGoroutines(file, &seen) {
			t.Errorf("%s: a goroutine starts here: use fault.Go, or fault.Caught around what is started (sdk.Go and sdk.Caught in a connector)", set.Position(at))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 20 {
		t.Errorf("only %d goroutines were found: the search has missed the project", seen)
	}
	bare, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc f() { go f(); g.Go(f); time.AfterFunc(1, f); g.Go(fault.Caught(f)); fault.Go(f); sdk.Go(f); g.Go(sdk.Caught(f)) }", 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := bareGoroutines(bare, &seen); len(got) != 3 {
		t.Errorf("%d bare goroutines were found, want 3", len(got))
	}
}

// bareGoroutines returns the places in a file where one starts unguarded.
func bareGoroutines(file *ast.File, seen *int) (places []token.Pos) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			places = append(places, n.Pos())
		case *ast.CallExpr:
			f, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || len(n.Args) == 0 || f.Sel.Name != "Go" && f.Sel.Name != "TryGo" && f.Sel.Name != "AfterFunc" {
				return true
			}
			from, _ := f.X.(*ast.Ident)
			if from != nil && (from.Name == "fault" || from.Name == "sdk" || from.Name == "scaffold") {
				*seen++
				return true
			}
			if call, ok := n.Args[len(n.Args)-1].(*ast.CallExpr); ok {
				if g, ok := call.Fun.(*ast.SelectorExpr); ok && strings.HasPrefix(g.Sel.Name, "Caught") {
					*seen++
					return true
				}
			}
			places = append(places, n.Pos())
		}
		return true
	})
	return places
}

// endedBySignal returns the number of the signal that has ended a process; 0 if it exited.
func endedBySignal(state *os.ProcessState) int {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return int(ws.Signal())
	}
	return 0
}
