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

	"github.com/reconcilehq/reconcile/plugins/devkit/conformance/bad"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

const (
	badTimeout = 3 * time.Second // read_timeout
	badSecond  = time.Minute     // read_timeout of a second run, where the first may have failed since the machine was busy
	badMargin  = time.Minute     // what none costs beyond it, however busy the machine is
	badMemory  = 300 << 10       // KiB that the host may take, whatever it is sent
)

// survived is what came of a run with a bad connector.
type survived struct {
	way    bad.Way
	status int
	says   string // the message's first paragraph
	fault  string
	took   time.Duration
	memory int64 // KiB, the most that the host had
}

// TestHostSurvives runs a reconciliation with each bad connector: the host ends in time, leaves nothing behind, keeps its
// memory, and says what happened. docs/plugins.md holds the table, which -update writes.
func TestHostSurvives(t *testing.T) {
	t.Parallel()
	outcomes := make([]*survived, len(bad.Ways()))
	outcomes[0] = survive(t, bad.Ways()[0], badTimeout)
	t.Run("ways", func(t *testing.T) {
		for i, way := range bad.Ways()[1:] {
			switch way.Name {
			case "floods-with-items":
				continue // the limit is a hundred million: TestEndless in plugins/host has a smaller one
			case "waits-too-long":
				continue // the host waits a quarter of an hour: TestStandingStill in plugins/host has a clock of its own
			}
			if !*update && !bad.Wanted(way) {
				continue
			}
			t.Run(way.Name, func(t *testing.T) {
				t.Parallel()
				outcomes[i+1] = survive(t, way, badTimeout)
				if took := outcomes[i+1].took; took > badTimeout+badMargin {
					t.Errorf("it took %s", took)
				}
			})
		}
	})
	if t.Failed() {
		return
	}
	page := badTable(t)
	for i, s := range outcomes {
		if s != nil && !*update && !page.has(s) && strings.Contains(s.says, "sign of progress for "+badTimeout.String()) {
			t.Logf("%s: the machine may have been too busy for a read_timeout of %s: once more, with %s", s.way.Name, badTimeout, badSecond)
			outcomes[i] = survive(t, s.way, badSecond)
		}
	}
	page.check(t, outcomes)
}

// badConfig is a configuration with a bad connector on one side.
func badConfig(t *testing.T, way, shop string, timeout time.Duration) string {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "real", "bad-connector")
	if err := os.Mkdir(filepath.Dir(link), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	if err := thinConnector(filepath.Join(dir, "bin"), "bad-connector", link); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"shop.csv": shop, "reconcile.hcl": fmt.Sprintf(`
plugin "bad" {
  command = ["bad-connector", %q]
  lock    = "off"
  sandbox = "off"
}

source "file" "shop" {
  path         = "shop.csv"
  read_timeout = "1h"
}

source "bad" "web" {
  read_timeout = %q
  token        = env("TOKEN")
  items        = 2500
}

reconciliation "x" {
  pos   = source.file.shop
  store = source.bad.web
}

rule "N" {
  when = pos.name != store.name
}
`, way, timeout)} {
		if text == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// badProgram returns a command in such a folder.
func badProgram(t *testing.T, dir string, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	cmd = program(t, dir, args...)
	cmd.Env = append(cmd.Env, "PATH="+filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"), "TOKEN=tr0ub4dor&3")
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// survive runs a reconciliation with a bad connector.
func survive(t *testing.T, way bad.Way, timeout time.Duration) *survived {
	t.Helper()
	dir := badConfig(t, way.Name, "sku,name\nA-0,Café 0\n", timeout)
	cmd, stdout, stderr := badProgram(t, dir, "run", "--format", "csv")
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended, peak := make(chan struct{}), make(chan int64, 1)
	go func() { peak <- peakMemory(cmd.Process.Pid, ended) }()
	err := cmd.Wait()
	close(ended)
	s := &survived{way: way, took: time.Since(began), status: cmd.ProcessState.ExitCode(), memory: <-peak}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if s.memory == 0 {
		t.Error("nothing is known of the host's memory")
	}
	if s.memory > badMemory && way.Name != "hoards" { // of which it is the connector's
		t.Errorf("the host had %d MiB", s.memory>>10)
	}
	if left := livingIn(t, dir); len(left) > 0 {
		t.Errorf("left running: %q", left)
	}
	if sockets, _ := filepath.Glob(filepath.Join(os.TempDir(), fmt.Sprintf("reconcile-%d-*", cmd.Process.Pid))); len(sockets) > 0 {
		t.Errorf("left behind: %q", sockets)
	}
	if s.status != 0 && stdout.Len() > 0 {
		t.Errorf("a failed run printed %q", stdout)
	}
	if strings.Contains(stdout.String()+stderr.String(), "tr0ub4dor") {
		t.Errorf("the secret is told: %s", stderr)
	}
	s.read(t, stdout.String(), strings.ReplaceAll(stderr.String(), filepath.Base(os.Args[0]), "bad-connector"))
	return s
}

// peakMemory returns the most memory that a process has had until it ended, in KiB. What the system says of it afterwards counts
// the memory of the test that has started it, too.
func peakMemory(pid int, ended <-chan struct{}) (peak int64) {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ended:
			return peak
		case <-look.C:
		}
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		for line := range strings.Lines(string(text)) {
			if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmHWM:" {
				n, _ := strconv.ParseInt(fields[1], 10, 64)
				peak = max(peak, n)
			}
		}
	}
}

// livingIn names the processes whose working directory is dir.
func livingIn(t *testing.T, dir string) []string {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, link := range links {
		if cwd, err := os.Readlink(link); err == nil && cwd == dir {
			command, _ := os.ReadFile(filepath.Join(filepath.Dir(link), "cmdline"))
			found = append(found, string(bytes.ReplaceAll(command, []byte{0}, []byte{' '})))
		}
	}
	return found
}

var badPlace = regexp.MustCompile(`on reconcile\.hcl line \d+, in (source "bad" "web"|plugin "bad"):`)

// read takes a report or a message apart.
func (s *survived) read(t *testing.T, stdout, stderr string) {
	if s.status == 0 {
		s.says = "The run succeeds, and nothing is left behind."
		switch {
		case strings.Contains(stdout, "\nA-0,Café 0,duplicate,"):
			s.says = "The run succeeds, and lists the item as a duplicate."
		case strings.Contains(stdout, "\nA-0,Café 0,matched,N,"):
			s.says = "The run succeeds, and the names are not equal."
		}
		return
	}
	if !badPlace.MatchString(stderr) {
		t.Errorf("it does not say where in the configuration: %s", stderr)
	}
	summary, rest, _ := strings.Cut(stderr[strings.Index(stderr, "Error: ")+len("Error: "):], "\n\n")
	_, detail, _ := strings.Cut(rest, "\n\n")
	says := strings.Join(strings.Fields(detail), " ")
	if says == "" {
		says = summary
	}
	for fault, advice := range map[string]string{"the connector's": "This is a fault of the connector,", "the platform's": "The connector works:",
		"the platform's or the connector's": "If the platform is merely slow,", "the configuration's": "This is about the configuration:"} {
		if before, _, found := strings.Cut(says, advice); found {
			says, s.fault = before, fault
		}
	}
	s.says, _, _ = strings.Cut(says, " its last words:")
	s.says = strings.TrimSpace(s.says)
	if s.says == "" {
		t.Errorf("it does not say what happened: %s", stderr)
	}
}

const badTableFile, badTableBegin, badTableEnd = "../../docs/plugins.md", "<!-- bad plugins -->\n", "<!-- /bad plugins -->\n"

// measured is what is not the same each time: how long it took, how far a read had come that was stopped, and what was said
// last.
var measured = regexp.MustCompile(`\| [\d.]+ s \||after \d+ items| \(the last it said was "[^"]*"\)`)

// badPage is docs/plugins.md, about its table.
type badPage struct{ before, table, after string }

func badTable(t *testing.T) badPage {
	t.Helper()
	text, err := os.ReadFile(badTableFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), badTableBegin)
	table, after, ended := strings.Cut(rest, badTableEnd)
	if !found || !ended {
		t.Fatalf("%s has no place for the table: %s%s", badTableFile, badTableBegin, badTableEnd)
	}
	return badPage{before, table, after}
}

func timeless(row string) string { return measured.ReplaceAllString(row, "…") }

// has reports whether the table has what came out, but for the times.
func (p badPage) has(s *survived) bool { return strings.Contains(timeless(p.table), timeless(s.row())) }

func (s *survived) row() string {
	demand := s.way.Demand
	if s.way.Also != "" {
		demand += ", " + strings.Join(strings.Fields(s.way.Also), ", ")
	}
	return fmt.Sprintf("| %s | %s | %d | %.1f s | %s | %s |\n", s.way.Does, demand, s.status, s.took.Seconds(), strings.ReplaceAll(s.says, "|", `\|`), s.fault)
}

// check holds the table against what came out; with -update it writes the table.
func (p badPage) check(t *testing.T, outcomes []*survived) {
	t.Helper()
	var table strings.Builder
	fmt.Fprintf(&table, "Each run has `read_timeout = %q`; how long they take was measured on two cores that were busy with other tests. A connector\n"+
		"that sends items without end (6.18) is given up after %d items, one that says that it waits after %.0f minutes.\n\n", badTimeout,
		proto.MaxItems, proto.MaxWaiting.Minutes())
	table.WriteString("| The connector | Fails the suite at | Exit status | After | The host says | It is |\n|---|---|---|---|---|---|\n")
	for _, s := range outcomes {
		if s != nil {
			table.WriteString(s.row())
		}
	}
	if *update {
		if err := os.WriteFile(badTableFile, []byte(p.before+badTableBegin+table.String()+badTableEnd+p.after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	for row := range strings.Lines(table.String()) {
		if !strings.Contains(timeless(p.table), timeless(row)) {
			t.Errorf("the table in %s is not what comes out; run with -update. It has not:\n%s", badTableFile, row)
		}
	}
}

// TestKilledHostLeavesNothing says that no connector outlives a host that is killed, not even one that does not care for
// its lifeline, is frozen together with its reaper, or has started a process.
func TestKilledHostLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"outlives-its-host", "freezes"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			dir := badConfig(t, way, "", badTimeout)
			if err := syscall.Mkfifo(filepath.Join(dir, "shop.csv"), 0o600); err != nil { // on which the host waits
				t.Fatal(err)
			}
			cmd, _, _ := badProgram(t, dir, "run")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "the connectors to run", func() bool {
				return strings.Contains(strings.Join(livingIn(t, dir), "\n"), way) && len(children(t, cmd.Process.Pid)) == 2
			})
			if way == "freezes" {
				for _, pid := range descendants(t, cmd.Process.Pid) {
					if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			waitFor(t, "all to end", func() bool { return len(livingIn(t, dir)) == 0 })
		})
	}
}
