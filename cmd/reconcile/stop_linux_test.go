package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// blocked is a configuration whose pos source waits for ever: it opens a named pipe that nobody writes to.
const blocked = `
source "file" "shop" {
  path         = "pipe.csv"
  read_timeout = "1h"
}

source "file" "web" {
  path         = "web.csv"
  read_timeout = "1h"
}

reconciliation "x" {
  pos   = source.file.shop
  store = source.file.web
}

rule "N" {
  when = pos.name != store.name
}
`

// startBlocked starts a run that waits, and returns it with its connectors' process ids.
func startBlocked(t *testing.T, config string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer, connectors []int) {
	t.Helper()
	stdout = &bytes.Buffer{}
	cmd, stderr = startBlockedBy(t, config, func(dir string) *exec.Cmd {
		cmd := program(t, dir, "run")
		cmd.Stdout = stdout
		return cmd
	})
	return cmd, stdout, stderr, children(t, cmd.Process.Pid)
}

// startBlockedBy is startBlocked with another command to run in the folder.
func startBlockedBy(t *testing.T, config string, command func(dir string) *exec.Cmd) (cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.csv"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"reconcile.hcl": config, "web.csv": "sku,name\nA-1,Bell\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd, stderr = command(dir), &bytes.Buffer{}
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "both connectors to run", func() bool {
		return len(children(t, cmd.Process.Pid)) == 2 && sockets(t, cmd.Process.Pid) == 2
	})
	return cmd, stderr
}

// children returns the processes whose parent is pid.
func children(t *testing.T, pid int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			child, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, child)
		}
	}
	return found
}

// descendants returns the children of a process, and theirs: a plugin is the child of what watches it.
func descendants(t *testing.T, pid int) []int {
	t.Helper()
	found := children(t, pid)
	for _, child := range found {
		found = append(found, descendants(t, child)...)
	}
	return found
}

// sockets returns how many connectors of a host listen.
func sockets(t *testing.T, host int) int {
	t.Helper()
	n := 0
	for _, base := range []string{os.TempDir(), "/tmp"} {
		found, err := filepath.Glob(filepath.Join(base, fmt.Sprintf("reconcile-%d-*", host), "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		n = max(n, len(found))
	}
	return n
}

func running(pid int) bool {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return false
	}
	state := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))[0]
	return state != "Z" && state != "X" // a zombie has ended; its reaper is not ours
}

// waitFor waits for a condition, for a time that only a broken program takes.
func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("gave up waiting for %s", what)
		}
	}
}

func noneRunning(pids []int) func() bool {
	return func() bool {
		for _, pid := range pids {
			if running(pid) {
				return false
			}
		}
		return true
	}
}

// TestInterrupt says that each way to ask a run to stop does so promptly, though a connector is stuck: with the status that
// shells know it by, and nothing left behind. Who stops it by a signal that no key sends reads in the log which it was.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		signal syscall.Signal
		status int
		says   string
	}{
		{syscall.SIGINT, 130, "Interrupted. Nothing was written."},
		{syscall.SIGTERM, 143, "Interrupted by SIGTERM. Nothing was written."},
		{syscall.SIGHUP, 129, "Interrupted by SIGHUP. Nothing was written."},
		{syscall.SIGQUIT, 131, "Interrupted by SIGQUIT. Nothing was written."},
	} {
		t.Run(tc.signal.String(), func(t *testing.T) {
			t.Parallel()
			if signal.Ignored(tc.signal) {
				t.Skip("this test was started without the signal, as by nohup, and so is what it starts")
			}
			cmd, stdout, stderr, connectors := startBlocked(t, blocked)
			began := time.Now()
			if err := cmd.Process.Signal(tc.signal); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != tc.status {
				t.Errorf("the run ended with %v, want exit status %d", err, tc.status)
			}
			if took := time.Since(began); took > time.Minute {
				t.Errorf("stopping took %s", took)
			}
			if stdout.Len() > 0 || strings.TrimSpace(stderr.String()) != tc.says {
				t.Errorf("stdout %q, stderr %q, want %q", stdout, stderr, tc.says)
			}
			waitFor(t, "the connectors to end", noneRunning(connectors))
			if left := sockets(t, cmd.Process.Pid); left > 0 {
				t.Errorf("%d sockets are left behind", left)
			}
		})
	}
}

// TestIgnoredSignal says that a run that nohup has started outlives its terminal.
func TestIgnoredSignal(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd, stderr := startBlockedBy(t, blocked, func(dir string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", `trap "" HUP; exec "$0" run`, filepath.Join(dir, "reconcile"))
		cmd.Dir = dir
		if err := os.Symlink(self, filepath.Join(dir, "reconcile")); err != nil {
			t.Fatal(err)
		}
		return cmd
	})
	for _, signal := range []os.Signal{syscall.SIGHUP, os.Interrupt} {
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 130 || strings.Contains(stderr.String(), "SIGHUP") {
		t.Errorf("exit status %d, want 130 of Ctrl-C; stderr %q", got, stderr)
	}
}

// TestReaderGone says that a run whose reader has seen enough ends quietly, as other programs do, and removes what it has on
// disk first.
func TestReaderGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeLarge(t, dir)
	for _, args := range [][]string{{"run", "--format", "json", "--all", "--memory-limit", "16MiB"}, {"rules"}} {
		t.Run(args[0], func(t *testing.T) { runUnread(t, program(t, dir, args...)) })
	}
}

// runUnread runs a command whose output nobody reads.
func runUnread(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	temp := t.TempDir()
	cmd.Env = append(cmd.Env, "TMPDIR="+temp)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = write
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Run()
	_ = write.Close()
	if got := cmd.ProcessState.ExitCode(); got != 141 || strings.Contains(stderr.String(), "Error") {
		t.Errorf("exit status %d, stderr %q, want 141 and no error", got, &stderr)
	}
	if left := filesBelow(t, temp); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// writeLarge writes a reconciliation that keeps items on disk where the memory limit is 16 MiB.
func writeLarge(t *testing.T, dir string) {
	t.Helper()
	var rows strings.Builder
	rows.WriteString("sku,name\n")
	for i := range 20000 {
		fmt.Fprintf(&rows, "%d,%s %d\n", i, strings.Repeat("Glockenspiel ", 40), i)
	}
	for name, text := range map[string]string{"reconcile.hcl": strings.ReplaceAll(blocked, "pipe.csv", "shop.csv"),
		"shop.csv": rows.String(), "web.csv": "sku,name\nA-1,Bell\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// filesBelow returns all files below a folder.
func filesBelow(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestKilledHost says that connectors end with their host, however it ends.
func TestKilledHost(t *testing.T) {
	t.Parallel()
	cmd, _, _, connectors := startBlocked(t, blocked)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	waitFor(t, "the connectors to end", noneRunning(connectors))
}

// TestFrozenConnector says that a connector that is frozen, so that it answers nothing and cannot be asked to exit,
// costs read_timeout and little more, and is gone afterwards.
func TestFrozenConnector(t *testing.T) {
	t.Parallel()
	cmd, stdout, stderr, connectors := startBlocked(t, strings.ReplaceAll(blocked, `"1h"`, `"2s"`))
	for _, pid := range connectors {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	_ = cmd.Wait()
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %s", took)
	}
	if code := cmd.ProcessState.ExitCode(); code != 1 || stdout.Len() > 0 {
		t.Errorf("exit status %d, stdout %q", code, stdout)
	}
	if !regexp.MustCompile("(no answer|not ready) within 2s").MatchString(stderr.String()) {
		t.Errorf("stderr is %q", stderr)
	}
	waitFor(t, "the connectors to end", noneRunning(connectors))
}
