package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// TestBundledConfined says that each connector that comes with the program has confined itself when it reads, with all its threads.
func TestBundledConfined(t *testing.T) {
	if host.SandboxLevel() != host.Confined {
		t.Skip("this system cannot confine a program")
	}
	for _, c := range bundled() {
		if _, ok := c.New().(sdk.Confined); !ok {
			t.Errorf("connector %q does not say what it needs", c.Name)
		}
	}
	config := strings.NewReplacer(`source "file" "web" {
  path         = "web.csv"`, `source "amberpos" "web" {
  columns      = { sku = "sku", name = "name" }
  file         = "web.csv"`, "source.file.web", "source.amberpos.web").Replace(blocked)
	_, _, _, connectors := startBlocked(t, config)
	for _, pid := range connectors {
		waitFor(t, "a connector to confine itself", func() bool { return strings.Contains(threadStates(t, pid), "Seccomp:\t2") })
		states := threadStates(t, pid)
		for _, state := range strings.Split(strings.TrimSpace(states), "\n") {
			if state != "NoNewPrivs:\t1 Seccomp:\t2" {
				t.Errorf("a thread of process %d: %s", pid, state)
			}
		}
	}
}

// threadStates returns a line for each thread of a process: whether it has a filter, and may not get new rights.
func threadStates(t *testing.T, pid int) string {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(files) == 0 {
		t.Fatalf("process %d is gone: %v", pid, err)
	}
	var states strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // the thread has ended
		}
		var words []string
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "NoNewPrivs:") || strings.HasPrefix(line, "Seccomp:") {
				words = append(words, strings.TrimSpace(line))
			}
		}
		fmt.Fprintln(&states, strings.Join(words, " "))
	}
	return states.String()
}
