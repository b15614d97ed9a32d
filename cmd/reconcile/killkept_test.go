package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// keptShop is a data folder with what a killed process must not spoil.
type keptShop struct {
	t     *testing.T
	dir   string
	items int
	count int    // of rounds
	token string // of an administrator's program

	runs     []string       // those that there are
	accepted map[string]int // by SKU: how often it is accepted at least and, where that is not sure, one more
	usual    map[string]time.Duration
}

func newKeptShop(t *testing.T, items int) *keptShop {
	t.Helper()
	k := &keptShop{t: t, dir: t.TempDir(), items: items, accepted: map[string]int{}, usual: map[string]time.Duration{}}
	var pos, web strings.Builder
	pos.WriteString("sku,name,price\n")
	web.WriteString("sku,name,price\n")
	for i := range items {
		fmt.Fprintf(&pos, "%s,Bell %d,%d\n", k.sku(i), i, 10+i%90)
		fmt.Fprintf(&web, "%s,Bell %d,%d\n", k.sku(i), i, 11+i%90)
	}
	writeFiles(t, k.dir, map[string]string{"reconcile.hcl": servedConfig, "pos.csv": pos.String(), "web.csv": web.String()})
	k.token = strings.TrimSpace(k.do("token", "create", "keeper", "--role", "admin"))
	k.do("run", "--format", "csv")
	if len(k.look()) != 1 {
		t.Fatalf("a run was made, and these are kept: %v", k.runs)
	}
	return k
}

func (k *keptShop) sku(i int) string { return fmt.Sprintf("A-%05d", i) }

// command is one that keeps what it runs.
func (k *keptShop) command(args ...string) *exec.Cmd {
	cmd := program(k.t, k.dir, append(args, "--data", "data")...)
	cmd.Env = append(cmd.Env, historyEnv+"=")
	return cmd
}

// do runs a command to its end.
func (k *keptShop) do(args ...string) string {
	k.t.Helper()
	cmd := k.command(args...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		k.t.Fatalf("reconcile %s: %v\n%s", strings.Join(args, " "), err, said.String())
	}
	return string(out)
}

// moment is any moment of what takes so long usually.
func (k *keptShop) moment(what string) time.Duration {
	return time.Duration(rand.Int64N(int64(k.usual[what]) * 5 / 4))
}

// kill starts a command and kills it: at some moment, or where soon says so, just after it has begun to write. It reports whether it was done
// before that.
func (k *keptShop) kill(soon bool, args ...string) (done bool) {
	k.t.Helper()
	cmd := k.command(args...)
	before := k.names()
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	wait := k.moment(args[0])
	if soon {
		for end := time.Now().Add(2 * k.usual[args[0]]); slices.Equal(k.names(), before) && time.Now().Before(end); {
			time.Sleep(100 * time.Microsecond) // between two looks at another process
		}
		wait = time.Duration(rand.Int64N(int64(4 * time.Millisecond)))
	}
	time.Sleep(wait) // the moment is to be any
	_ = cmd.Process.Kill()
	return cmd.Wait() == nil
}

// names are the files that commands write.
func (k *keptShop) names() (list []string) {
	for _, folder := range []string{"", "data", filepath.Join("data", "runs")} {
		files, _ := os.ReadDir(filepath.Join(k.dir, folder))
		for _, f := range files {
			if name := f.Name(); !strings.HasSuffix(name, ".tmp") && !strings.HasPrefix(name, "reconcile.db") {
				list = append(list, name)
			}
		}
	}
	return list
}

// timed notes how long something takes.
func (k *keptShop) timed(what string, do func()) {
	began := time.Now()
	do()
	k.usual[what] = max(time.Since(began), 10*time.Millisecond)
}

// look opens all that is kept, and fails where something is half. It returns the runs.
func (k *keptShop) look() []string {
	k.t.Helper()
	s, err := store.Open(k.t.Context(), filepath.Join(k.dir, "data"))
	if err != nil {
		k.t.Fatalf("the database: %v", err)
	}
	defer s.Close()
	if _, found, err := s.Verify(k.t.Context()); err != nil || len(found) > 0 {
		k.t.Fatalf("the audit trail: %v %v", found, err)
	}
	runs, err := archive.New(s, filepath.Join(k.dir, "reconcile.hcl"), "")
	if err != nil {
		k.t.Fatal(err)
	}
	list, err := runs.List(k.t.Context(), "bigcommerce", 0)
	if err != nil {
		k.t.Fatal(err)
	}
	var ids []string
	for _, r := range list {
		ids = append(ids, r.ID)
		if slices.Contains(k.runs, r.ID) {
			continue // it was looked at
		}
		run, err := runs.Open(r)
		if err != nil {
			k.t.Fatalf("the run %s: %v", r.ID, err)
		}
		n := 0
		for it, err := range run.Result().Items {
			if err != nil || it.SKU() != k.sku(n) {
				k.t.Fatalf("the run %s, item %d: %v", r.ID, n, err)
			}
			n++
		}
		if c, err := runs.Changes(r); err != nil || n != k.items || c.Before != (r.Previous != "") {
			k.t.Fatalf("the run %s has %d items: %+v %v", r.ID, n, c, err)
		}
		_ = run.Close() // it was only read
	}
	for _, id := range k.runs {
		if !slices.Contains(ids, id) {
			k.t.Fatalf("the run %s is lost; there are %v", id, ids)
		}
	}
	k.runs = ids
	return ids
}

// acceptances fails where something that was accepted is lost, or is there twice. What was under way may be there or not, and is known
// from then on.
func (k *keptShop) acceptances(underWay ...string) {
	k.t.Helper()
	k.do("validate")
	text, err := os.ReadFile(filepath.Join(k.dir, "reconcile.accepted.hcl"))
	if err != nil && !os.IsNotExist(err) {
		k.t.Fatal(err)
	}
	for _, sku := range underWay {
		if n := strings.Count(string(text), `"accepted: `+sku+` P"`); n > 0 {
			k.accepted[sku] = 1
		}
	}
	for sku, want := range k.accepted {
		if n := strings.Count(string(text), `"accepted: `+sku+` P"`); n != want {
			k.t.Fatalf("%s is accepted %d times, not %d:\n%s", sku, n, want, text)
		}
	}
	if n := strings.Count(string(text), "intentional \"accepted: "); n != len(k.accepted) {
		k.t.Fatalf("there are %d acceptances, not %d:\n%s", n, len(k.accepted), text)
	}
}

// killAccept kills an acceptance, and accepts what it was about where that was in vain.
func (k *keptShop) killAccept(sku string) {
	k.t.Helper()
	args := []string{"accept", "--sku", sku, "--rule", "P", "--reason", "on offer"}
	if k.kill(k.count%2 == 0, args...) {
		k.accepted[sku] = 1
	}
	k.acceptances(sku)
	if k.accepted[sku] == 0 {
		k.do(args...)
		k.accepted[sku] = 1
		k.acceptances()
	}
}

// killBackup kills a backup. Where its archive is there it can be restored.
func (k *keptShop) killBackup(n int) {
	k.t.Helper()
	to := filepath.Join(k.dir, fmt.Sprintf("backup-%d.tar", n))
	done := k.kill(k.count%2 == 0, "backup", to)
	if _, err := os.Stat(to); os.IsNotExist(err) && !done {
		return
	}
	cmd := program(k.t, k.dir, "restore", to, "--data", fmt.Sprintf("restored-%d", n))
	if said, err := cmd.CombinedOutput(); err != nil {
		k.t.Fatalf("the backup is half: %v\n%s", err, said)
	}
	if there, err := filepath.Glob(filepath.Join(k.dir, fmt.Sprintf("restored-%d", n), "runs", "*.run")); err != nil || len(there) != len(k.runs) {
		k.t.Fatalf("of %d runs %d were restored: %v", len(k.runs), len(there), err)
	}
}

// killServer kills a server that accepts something while it imports.
func (k *keptShop) killServer(sku string) {
	k.t.Helper()
	v := serveIn(k.t, k.dir, true)
	ask := func(path, body string) int {
		r, err := http.NewRequestWithContext(k.t.Context(), "POST", v.at+path, strings.NewReader(body))
		if err != nil {
			k.t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+k.token)
		r.Header.Set("Content-Type", "application/json")
		answer, err := v.Do(r)
		if err != nil {
			return 0 // it was killed
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	if status := ask("/api/v1/runs", `{"reconciliation": "bigcommerce"}`); status != http.StatusAccepted {
		k.t.Fatalf("import: %d", status)
	}
	said := make(chan int, 1)
	go func() {
		said <- ask("/api/v1/runs/"+k.runs[0]+"/accept", `{"items": [{"sku": "`+sku+`", "rule": "P"}], "reason": "on offer"}`)
	}()
	time.Sleep(k.moment("accept")) // the moment is to be any
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	switch status := <-said; status {
	case http.StatusOK:
		k.accepted[sku] = 1
	case 0:
	default:
		k.t.Fatalf("accept: %d", status)
	}
	k.acceptances(sku)
	if k.accepted[sku] == 1 && !strings.Contains(k.do("audit", "export"), sku+" P") {
		k.t.Fatalf("%s is accepted, and the audit trail does not know it", sku)
	}
}

// TestKilledKeeping kills reconcile at random moments of running and keeping, accepting, backing up, and of serving all of that. Afterwards
// no run is half, no acceptance is lost or doubled, and the audit trail is whole.
func TestKilledKeeping(t *testing.T) {
	t.Parallel()
	kills := 4
	if n, err := strconv.Atoi(os.Getenv(killsEnv)); err == nil {
		kills = n
	}
	k := newKeptShop(t, 5_000)
	k.timed("run", func() { k.do("run", "--format", "csv") })
	k.timed("accept", func() { k.do("accept", "--sku", k.sku(0), "--rule", "P", "--reason", "on offer") })
	k.timed("backup", func() { k.do("backup", "first.tar") })
	k.accepted[k.sku(0)] = 1
	k.look()
	interrupted := 0
	for n := range kills {
		before := len(k.runs)
		k.count = n / 4
		switch n % 4 {
		case 0:
			done := k.kill(k.count%2 == 0, "run", "--format", "csv")
			if after := len(k.look()); after > before+1 || done && after != before+1 {
				t.Fatalf("there were %d runs, and are %d; it was done: %v", before, after, done)
			} else if after == before {
				interrupted++
			}
		case 1:
			k.killAccept(k.sku(n + 1))
		case 2:
			k.killBackup(n)
		case 3:
			k.killServer(k.sku(n + 1))
		}
		k.look()
	}
	k.do("run", "--format", "csv")
	k.look()
	k.acceptances()
	t.Logf("%d kills; %d runs, %d acceptances, %d runs were interrupted", kills, len(k.runs), len(k.accepted), interrupted)
	if kills >= 40 && interrupted == 0 {
		t.Error("no run was interrupted: no kill was in the middle")
	}
}
