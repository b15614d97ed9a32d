package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
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
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.csv"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"reconcile.hcl": config, "web.csv": "sku,name\nA-1,Bell\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd = program(t, dir, "run")
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "both connectors to run", func() bool {
		connectors = children(t, cmd.Process.Pid)
		return len(connectors) == 2 && sockets(t, cmd.Process.Pid) == 2
	})
	return cmd, stdout, stderr, connectors
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
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
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

// TestInterrupt says that Ctrl-C stops a run promptly, though a connector is stuck, and leaves no process behind.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	cmd, stdout, stderr, connectors := startBlocked(t, blocked)
	began := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("the run ended with %v, want exit status 1", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if stdout.Len() > 0 || !strings.Contains(stderr.String(), "Interrupted") {
		t.Errorf("stdout %q, stderr %q", stdout, stderr)
	}
	waitFor(t, "the connectors to end", noneRunning(connectors))
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
	if took := time.Since(began); took > 15*time.Second {
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
