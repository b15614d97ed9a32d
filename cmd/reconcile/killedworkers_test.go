package main

import (
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store/storetest"
)

// Variables of TestKilledWorkers: how many shops there are, and a command that restarts the database server.
const (
	fleetShopsEnv   = "RECONCILE_TEST_FLEET_SHOPS"
	fleetRestartEnv = "RECONCILE_TEST_FLEET_RESTART"
)

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

// TestKilledWorkers kills workers with -9 all the time, empties River's tables, and restarts the database: in the end each shop
// was stored once, with the result that a run has that is made alone.
func TestKilledWorkers(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" && os.Getenv(fleetShopsEnv) == "" {
		t.Skip("RECONCILE_TEST_LONG is not set")
	}
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no kill -9")
	}
	server := storetest.URL(t)
	g, address := gateTo(t, server)
	shops, kinds, workers, killEvery, restarts := 100, 11, 3, 4*time.Second, 1
	if text := os.Getenv(fleetShopsEnv); text != "" {
		n, err := strconv.Atoi(text)
		must(t, err)
		shops, kinds, workers, killEvery, restarts = n, min(97, n/5), 8, 20*time.Second/8, 2
	}
	m := writeManyShops(t, shops, kinds, 2, "--quota", "30", "--window", "2s", "--fault", "7=500")
	data, said := t.TempDir(), &noise{}
	command := func(args ...string) *exec.Cmd { return m.command(t, m.dir, data, address, said, args...) }
	aloneData := t.TempDir()
	alone := m.command(t, m.alone, aloneData, "", said, "run", "--shop", "all", "--jobs", "2")
	alone.Stdout = io.Discard
	_ = alone.Run() // those that are faulty fail
	must(t, command("fleet", "start", "--tries", "2", "--retry-after", "1s").Run())
	db, err := sql.Open("pgx", server)
	must(t, err)
	defer db.Close()
	crew := &crew{began: make([]*exec.Cmd, workers), lost: map[int64]lostJob{}}
	for i := range crew.began {
		crew.began[i] = command("worker", "--jobs", "2")
		must(t, crew.began[i].Start())
	}
	defer crew.killAll()
	began, last, restarted := time.Now(), time.Now(), 0
	for until := began.Add(time.Duration(shops)*2*time.Second + 5*time.Minute); ; time.Sleep(200 * time.Millisecond) { // between two looks at other processes
		states, err := statesOf(db)
		if err == nil && states[store.Waiting]+states[store.Running] == 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("it does not end: %v, %v\n%.20000s", states, err, said)
		}
		crew.look(db)
		if restarted < restarts && states[store.Done]+states[store.Failed] > shops*(restarted+1)/(restarts+1) {
			restarted++
			_, err := db.Exec("TRUNCATE river_job, river_leader, river_queue") // wakes are gone, and the jobs are there
			must(t, err)
			restart(t, g)
		}
		if time.Since(last) > killEvery && (states[store.Waiting] > 0 || crew.kills == 0) {
			last = time.Now()
			crew.kill(t, db, command("worker", "--jobs", "2"))
		}
	}
	t.Logf("%d shops, %d workers, %d kills, %d restarts: %s", shops, workers, crew.kills, restarted, time.Since(began).Round(time.Second))
	slices.Sort(crew.took)
	if n := len(crew.took); n > 0 {
		t.Logf("%d shops of killed workers were taken over: half of them within %s, all within %s", n, crew.took[n/2], crew.took[n-1])
	}
	checkFleet(t, db, m, filepath.Join(data, "runs"), filepath.Join(aloneData, "runs"), filepath.Join(aloneData, "reconcile.db"), said)
	if crew.kills == 0 || restarted < restarts {
		t.Errorf("%d kills, %d restarts", crew.kills, restarted)
	}
}

// restart restarts the database server, or has all connections to it end for as long as that may take.
func restart(t *testing.T, g *gate) {
	t.Helper()
	command := os.Getenv(fleetRestartEnv)
	if command == "" {
		g.turn(true)
		time.Sleep(3 * time.Second) // as long as a restart may take
		g.turn(false)
		return
	}
	if out, err := exec.CommandContext(t.Context(), "sh", "-c", command).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

// crew are workers of which one after the other is killed.
type crew struct {
	began []*exec.Cmd
	kills int
	lost  map[int64]lostJob // the jobs of those that were killed, until others have taken them
	took  []time.Duration   // how long that took
}

type lostJob struct {
	attempt int64
	since   time.Time
}

func (c *crew) killAll() {
	for _, cmd := range c.began {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

// kill kills one of the workers, and starts another one in its place.
func (c *crew) kill(t *testing.T, db *sql.DB, next *exec.Cmd) {
	t.Helper()
	i := rand.IntN(len(c.began))
	cmd := c.began[i]
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	c.kills++
	host, err := os.Hostname()
	must(t, err)
	for id, attempt := range runningJobs(db, fmt.Sprintf("%s-%d-", host, cmd.Process.Pid)) {
		c.lost[id] = lostJob{attempt, time.Now()}
	}
	c.began[i] = next
	must(t, next.Start())
}

// look looks which jobs of killed workers were taken over.
func (c *crew) look(db *sql.DB) {
	running := runningJobs(db, "")
	if running == nil {
		return
	}
	for id, lost := range c.lost {
		if attempt, is := running[id]; !is || attempt != lost.attempt {
			c.took = append(c.took, time.Since(lost.since).Round(100*time.Millisecond))
			delete(c.lost, id)
		}
	}
}

// runningJobs returns the attempts of the jobs that are being done, by workers whose names begin so; nil if the database does not answer.
func runningJobs(db *sql.DB, worker string) map[int64]int64 {
	rows, err := db.Query("SELECT id, attempt FROM work WHERE state = 'running' AND starts_with(worker, $1)", worker)
	if err != nil {
		return nil
	}
	defer rows.Close()
	jobs := map[int64]int64{}
	for rows.Next() {
		var id, attempt int64
		if rows.Scan(&id, &attempt) != nil {
			return nil
		}
		jobs[id] = attempt
	}
	if rows.Err() != nil {
		return nil
	}
	return jobs
}

// statesOf returns how many jobs there are in each state.
func statesOf(db *sql.DB) (map[string]int, error) {
	rows, err := db.Query("SELECT state, count(*) FROM work GROUP BY state")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	states := map[string]int{}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, err
		}
		states[state] = n
	}
	return states, rows.Err()
}

// checkFleet counts in the tables what is stored, and holds each result against that of a run that was made alone.
func checkFleet(t *testing.T, db *sql.DB, m *manyShops, runs, aloneRuns, aloneData string, said *noise) {
	t.Helper()
	sums := map[string]string{} // of runs that were made alone, by the shop's kind
	aloneDB, err := sql.Open("sqlite", aloneData)
	must(t, err)
	defer aloneDB.Close()
	eachRow(t, aloneDB, "SELECT config, id FROM runs WHERE failure = ''", func(config, id string) {
		sum, err := sumOfRun(filepath.Join(aloneRuns, id+".run"))
		must(t, err)
		sums[m.kindOf(config)] = sum
	})
	if len(sums) != m.kinds {
		t.Fatalf("of %d kinds of shops %d were compared alone\n%.5000s", m.kinds, len(sums), said)
	}
	for what, want := range map[string]int{
		"SELECT count(*) FROM work":                                                               m.shops,
		"SELECT count(DISTINCT shop) FROM work":                                                   m.shops,
		"SELECT count(*) FROM work WHERE state = 'done'":                                          m.shops - m.faulty,
		"SELECT count(*) FROM work WHERE state = 'failed'":                                        m.faulty,
		"SELECT count(*) FROM runs":                                                               m.shops,
		"SELECT count(DISTINCT config) FROM runs":                                                 m.shops,
		"SELECT count(*) FROM runs WHERE failure = ''":                                            m.shops - m.faulty,
		"SELECT count(*) FROM work JOIN runs ON runs.id = work.run WHERE runs.failure = ''":       m.shops - m.faulty,
		"SELECT count(*) FROM work JOIN runs ON runs.config = work.config || ' (' || shop || ')'": m.shops,
	} {
		var n int
		if must(t, db.QueryRow(what).Scan(&n)); n != want {
			t.Errorf("%s: %d, not %d", what, n, want)
		}
	}
	var lost int
	must(t, db.QueryRow("SELECT sum(lost) FROM work").Scan(&lost))
	t.Logf("%d times a worker went away with a job", lost)
	wrong := 0
	eachRow(t, db, "SELECT config, id FROM runs WHERE failure = ''", func(config, id string) {
		sum, err := sumOfRun(filepath.Join(runs, id+".run"))
		if err != nil || sum != sums[m.kindOf(config)] {
			if wrong++; wrong < 5 {
				t.Errorf("%s: %s, alone %s, %v", config, sum, sums[m.kindOf(config)], err)
			}
		}
	})
	if wrong > 0 || t.Failed() {
		t.Errorf("%d shops have other results than alone\n%.5000s", wrong, said)
	}
}

// kindOf returns the kind of the shop that a run is of.
func (m *manyShops) kindOf(config string) string {
	var shop int
	if _, err := fmt.Sscanf(config[strings.LastIndex(config, " (")+1:], "(shop-%d)", &shop); err != nil {
		return ""
	}
	return strconv.Itoa(shop % m.kinds)
}

// eachRow hands all rows of two texts to do.
func eachRow(t *testing.T, db *sql.DB, query string, do func(a, b string)) {
	t.Helper()
	rows, err := db.Query(query)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var a, b string
		must(t, rows.Scan(&a, &b))
		do(a, b)
	}
	must(t, rows.Err())
}
