package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestKilledHostOfPlugin says that a plugin in its sandbox ends with its host, though it is frozen, and neither reads nor
// hears anything: what ties it to its host lives through the program's becoming the plugin.
func TestKilledHostOfPlugin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.csv"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := strings.Replace(blocked, `source "file" "web" {
  path         = "web.csv"`, `plugin "prying" {
  command = ["prying-connector"]
}

source "prying" "web" {`, 1)
	config = strings.Replace(config, "source.file.web", "source.prying.web", 1)
	if err := os.WriteFile(filepath.Join(dir, "reconcile.hcl"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := program(t, dir, "run")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	plugin := 0
	waitFor(t, "the plugin to run", func() bool {
		for _, pid := range descendants(t, cmd.Process.Pid) {
			// It is the launcher at first, by the same process id.
			words, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
			if err == nil && strings.HasSuffix(strings.TrimRight(string(words), "\x00"), "/prying-connector") {
				plugin = pid
			}
		}
		return plugin != 0
	})
	if err := syscall.Kill(plugin, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	others := descendants(t, cmd.Process.Pid)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	waitFor(t, "the plugin to end", noneRunning(append(others, plugin)))
}
