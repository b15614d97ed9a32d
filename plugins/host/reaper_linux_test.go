package host

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

const (
	reaperArg  = "__reaper"
	daemonsArg = "serve-daemons" // a connector that starts what should outlive it
	hostArg    = "be-a-host"     // starts that connector, and waits
	thenEnv    = "TEST_THEN"     // what the connector of that host does
	markEnv    = "TEST_REAPED"   // all that belong to a test have it in their environment
)

// becomeOther makes the test's program what its first argument says.
func becomeOther() {
	switch {
	case len(os.Args) == 3 && os.Args[1] == reaperArg:
		fmt.Fprintln(os.Stderr, Reap(os.Args[2]))
		os.Exit(1)
	case len(os.Args) == 2 && os.Args[1] == daemonsArg:
		sdk.Serve(sdk.Connector{Name: "daemons", Version: "1", New: func() sdk.Source { return &daemons{} }})
	case len(os.Args) == 2 && os.Args[1] == modestArg:
		serveModest()
	case len(os.Args) == 2 && os.Args[1] == refusedArg:
		serveRefused()
	case len(os.Args) == 2 && os.Args[1] == fileArg:
		serveFile()
	case len(os.Args) == 2 && os.Args[1] == hostArg:
		beHost()
	}
}

// daemons is a connector that starts processes in sessions of their own, some of which lose their parent at once.
type daemons struct {
	Then string `setting:"then" default:"" doc:"What it does when they run: exit, kill, freeze, or stop its reaper."`
}

func (*daemons) Schema(context.Context) ([]sdk.Field, error) { return sdk.Known("sku"), nil }

func (d *daemons) Read(ctx context.Context, _ sdk.ReadRequest, emit func(sdk.Item) error) error {
	for _, script := range []string{
		"exec sleep 300",
		"(setsid sleep 300 & ) ; exit 0",
		"(setsid sh -c '(setsid sh -c \"trap : TERM INT HUP; while :; do sleep 1; done\" &)' &) ; exit 0",
	} {
		cmd := exec.Command("/bin/sh", "-c", script)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := cmd.Start(); err != nil {
			return err
		}
		if script != "exec sleep 300" {
			if err := cmd.Wait(); err != nil {
				return err
			}
		}
	}
	signals := map[string]syscall.Signal{"kill": syscall.SIGKILL, "freeze": syscall.SIGSTOP}
	switch d.Then {
	case "exit":
		os.Exit(7)
	case "kill", "freeze":
		if err := syscall.Kill(syscall.Getpid(), signals[d.Then]); err != nil {
			return err
		}
		<-ctx.Done() // this thread may run on for a moment, and the read must not end by itself
		return ctx.Err()
	case "stop":
		if err := syscall.Kill(syscall.Getppid(), syscall.SIGSTOP); err != nil {
			return err
		}
	}
	return emit(sdk.Item{"sku": "done"})
}

// startReaped starts the connector below a reaper and configures it.
func startReaped(ctx context.Context, then string) (*Process, *catalog.Schema, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	p, err := Start(ctx, Command{Path: self, Args: []string{self, daemonsArg}, Dir: os.TempDir(), Env: []string{markEnv}, Reaper: []string{self, reaperArg}},
		Options{Label: "the source"})
	if err != nil {
		return nil, nil, err
	}
	if problems, err := p.Configure(ctx, fmt.Appendf(nil, `{"then": %q}`, then), nil); err != nil || len(problems) > 0 {
		return p, nil, fmt.Errorf("%v %w", problems, err)
	}
	schema, err := p.Schema(ctx)
	return p, schema, err
}

func beHost() {
	p, schema, err := startReaped(context.Background(), os.Getenv(thenEnv))
	if err == nil {
		_, err = p.Read(context.Background(), schema, nobody{}, func(*catalog.Batch) error { return nil })
	}
	fmt.Println("ready", err)
	select {}
}

// marked names the processes that belong to a test.
func marked(mark string) []string {
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err == nil && strings.Contains("\x00"+string(text), "\x00"+markEnv+"="+mark+"\x00") {
			words, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
			found = append(found, filepath.Base(filepath.Dir(file))+": "+strings.ReplaceAll(string(words), "\x00", " "))
		}
	}
	return found
}

// waitForNone waits until no process that belongs to the test is left.
func waitForNone(t *testing.T, mark string) {
	t.Helper()
	if left := waitFor(mark, func(n int) bool { return n == 0 }); len(left) > 0 {
		t.Fatalf("left running:\n%s", strings.Join(left, "\n"))
	}
}

// waitForSome waits until as many run, so that there is something to end.
func waitForSome(t *testing.T, mark string, least int) {
	t.Helper()
	if running := waitFor(mark, func(n int) bool { return n >= least }); len(running) < least {
		t.Fatalf("there is too little to end:\n%s", strings.Join(running, "\n"))
	}
}

// waitFor waits until the number of the test's processes is right, and returns which there are.
func waitFor(mark string, right func(n int) bool) []string {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if found := marked(mark); right(len(found)) || time.Now().After(deadline) {
			return found
		}
	}
}

// TestReaper says that nothing which a connector has started outlives it, in whatever way it ends.
func TestReaper(t *testing.T) {
	for _, c := range []struct{ then, want string }{
		{"", ""},
		{"stop", ""},
		{"exit", "exit status 7"},
		{"kill", "signal: killed"},
		{"freeze", "no answer"},
	} {
		t.Run("then "+c.then, func(t *testing.T) {
			mark := fmt.Sprintf("%s-%d", proto.NewSecret().Text()[:8], os.Getpid())
			t.Setenv(markEnv, mark)
			p, schema, err := startReaped(t.Context(), c.then)
			if p != nil {
				defer p.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			ctx := t.Context()
			if c.then == "freeze" {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, time.Second)
				defer cancel()
			}
			_, err = p.Read(ctx, schema, nobody{}, func(*catalog.Batch) error { return nil })
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if c.want == "" {
				const least = 5 // the reaper, the connector, and a process of each script
				waitForSome(t, mark, least)
			}
			p.Close()
			waitForNone(t, mark)
		})
	}
}

// TestReaperOutlivesHost says the same of a host that is killed with -9, also where the connector has stopped its reaper.
func TestReaperOutlivesHost(t *testing.T) {
	for _, then := range []string{"", "stop"} {
		t.Run("then "+then, func(t *testing.T) { outliveHost(t, then) })
	}
}

func outliveHost(t *testing.T, then string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	mark := fmt.Sprintf("%s-%d", proto.NewSecret().Text()[:8], os.Getpid())
	cmd := exec.CommandContext(t.Context(), self, hostArg)
	cmd.Env = append(os.Environ(), markEnv+"="+mark, thenEnv+"="+then)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready <nil>\n" {
		t.Fatalf("%q, %v", line, err)
	}
	const least = 6 // the same, and the host
	waitForSome(t, mark, least)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	waitForNone(t, mark)
}
