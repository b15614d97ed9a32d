package main

import (
	"database/sql"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store/storetest"
)

// fleetPaceEnv has TestFleetPace measure.
const fleetPaceEnv = "RECONCILE_TEST_FLEET_PACE"

// TestFleetPace measures how many shops 1, 2, 4 and 8 workers compare, whose stores answer so late that a shop takes some 3 seconds: twice the
// workers are to compare nearly twice as many.
func TestFleetPace(t *testing.T) {
	if os.Getenv(fleetPaceEnv) == "" {
		t.Skip(fleetPaceEnv + " is not set")
	}
	const shops = 48
	m := writeManyShops(t, shops, 1, 1, "--quota", "0", "--latency", "700ms")
	alone := 0.0 // shops that one worker compares in a second
	for _, workers := range []int{1, 2, 4, 8} {
		url, data, said := storetest.URL(t), t.TempDir(), &noise{}
		must(t, m.command(t, m.dir, data, url, said, "fleet", "start").Run())
		crew := make([]*exec.Cmd, workers)
		for i := range crew {
			crew[i] = m.command(t, m.dir, data, url, said, "worker", "--until-done")
			must(t, crew[i].Start())
		}
		for _, cmd := range crew {
			if err := cmd.Wait(); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
		}
		db, err := sql.Open("pgx", url)
		must(t, err)
		var done int
		var from, to int64
		var each float64
		must(t, db.QueryRow("SELECT count(*), min(began), max(ended), avg(ended - began) FROM work WHERE state = 'done'").Scan(&done, &from, &to, &each))
		must(t, db.Close())
		took := time.Duration(to-from) * time.Millisecond
		rate := float64(done) / took.Seconds()
		if workers == 1 {
			alone = rate
		}
		linear := rate / alone / float64(workers)
		t.Logf("%d workers: %d shops in %s, %.2f s a shop, %.2f of linear", workers, done, took.Round(100*time.Millisecond), each/1000, linear)
		if done != shops || linear < 0.9 {
			t.Errorf("%d of %d shops, %.2f of linear\n%.5000s", done, shops, linear, said)
		}
	}
}
