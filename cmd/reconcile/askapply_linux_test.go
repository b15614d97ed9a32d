package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// atTerminal runs a command for a person who answers its question, and returns all that the person saw.
func (a *applying) atTerminal(answer string, args ...string) (seen string, status int) {
	a.Helper()
	person, terminal := pseudoTerminal(a.T)
	cmd := program(a.T, a.dir, args...)
	cmd.Env = append(append(cmd.Env, "RECONCILE_DATA="+filepath.Join(a.dir, "data")), a.env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	if err := cmd.Start(); err != nil {
		a.Fatal(err)
	}
	_ = terminal.Close()
	asked := false
	buffer := make([]byte, 4096)
	for {
		n, err := person.Read(buffer)
		seen += string(buffer[:n])
		if err != nil { // the program has ended
			break
		}
		if !asked && strings.Contains(seen, "Type yes to do that: ") {
			asked = true
			fmt.Fprintln(person, answer)
		}
	}
	_ = cmd.Wait() // the status says it
	return seen, cmd.ProcessState.ExitCode()
}

// TestApplyAsks: without a plan's file a person sees the plan and is asked; only yes changes anything.
func TestApplyAsks(t *testing.T) {
	t.Parallel()
	a := newApplying(t)
	defer a.stop()
	first := a.result()
	a.env = []string{writeToken}
	for _, answer := range []string{"", "y", "no"} {
		seen, status := a.atTerminal(answer, "apply", "--rule", "P")
		a.says(seen, "10 → 12", "1 change to make", "Nothing was changed.")
		a.same("status", 0, status)
	}
	a.same("without a yes", first, a.result())
	seen, status := a.atTerminal("yes", "apply", "r", "--rule", "P")
	a.says(seen, "10 → 12", "1 applied.")
	a.same("status", 0, status)
	out, _ := a.run(0, "journal")
	a.says(out, "1 applied")
	id := ""
	for line := range strings.Lines(out) {
		if words := strings.Fields(line); strings.Contains(line, "1 applied") {
			id = words[0]
		}
	}
	seen, status = a.atTerminal("yes", "revert", id)
	a.says(seen, "12 → 10", "1 applied.", "takes back")
	a.same("status", 0, status)
	a.same("taken back", first, a.result())
	seen, _ = a.atTerminal("yes", "apply", "--sku", "C")
	a.says(seen, "There is nothing to do.")
}
