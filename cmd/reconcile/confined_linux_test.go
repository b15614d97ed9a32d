package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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

// TestBundledNeeds says what each kind of source keeps.
func TestBundledNeeds(t *testing.T) {
	for _, c := range []struct {
		connector, settings string
		want                sdk.Needs
	}{
		{"file", `{"path": "shop.csv"}`, sdk.Needs{Read: []string{"shop.csv"}}},
		{"amberpos", `{"file": "shop.xlsx"}`, sdk.Needs{Read: []string{"shop.xlsx"}}},
		{"amberpos", `{"database": {"driver": "sqlite", "dsn": "data/shop.db", "query": "SELECT 1"}}`, sdk.Needs{Read: []string{"data"}}},
		{"amberpos", `{"database": {"driver": "postgres", "dsn": "postgres://u@db.example/shop", "query": "SELECT 1"}}`, sdk.Needs{Network: true}},
		{"bigcommerce", `{"store_hash": "abc", "access_token": "t"}`, sdk.Needs{Network: true}},
		{"rest", `{"base_url": "https://shop.example", "path": "/", "items": "$[*]", "fields": {"sku": "$.sku"}, "page": {"type": "none"}}`, sdk.Needs{Network: true}},
		{"bigcommerce", `{"sandbox": true}`, sdk.Needs{Network: true, Serves: true}},
	} {
		t.Run(c.connector+" "+c.settings, func(t *testing.T) {
			var source sdk.Source
			for _, b := range bundled() {
				if b.Name == c.connector {
					source = b.New()
				}
			}
			if err := sdk.FillSettings(source, []byte(c.settings)); err != nil {
				t.Fatal(err)
			}
			if err := source.(sdk.Configurer).Configure(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, source.(sdk.Confined).Needs()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
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
