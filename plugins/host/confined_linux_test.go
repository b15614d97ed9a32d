package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/file"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

const (
	modestArg  = "serve-modest"  // a connector that says what it needs
	refusedArg = "serve-refused" // the same, on a system that does not let it confine itself
	fileArg    = "serve-file"    // the bundled connector for files
)

// modest is a source that gives up what it does not need, and then tries what it gave up, on many threads: those that were there
// before, and new ones.
type modest struct {
	File    string `setting:"file,path"`
	Other   string `setting:"other"`
	Network bool   `setting:"network" default:"false"`
	Address string `setting:"address"`

	begin chan struct{}
	tried chan map[string]string
}

func serveModest() {
	sdk.Serve(sdk.Connector{Name: "modest", Version: "1", New: func() sdk.Source { return &modest{} }})
}

const threads = 8 // of each kind

// Configure starts threads that will try things after it.
func (m *modest) Configure(context.Context) error {
	m.begin, m.tried = make(chan struct{}), make(chan map[string]string, 2*threads)
	for range threads {
		started := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(started)
			<-m.begin
			m.tried <- m.try()
		}()
		<-started
	}
	return nil
}

func (m *modest) Needs() sdk.Needs { return sdk.Needs{Read: []string{m.File}, Network: m.Network} }

func (*modest) Schema(context.Context) ([]sdk.Field, error) { return sdk.Known("sku", "name"), nil }

// try says what each try came to: ok, or no.
func (m *modest) try() map[string]string {
	results := map[string]string{}
	note := func(what string, err error) {
		results[what] = "ok"
		switch {
		case errors.Is(err, os.ErrPermission):
			results[what] = "no"
		case err != nil:
			results[what] = err.Error()
		}
	}
	reads := func(path string) error { _, err := os.ReadFile(path); return err }
	writes := func(dir string) error {
		f, err := os.CreateTemp(dir, "x")
		if err == nil {
			_, err = f.WriteString("x")
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
		return err
	}
	dial := func(network, address string) error {
		conn, err := net.Dial(network, address)
		if err == nil {
			err = conn.Close()
		}
		return err
	}
	note("reads its file", reads(m.File))
	note("reads another", reads(m.Other))
	note("writes temporary files", writes(""))
	note("writes beside its file", writes(filepath.Dir(m.File)))
	note("changes its file's permissions", syscall.Chmod(m.File, 0o600))
	note("starts a program", exec.Command("/bin/true").Run())
	note("signals the host", syscall.Kill(syscall.Getppid(), 0))
	note("connects to the network", dial("tcp", m.Address))
	note("makes a socket for paths", dial("unix", filepath.Join(os.TempDir(), "none")))
	note("serves a port", func() error {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err == nil {
			err = l.Close()
		}
		return err
	}())
	return results
}

func (m *modest) Read(_ context.Context, _ sdk.ReadRequest, emit func(sdk.Item) error) error {
	close(m.begin)
	for range threads {
		go func() {
			runtime.LockOSThread()
			m.tried <- m.try()
		}()
	}
	for i := range 2 * threads {
		for what, result := range <-m.tried {
			if err := emit(sdk.Item{"sku": fmt.Sprint(what, " ", i), "name": result}); err != nil {
				return err
			}
		}
	}
	return nil
}

// serveRefused serves the connector as on a system that has Landlock and refuses to apply it.
func serveRefused() {
	const number = 0 // the call's offset in struct seccomp_data
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: number},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_LANDLOCK_RESTRICT_SELF, Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.E2BIG)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		panic(err)
	}
	if _, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program))); failed != 0 {
		panic(failed)
	}
	runtime.UnlockOSThread()
	serveModest()
}

// startItself starts the test's program as a connector, and configures it.
func startItself(t *testing.T, arg string, settings map[string]any) (*Process, []catalog.Problem) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := Start(t.Context(), Command{Path: self, Args: []string{self, arg}, Dir: t.TempDir(), OwnTemp: true}, Options{Label: "the source"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	text := []string{}
	for name, value := range settings {
		text = append(text, fmt.Sprintf("%q: %#v", name, value))
	}
	problems, err := p.Configure(t.Context(), []byte("{"+strings.Join(text, ", ")+"}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p, problems
}

// tries starts the modest connector and returns what its threads could do: how many of them could, or could not.
func tries(t *testing.T, arg string, network bool) (results map[string]int, problems []catalog.Problem) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"mine", "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p, problems := startItself(t, arg, map[string]any{"file": filepath.Join(dir, "mine"), "other": filepath.Join(dir, "other"), "network": network, "address": listener.Addr().String()})
	schema, err := p.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	results = map[string]int{}
	_, err = p.Read(t.Context(), schema, nobody{}, func(b *catalog.Batch) error {
		for i := range b.Len() {
			what, came := b.Column(schema.Index("sku")).Value(i).Text(), b.Column(schema.Index("name")).Value(i).Text()
			results[what[:strings.LastIndexByte(what, ' ')]+": "+came]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return results, problems
}

// TestConnectorConfinesItself says that a connector which says what it needs can do that, and nothing else, on any of its threads.
func TestConnectorConfinesItself(t *testing.T) {
	if SandboxLevel() != Confined {
		t.Skip("this system cannot confine a program")
	}
	for _, network := range []bool{false, true} {
		t.Run(fmt.Sprint("network ", network), func(t *testing.T) {
			got, problems := tries(t, modestArg, network)
			const all = 2 * threads
			want := map[string]int{"reads its file: ok": all, "reads another: no": all, "writes temporary files: ok": all, "writes beside its file: no": all,
				"changes its file's permissions: no": all, "starts a program: no": all, "signals the host: no": all,
				"connects to the network: no": all, "makes a socket for paths: no": all, "serves a port: no": all}
			if network {
				delete(want, "connects to the network: no")
				want["connects to the network: ok"] = all
			}
			if diff := cmp.Diff(want, got); diff != "" || len(problems) > 0 {
				t.Errorf("(-want +got):\n%s%v", diff, problems)
			}
		})
	}
}

// TestConnectorCannotConfineItself says that a system which refuses is no failure of the source, and is told.
func TestConnectorCannotConfineItself(t *testing.T) {
	if SandboxLevel() != Confined {
		t.Skip("this system cannot confine a program")
	}
	got, problems := tries(t, refusedArg, false)
	if len(problems) != 1 || !problems[0].Warning || problems[0].Summary != "the connector could not confine itself" || !strings.Contains(problems[0].Detail, "all that you may") {
		t.Errorf("problems: %v", problems)
	}
	if got["reads another: ok"] != 2*threads {
		t.Errorf("got %v: it was confined after all", got)
	}
}

// TestFileReplacedAfterConfigure says that a file which is replaced once its connector has confined itself is a failure that says so.
func TestFileReplacedAfterConfigure(t *testing.T) {
	if SandboxLevel() != Confined {
		t.Skip("this system cannot confine a program")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "inventory.csv")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(path, "sku,name\nA,Bell\n")
	p, problems := startItself(t, fileArg, map[string]any{"path": path})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	write(path+".new", "sku,name\nA,Pedal\n")
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	_, err := p.Schema(t.Context())
	if err == nil || !strings.Contains(err.Error(), "was replaced while the run began") || !strings.Contains(err.Error(), "run again") {
		t.Errorf("got %v", err)
	}
}

func serveFile() { sdk.Serve(file.Connector()) }
