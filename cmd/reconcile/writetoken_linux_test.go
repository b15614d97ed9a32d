package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tokenShop is a shop whose store never answers, so that whoever asks it can be looked at.
type tokenShop struct {
	*applying
	store *watchedStore
	token string
	held  storeDay
}

// newTokenShop returns one with a plan in plan.json. write is what the configuration has for the token that may write, and env names variables
// that hold it.
func newTokenShop(t *testing.T, write string, env ...string) *tokenShop {
	t.Helper()
	s := &tokenShop{applying: &applying{T: t, dir: t.TempDir()}, store: newWatchedStore(t), token: "w" + rand.Text()}
	day := storeDay{Items: 1, WriteToken: s.token}
	s.store.serve(day)
	s.held = day
	s.held.Delay = 10 * time.Hour
	s.write("inventory.csv", "sku,name,price,qoh\nS0,Simpler 0,10,0\nV0,Many 0,20,3\n")
	s.write("vault", "#!/bin/sh\necho \"$1\" >>asked\nexec cat \"secret-$1\"\n")
	s.write("secret-read", "sandbox-token")
	s.write("secret-write", s.token)
	s.write("shops.csv", "shop\none\n")
	if err := os.Chmod(filepath.Join(s.dir, "vault"), 0o700); err != nil {
		t.Fatal(err)
	}
	config := strings.Replace(fmt.Sprintf(watchedConfig, s.store.address), `env("WRITE_TOKEN")`, write, 1)
	s.write("reconcile.hcl", strings.Replace(config, `"sandbox-token"`, `secret("read")`, 1)+"\nsecrets {\n  command = [\"./vault\"]\n}\n")
	for i := range env {
		env[i] += "=" + s.token
	}
	s.env = env
	s.plan()
	s.write("asked", "")
	return s
}

// look begins a command, and looks at its processes when one of them waits for the store: which of them have the token. then is called once the
// command has begun.
func (s *tokenShop) look(cmd *exec.Cmd, then func()) (core bool, others []string) {
	s.Helper()
	s.store.serve(s.held)
	if cmd.Process == nil {
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		defer func() {
			if s.Failed() {
				s.Logf("%v says:\n%s", cmd.Args, &said)
			}
		}()
		if err := cmd.Start(); err != nil {
			s.Fatal(err)
		}
	}
	defer func() {
		for _, pid := range append(descendants(s.T, cmd.Process.Pid), cmd.Process.Pid) {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
		}
		_ = cmd.Wait()
	}()
	then()
	waitFor(s.T, "the store to be asked", func() bool { return s.store.seen().Requests > 0 })
	pids := descendants(s.T, cmd.Process.Pid)
	if len(pids) == 0 { // that of the store waits for its answer; the other side's may have ended already
		s.Errorf("%v has started no process", cmd.Args)
	}
	for _, pid := range pids {
		for _, place := range whereIs(s.T, pid, s.token) {
			others = append(others, fmt.Sprintf("%s: %s", argumentsOf(pid), place))
		}
	}
	return len(whereIs(s.T, cmd.Process.Pid, s.token)) > 0, others
}

func argumentsOf(pid int) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return string(bytes.ReplaceAll(text, []byte{0}, []byte{' '}))
}

// whereIs returns where in a process a text is: its arguments, its environment, and regions of its memory.
func whereIs(t *testing.T, pid int, text string) (places []string) {
	t.Helper()
	for _, file := range []string{"cmdline", "environ"} {
		if all, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file)); err == nil && bytes.Contains(all, []byte(text)) {
			places = append(places, file)
		}
	}
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return places // it has ended
	}
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Skipf("nobody may look at another process here: %v", err)
	}
	defer memory.Close()
	read := 0
	for lines := bufio.NewScanner(bytes.NewReader(maps)); lines.Scan(); {
		var from, to int64
		var rights string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &rights); err != nil || !strings.HasPrefix(rights, "rw") {
			continue // what was written there is all that it can have learnt
		}
		region := make([]byte, min(to-from, 256<<20))
		n, _ := memory.ReadAt(region, from) // a part that is not there ends it
		if read += n; bytes.Contains(region[:n], []byte(text)) {
			places = append(places, lines.Text())
		}
	}
	if read == 0 {
		t.Errorf("nothing of the memory of %s could be read", argumentsOf(pid))
	}
	return places
}

// wroteAsked reports whether somebody has asked the program that says secrets for the token that may write.
func (s *tokenShop) wroteAsked() bool {
	text, err := os.ReadFile(filepath.Join(s.dir, "asked"))
	if err != nil {
		s.Error(err)
	}
	return slices.Contains(strings.Fields(string(text)), "write")
}

func (s *tokenShop) command(args ...string) *exec.Cmd {
	cmd := program(s.T, s.dir, append(args, "--data", "data")...)
	cmd.Env = append(append(cmd.Env, historyEnv+"="), s.env...)
	return cmd
}

// TestWriteTokenStaysAway looks at the processes of all commands that ask the store: but for apply and revert none has the token that may write,
// and nobody has looked it up. A server's own processes are among them.
func TestWriteTokenStaysAway(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("it takes a while: set RECONCILE_TEST_LONG=1")
	}
	t.Parallel()
	s := newTokenShop(t, `secret("write")`)
	nothing := func() {}
	held := func(what string, cmd *exec.Cmd, then func()) {
		t.Helper()
		core, others := s.look(cmd, then)
		if core || len(others) > 0 {
			t.Errorf("%s has the token that may write: itself %v, its processes %v", what, core, others)
		}
		if s.wroteAsked() {
			t.Errorf("%s has looked up the token that may write", what)
			s.write("asked", "")
		}
	}
	for _, line := range []string{"run --format csv", "pull", "pull --full", "plan", "plan --out another.json", "explain S0", "explain S0 N", "sources", "doctor", "accept --sku S0 --rule N --reason so", "run --output out.csv --format csv"} {
		held(line, s.command(strings.Fields(line)...), nothing)
	}
	serve := s.command("serve", "--listen", "127.0.0.1:0")
	v := visit(t, serve, false)
	v.setUp()
	held("an import of serve", serve, func() { v.post(http.StatusOK, "/inventory/r/import", "") })
	serve = s.command("serve", "--listen", "127.0.0.1:0")
	v = visit(t, serve, true)
	planner := v.withToken("planner", "operator")
	held("a plan of serve", serve, func() { planner.ask(http.StatusAccepted, "POST", "/api/v1/plans", `{"reconciliation": "r"}`) })

	config, err := os.ReadFile(filepath.Join(s.dir, "reconcile.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("fleet.hcl", string(config)+"\nshops {\n  file = \"shops.csv\"\n}\n")
	if out, err := s.command("fleet", "start", "--config", "fleet.hcl").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	held("worker", s.command("worker", "--config", "fleet.hcl", "--until-done"), nothing)

	// They that need it have it, so that a look finds it where it is.
	for _, args := range [][]string{{"apply", "plan.json"}} {
		core, others := s.look(s.command(args...), nothing)
		if !core || len(others) == 0 || !s.wroteAsked() {
			t.Errorf("%v: itself %v, its processes %v: the test would not find the token", args, core, others)
		}
	}
}

// TestWriteTokenInEnvironment: a variable that the user has set is in the environment of what the user starts, and goes no further.
func TestWriteTokenInEnvironment(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("it takes a while: set RECONCILE_TEST_LONG=1")
	}
	t.Parallel()
	s := newTokenShop(t, `env("WRITE_TOKEN")`, "WRITE_TOKEN")
	for _, line := range []string{"run --format csv", "pull", "plan", "explain S0"} {
		if _, others := s.look(s.command(strings.Fields(line)...), func() {}); len(others) > 0 {
			t.Errorf("%s: the processes that it has started have the token that may write: %v", line, others)
		}
	}
	if _, others := s.look(s.command("apply", "plan.json"), func() {}); len(others) == 0 {
		t.Error("the connector that writes has no token: the test would not find it")
	}
}

// TestReadersWriteNothing: whatever is done but apply and revert, the store gets no request that could change it.
func TestReadersWriteNothing(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("it takes a while: set RECONCILE_TEST_LONG=1")
	}
	t.Parallel()
	a, store := newWatched(t, 3, true)
	store.serve(storeDay{Items: 3})
	for _, line := range everyCommand {
		words := strings.Fields(line)
		if words[0] == "apply" || words[0] == "revert" || words[0] == "console" || words[0] == "init" || words[0] == "restore" {
			continue
		}
		cmd := program(t, a.dir, append(words, "--data", "data")...)
		cmd.Env = append(cmd.Env, a.env...)
		cmd.Stdin = nil
		cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
		_ = cmd.Run() // many fail here, as they are to
	}
	seen := store.seen()
	if seen.Changing > 0 || seen.Requests < 20 {
		t.Errorf("%d of %d requests could have changed the store", seen.Changing, seen.Requests)
	}
}
