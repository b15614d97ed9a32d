package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// killsEnv names how often TestKilledPull kills; a few times if it is not set.
const killsEnv = "RECONCILE_TEST_KILLS"

// shopFolder is a configuration whose store is the test's own connector.
type shopFolder struct {
	t   *testing.T
	dir string
}

func newShopFolder(t *testing.T) *shopFolder {
	t.Helper()
	f := &shopFolder{t: t, dir: t.TempDir()}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(f.dir, "real", "shop-connector")
	if err := errors.Join(os.Mkdir(filepath.Dir(link), 0o755), os.Symlink(self, link)); err != nil {
		t.Skipf("the test's connector is started by a link: %v", err)
	}
	if err := thinConnector(f.dir, "shop-connector", link); err != nil {
		t.Fatal(err)
	}
	f.write("pos.csv", "sku,name\n")
	f.write("reconcile.hcl", `
plugin "shop" {
  command = ["./shop-connector"]
  sandbox = "off" # it writes down beside the platform what it was asked
}
source "file" "pos" {
  path = "pos.csv"
}
source "shop" "web" {
  platform = "platform.json"
}
reconciliation "x" {
  pos   = source.file.pos
  store = source.shop.web
}
rule "P" {
  on   = "store_only"
  when = store.price > 0 && store.name != ""
}
`)
	return f
}

func (f *shopFolder) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o666); err != nil {
		f.t.Fatal(err)
	}
}

func (f *shopFolder) platform(p platform) {
	f.t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		f.t.Fatal(err)
	}
	f.write("platform.json", string(text))
	_ = os.Remove(filepath.Join(f.dir, "platform.json.log"))
}

// command returns reconcile with a data folder of that name.
func (f *shopFolder) command(data string, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	cmd = program(f.t, f.dir, append(args, "--data", data)...)
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

func (f *shopFolder) run(data string, args ...string) string {
	f.t.Helper()
	cmd, stdout, stderr := f.command(data, args...)
	if err := cmd.Run(); err != nil {
		f.t.Fatalf("reconcile %s: %v\n%s", strings.Join(args, " "), err, stderr)
	}
	return stdout.String()
}

// asked waits until the platform was asked n times.
func (f *shopFolder) asked(n int) {
	f.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		text, _ := os.ReadFile(filepath.Join(f.dir, "platform.json.log"))
		if bytes.Count(text, []byte("\n")) >= n {
			return
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("the platform was asked %d times, want %d", bytes.Count(text, []byte("\n")), n)
		}
	}
}

// TestKilledPull kills reconcile at random moments of a pull, full ones and others. Each time the last good copy is
// there as it was, or as the pull has left it if that was done, and the next pull arrives at what a full read does.
func TestKilledPull(t *testing.T) {
	t.Parallel()
	kills := 2
	if n, err := strconv.Atoi(os.Getenv(killsEnv)); err == nil {
		kills = n
	}
	f := newShopFolder(t)
	const products = 300
	state := platform{Products: map[string]product{}}
	for i := range products {
		state.Products[fmt.Sprintf("A-%04d", i)] = product{Name: "Bell", Price: "1"}
	}
	show := []string{"run", "--all", "--format", "csv"}
	f.platform(state)
	good := f.run("data", show...)
	resumed := 0
	for kill := range kills {
		state.Version++
		for i := range products {
			if sku := fmt.Sprintf("A-%04d", i); rand.IntN(10) == 0 {
				delete(state.Products, sku)
			} else if rand.IntN(2) == 0 {
				state.Products[sku] = product{Name: "Horn", Price: fmt.Sprint(1 + rand.IntN(1000)), Changed: state.Version}
			}
		}
		state.Step, state.Pause = 10, 3*time.Millisecond
		f.platform(state)
		pull := []string{"pull"}
		if kill%2 == 1 {
			pull = append(pull, "--full")
		}
		cmd, _, stderr := f.command("data", pull...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		f.asked(1)
		moment := time.Duration(rand.Int64N(int64(150 * time.Millisecond)))
		time.Sleep(moment) // the moment is to be any
		_ = cmd.Process.Kill()
		done := cmd.Wait() == nil

		state.Pause = 0
		f.platform(state)
		want := f.run(fmt.Sprint("fresh", kill), show...)
		switch got := f.run("data", append(show, "--offline")...); {
		case got == good && !done:
		case got == want:
		default:
			t.Fatalf("killed after %s (done %v) the copy is neither what it was nor what it was to be:\n%s\n%s", moment, done, got, stderr)
		}
		f.platform(state)
		if got := f.run("data", show...); got != want {
			t.Fatalf("killed after %s, the next pull does not arrive at a full read; want\n%s\ngot\n%s", moment, want, got)
		}
		good = want
		log, err := os.ReadFile(filepath.Join(f.dir, "platform.json.log"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(log), " ") > strings.Count("pull \"1\" fields", " ") {
			resumed++ // the cursor is a checkpoint's
		}
	}
	t.Logf("%d of %d pulls were resumed", resumed, kills)
	if kills >= 20 && resumed == 0 {
		t.Error("no pull was resumed: no kill was in the middle")
	}
}

// TestTwoPulls has two processes pull at once: one waits for the other and says so, and then asks only what has changed.
func TestTwoPulls(t *testing.T) {
	t.Parallel()
	f := newShopFolder(t)
	state := platform{Version: 1, Products: map[string]product{}, Step: 5, WaitFor: filepath.Join(f.dir, "go on")}
	for i := range 20 {
		state.Products[fmt.Sprintf("A-%d", i)] = product{Name: "Bell", Price: "1", Changed: 1}
	}
	f.platform(state)
	first, _, firstErr := f.command("data", "pull")
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	f.asked(1)
	second, secondOut, _ := f.command("data", "pull")
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	second.Stderr = writer
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	said := bufio.NewScanner(reader)
	if !said.Scan() || said.Text() != "Another reconcile is pulling the Local Copy of shop.web: waiting for it." {
		t.Errorf("the second says %q, not that it waits", said.Text())
	}
	f.write("go on", "")
	if err := first.Wait(); err != nil {
		t.Fatalf("the first: %v\n%s", err, firstErr)
	}
	if said.Scan() {
		t.Errorf("the second goes on to say %q", said.Text())
	}
	if err := second.Wait(); err != nil {
		t.Fatalf("the second: %v", err)
	}
	// What the first has pulled is of a time before the second was started: it may lack what has changed since.
	if got := secondOut.String(); !strings.Contains(got, "shop.web: refreshed in") || !strings.Contains(got, "0 new, 0 changed, 0 gone") {
		t.Errorf("the second says:\n%s", got)
	}
	if n := strings.Count(f.run("data", "run", "--offline", "--all", "--format", "csv"), ",Bell"); n != 2*20 { // in two columns
		t.Errorf("the copy has %d items", n)
	}
}
