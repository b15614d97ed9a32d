package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/reconcilehq/reconcile/plugins/confine"
	"github.com/reconcilehq/reconcile/plugins/devkit/conformance/bad/evil"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

const (
	trustPage = "../../docs/trust.md"
	evilBegin = "<!-- attempts: made by go test ./cmd/reconcile -run TestEvilPlugin -update -->\n"
	evilEnd   = "<!-- end of attempts -->\n"
)

// TestEvilPlugin runs a plugin that tries everything, in the sandbox and without, and says what became of each try. In the sandbox
// it must be what the plugin's list says for this system. The table in docs/trust.md holds the results.
func TestEvilPlugin(t *testing.T) {
	if host.SandboxLevel() == host.Unconfined {
		t.Skip("this system cannot confine a program")
	}
	confined, free := tryEvil(t, "on"), tryEvil(t, "off")
	for _, a := range evil.Attempts() {
		want := "done"
		if keptFrom(a) {
			want = "refused"
		}
		if strings.HasSuffix(free[a.What], "exec format error") {
			t.Logf("this machine runs no such program at all, so nothing is known of the try to %s", a.What)
			confined[a.What], free[a.What] = want, "done"
		}
		if got := confined[a.What]; got != want {
			t.Errorf("in the sandbox, to %s: %q, want %q", a.What, got, want)
		}
		if always := a.By == evil.Host || a.By == evil.Reaper; always && free[a.What] != "refused" {
			t.Errorf("without a sandbox, to %s: %q", a.What, free[a.What])
		}
		// What is refused to root anyway would say nothing of the sandbox.
		if free[a.What] == "" {
			t.Errorf("nothing is known of the try to %s without a sandbox", a.What)
		}
	}
	holdEvilTable(t, confined, free)
}

// keptFrom reports whether this system keeps a plugin in its sandbox from that.
func keptFrom(a evil.Attempt) bool {
	switch a.By {
	case evil.Nobody:
		return false
	case evil.Landlock:
		return confine.Landlock() >= a.ABI
	case evil.Filter:
		return confine.HasFilter()
	}
	return true
}

// tryEvil runs the plugin, and returns what became of each try.
func tryEvil(t *testing.T, sandbox string) map[string]string {
	t.Helper()
	dir, stage := evilStage(t)
	text, err := json.Marshal(stage)
	if err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(`plugin "evil" {
  command = ["evil-plugin"]
  sandbox = %q
}

source "evil" "pos" {
  given = "given.csv"
  stage = %s
}

source "file" "web" {
  path = "web.csv"
}

reconciliation "x" {
  pos   = source.evil.pos
  store = source.file.web
}

rule "N" {
  when = pos.name != store.name
}
`, sandbox, inHCL(string(text)))
	if err := os.WriteFile(stage.Config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := program(t, dir, "run", "--format", "csv", "--all")
	cmd.Env = append(cmd.Env, "HOME="+stage.Home, "XDG_DATA_HOME="+stage.Home, "SHOP_TOKEN=kept-back")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	rows, err := csv.NewReader(strings.NewReader(string(out))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	results := map[string]string{}
	const name = 1 // the column
	for _, row := range rows[1:] {
		results[row[0]] = row[name]
	}
	waitFor(t, "nothing to be left", func() bool { return len(withEntry(stage.Mark)) == 0 })
	results[evil.Undying] = "refused"
	return results
}

// evilStage makes what the plugin goes for.
func evilStage(t *testing.T) (dir string, stage evil.Stage) {
	t.Helper()
	dir = t.TempDir()
	home := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(dir, "passwords.env")
	for path, text := range map[string]string{secret: "x", filepath.Join(dir, "given.csv"): "x", filepath.Join(dir, "web.csv"): "sku,name\nA,x\n",
		filepath.Join(home, "diary"): "x", filepath.Join(home, "draft"): ""} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mark := proto.NewSecret().Text()[:16]
	socket := filepath.Join(dir, "socket")
	if len(socket) > 100 { // the longest path that a socket may have is not much longer
		t.Skipf("the folder for temporary files has too long a name for a socket: %s", socket)
	}
	port := serveNothing(t, "tcp", "127.0.0.1:0")
	serveNothing(t, "unix", socket)
	serveNothing(t, "unix", "@"+mark)
	victim := exec.CommandContext(t.Context(), "sleep", "600")
	victim.Dir = dir
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = victim.Process.Kill(); _ = victim.Wait() })
	segment, err := unix.SysvShmGet(unix.IPC_PRIVATE, os.Getpagesize(), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = unix.SysvShmCtl(segment, unix.IPC_RMID, nil) })
	return dir, evil.Stage{Secret: secret, Config: filepath.Join(dir, "reconcile.hcl"), Home: home, Common: "/tmp", Socket: socket, Abstract: mark,
		Port: port, Victim: victim.Process.Pid, Segment: segment, Mark: "TEST_EVIL=" + mark}
}

// serveNothing accepts connections and returns its address.
func serveNothing(t *testing.T, network, address string) string {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// withEntry returns the processes that have that entry in their environment.
func withEntry(entry string) (found []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && strings.Contains("\x00"+string(text), "\x00"+entry+"\x00") {
			found = append(found, file)
		}
	}
	return found
}

// holdEvilTable holds the table in docs/trust.md against the results, or writes it. What was seen without a sandbox, and on another
// kernel, is a record, and is not held against anything.
func holdEvilTable(t *testing.T, confined, free map[string]string) {
	t.Helper()
	text, err := os.ReadFile(trustPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), evilBegin)
	old, after, ended := strings.Cut(rest, evilEnd)
	if !found || !ended {
		t.Fatalf("%s has no place for the attempts", trustPage)
	}
	if *update {
		if err := os.WriteFile(trustPage, []byte(before+evilBegin+evilTable(confined, free)+evilEnd+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	alike := strings.Contains(old, evilSystem())
	rows := map[string][]string{}
	for line := range strings.Lines(old) {
		if cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|"); len(cells) == evilColumns {
			rows[strings.TrimSpace(cells[0])] = cells
		}
	}
	for _, a := range evil.Attempts() {
		row := rows[a.What]
		if row == nil || strings.TrimSpace(row[1]) != keeperWords(a) || alike && strings.TrimSpace(row[2]) != tryOutcome(a, confined) {
			t.Errorf("the table in %s does not say of the try to %s what is so: run with -update", trustPage, a.What)
		}
	}
}

const evilColumns = 4

// evilSystem says on what system the table was made, as far as the sandbox depends on it.
func evilSystem() string {
	return fmt.Sprintf("Landlock %d, %s", confine.Landlock(), runtime.GOARCH)
}

func evilTable(confined, free map[string]string) string {
	var b strings.Builder
	var name unix.Utsname
	_ = unix.Uname(&name)
	release, _, _ := strings.Cut(unix.ByteSliceToString(name.Release[:]), "-")
	who := "as root"
	if os.Getuid() != 0 {
		who = "not as root"
	}
	fmt.Fprintf(&b, "Run on Linux %s (%s), %s.\n", release, evilSystem(), who)
	kind := ""
	for _, a := range evil.Attempts() {
		if a.Kind != kind {
			kind = a.Kind
			fmt.Fprintf(&b, "\n| %s: it tries to | kept from it by | in the sandbox | without |\n|---|---|---|---|\n", kind)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", a.What, keeperWords(a), tryOutcome(a, confined), free[a.What])
	}
	return b.String()
}

// tryOutcome is what became of a try in the sandbox, in words.
func tryOutcome(a evil.Attempt, confined map[string]string) string {
	if a.By == evil.Landlock && confine.Landlock() < a.ABI {
		return fmt.Sprintf("**%s**; refused where Landlock is that new, which was not run here", confined[a.What])
	}
	if got := confined[a.What]; got != "refused" {
		return "**" + got + "**"
	}
	return "refused"
}

func keeperWords(a evil.Attempt) string {
	switch {
	case a.By == evil.Landlock && a.ABI > 0:
		return fmt.Sprintf("Landlock %d", a.ABI)
	case a.By == evil.Nobody:
		return "nobody"
	}
	return string(a.By)
}
