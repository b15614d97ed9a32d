package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store/storetest"
)

// Variables of TestKilledWorkers: how many shops there are, and a command that restarts the database server.
const (
	fleetShopsEnv   = "RECONCILE_TEST_FLEET_SHOPS"
	fleetRestartEnv = "RECONCILE_TEST_FLEET_RESTART"
)

const fleetConfig = `
shops {
  file = "shops.csv"
}
source "file" "pos" {
  path = "pos-${each.size}.csv"
}
source "file" "web" {
  path = "web-${each.web}.csv"
}
reconciliation "web" {
  pos   = source.file.pos
  store = source.file.web
}
rule "N" {
  when = pos.name != store.name
}
rule "P" {
  when = pos.price != store.price
}
`

// writeFleet writes a configuration for so many shops with catalogues of 50 to 5,000 items, of which each fiftieth cannot be read.
func writeFleet(t *testing.T, dir string, shops int) (faulty int) {
	t.Helper()
	sizes := []int{50, 50, 100, 200, 500, 5000}
	files := map[string]string{"reconcile.hcl": fleetConfig}
	for i, size := range sizes {
		var pos, web strings.Builder
		pos.WriteString("sku,name,price\n")
		web.WriteString("sku,name,price\n")
		for n := range size {
			fmt.Fprintf(&pos, "A-%d,Item %d,%d.99\n", n, n, n%90+1)
			price := n%90 + 1
			if n%(11+i) == 3 {
				price++
			}
			if n%37 != 5 {
				fmt.Fprintf(&web, "A-%d,Item %d,%d.99\n", n, n, price)
			}
		}
		files[fmt.Sprintf("pos-%d.csv", i)], files[fmt.Sprintf("web-%d.csv", i)] = pos.String(), web.String()
	}
	var list strings.Builder
	list.WriteString("shop,size,web\n")
	for i := range shops {
		size := strconv.Itoa(i % len(sizes))
		web := size
		if i%50 == 7 {
			web, faulty = "missing", faulty+1
		}
		fmt.Fprintf(&list, "shop-%d,%s,%s\n", i, size, web)
	}
	files["shops.csv"] = list.String()
	writeFiles(t, dir, files)
	return faulty
}

// gate passes connections on to a server, and can end and refuse them as a server does that is restarted.
type gate struct {
	mu    sync.Mutex
	shut  bool
	conns map[net.Conn]bool
}

// gateTo opens a gate before the database of an address, and returns the address of the gate.
func gateTo(t *testing.T, address string) (*gate, string) {
	t.Helper()
	at, err := url.Parse(address)
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	g := &gate{conns: map[net.Conn]bool{}}
	server := at.Host
	fault.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", server)
			if err != nil || !g.add(in, out) {
				_ = in.Close()
				continue
			}
			fault.Go(func() { _, _ = io.Copy(in, out); _ = in.Close() })
			fault.Go(func() { _, _ = io.Copy(out, in); _ = out.Close() })
		}
	})
	t.Cleanup(func() { _ = l.Close(); g.turn(true) })
	at.Host = l.Addr().String()
	return g, at.String()
}

func (g *gate) add(conns ...net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range conns {
		if g.shut {
			_ = c.Close()
		}
		g.conns[c] = true
	}
	return !g.shut
}

// turn shuts the gate, which ends all connections, or opens it again.
func (g *gate) turn(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	if shut {
		for c := range g.conns {
			_ = c.Close()
		}
		clear(g.conns)
	}
}

// TestKilledWorkers kills workers with -9 all the time, and restarts the database: in the end each shop was stored once, with the result that a
// run has that is made alone.
func TestKilledWorkers(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" && os.Getenv(fleetShopsEnv) == "" {
		t.Skip("RECONCILE_TEST_LONG is not set")
	}
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no kill -9")
	}
	server := storetest.URL(t)
	g, address := gateTo(t, server)
	shops, workers, killEvery, restarts := 100, 3, 4*time.Second, 1
	if text := os.Getenv(fleetShopsEnv); text != "" {
		n, err := strconv.Atoi(text)
		must(t, err)
		shops, workers, killEvery, restarts = n, 8, 20*time.Second/8, 2
	}
	dir, data := t.TempDir(), t.TempDir()
	faulty := writeFleet(t, dir, shops)
	config, err := archive.Config(filepath.Join(dir, "reconcile.hcl"))
	must(t, err)
	said := &noise{}
	command := func(args ...string) *exec.Cmd {
		cmd := program(t, dir, args...)
		cmd.Env = append(cmd.Env, historyEnv+"=", "RECONCILE_DATA="+data, databaseEnv+"="+address)
		cmd.Stdout, cmd.Stderr = said, said
		return cmd
	}
	alone := &strings.Builder{}
	cmd := command("run", "--shop", "all", "--no-history", "--format", "json", "--jobs", "2")
	cmd.Stdout = alone
	_ = cmd.Run() // those that cannot be read fail
	must(t, command("fleet", "start", "--tries", "2", "--retry-after", "1s").Run())
	s, err := store.OpenShared(t.Context(), data, server)
	must(t, err)
	defer s.Close()
	crew := make([]*exec.Cmd, workers)
	begin := func(i int) { crew[i] = command("worker", "--jobs", "2"); must(t, crew[i].Start()) }
	for i := range crew {
		begin(i)
	}
	defer func() {
		for _, cmd := range crew {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}()
	kills, restarted, last := 0, 0, time.Now()
	began := time.Now()
	until := time.Now().Add(time.Duration(shops)*2*time.Second + 5*time.Minute)
	for {
		time.Sleep(100 * time.Millisecond) // between two looks at other processes
		q, err := s.Queue(t.Context(), config)
		if err == nil && q.States[store.Waiting]+q.States[store.Running] == 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("it does not end: %v, %v\n%.20000s", q, err, said)
		}
		done := q.States[store.Done] + q.States[store.Failed]
		if restarted < restarts && done > shops*(restarted+1)/(restarts+1) {
			restarted++
			if command := os.Getenv(fleetRestartEnv); command != "" {
				if out, err := exec.CommandContext(t.Context(), "sh", "-c", command).CombinedOutput(); err != nil {
					t.Fatalf("%s: %v\n%s", command, err, out)
				}
			} else {
				g.turn(true)
				time.Sleep(3 * time.Second) // as long as a restart may take
				g.turn(false)
			}
		}
		if time.Since(last) > killEvery && (q.States[store.Waiting] > 0 || kills == 0) {
			last = time.Now()
			i := rand.IntN(workers)
			_ = crew[i].Process.Kill()
			_ = crew[i].Wait()
			kills++
			begin(i)
		}
	}
	t.Logf("%d shops, %d workers, %d kills, %d restarts: %s", shops, workers, kills, restarted, time.Since(began).Round(time.Second))
	checkFleet(t, s, config, shops, faulty, alone.String(), said)
	if kills == 0 || restarted < restarts {
		t.Errorf("%d kills, %d restarts", kills, restarted)
	}
}

// checkFleet holds what is stored against runs that were made alone.
func checkFleet(t *testing.T, s *store.Store, config string, shops, faulty int, alone string, said *noise) {
	t.Helper()
	var want struct {
		Shops []struct {
			Shop     string
			Compared bool
			Counts   store.Counts
		}
	}
	must(t, json.Unmarshal([]byte(alone), &want))
	jobs, err := s.LastJobs(t.Context(), config)
	must(t, err)
	counts, err := s.CountsOfJobs(t.Context(), config)
	must(t, err)
	q, err := s.Queue(t.Context(), config)
	must(t, err)
	if len(jobs) != shops || q.States[store.Done] != shops-faulty || q.States[store.Failed] != faulty {
		t.Errorf("%d jobs, %v", len(jobs), q.States)
	}
	of, lost := map[string]store.Job{}, 0
	for _, j := range jobs {
		of[j.Shop] = j
		lost += j.Lost
	}
	t.Logf("%d times a worker went away with a job", lost)
	wrong := 0
	for _, w := range want.Shops {
		j := of[w.Shop]
		runs, err := s.Runs(t.Context(), config+" ("+w.Shop+")", "", true, 0)
		must(t, err)
		c := counts[j.ID]
		c.New, c.Resolved, w.Counts.New, w.Counts.Resolved = 0, 0, 0, 0
		same := fmt.Sprint(c) == fmt.Sprint(w.Counts)
		if len(runs) != 1 || w.Compared != (j.State == store.Done) || w.Compared && (!same || runs[0].ID != j.Run || archive.Missing(s, j.Run) != "") {
			if wrong++; wrong < 5 {
				t.Errorf("%s: %d runs, %+v, %+v, alone %+v", w.Shop, len(runs), j, c, w.Counts)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d shops are wrong\n%.5000s", wrong, said)
	}
	if len(want.Shops) != shops {
		t.Errorf("%d shops were compared alone", len(want.Shops))
	}
}
