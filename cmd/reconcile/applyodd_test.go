package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestTwoApplies: of two that are begun at once with one data folder, one does the work, and the other says that it may not.
func TestTwoApplies(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("it takes a while: set RECONCILE_TEST_LONG=1")
	}
	t.Parallel()
	const items = 10
	a, store := newWatched(t, items, true)
	store.serve(storeDay{Items: items, Delay: 10 * time.Millisecond})
	var both sync.WaitGroup
	var mu sync.Mutex
	var said []string
	for range 2 {
		both.Go(func() {
			status, journal, text := a.applied("data")
			mu.Lock()
			defer mu.Unlock()
			switch {
			case status == 0:
				said = append(said, "done")
				if len(journal.Changes) != 3*items {
					t.Errorf("%d changes", len(journal.Changes))
				}
			case status == 1 && strings.Contains(text, "another reconcile apply or revert is at work"):
				said = append(said, "refused")
			default:
				t.Errorf("status %d\n%s", status, text)
			}
		})
	}
	both.Wait()
	slices.Sort(said)
	// The second can be so late that the first is done: then there is nothing more to do.
	if all := strings.Join(said, " "); all != "done refused" && all != "done done" {
		t.Error(all)
	}
	if seen := store.seen(); len(seen.Twice) > 0 || seen.Writes != 3 {
		t.Errorf("%d writes, twice: %v", seen.Writes, seen.Twice)
	}
}

// TestExpiredWhileStopped: a plan that has expired since it was stopped is settled, and nothing more is sent.
func TestExpiredWhileStopped(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("it takes a while: set RECONCILE_TEST_LONG=1")
	}
	t.Parallel()
	const items = 10
	a, store := newWatched(t, items, false)
	store.serve(storeDay{Items: items})
	const valid = 8 * time.Second
	id := a.plan("--valid", valid.String())
	made := time.Now()
	store.serve(storeDay{Items: items, Delay: 30 * time.Millisecond})
	cmd := program(t, a.dir, "apply", "plan.json", "--data", "data")
	cmd.Env = append(cmd.Env, a.env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	a.untilBegun(true, filepath.Join("data", "applied", id+".journal"), ended)
	waysToStop()["killed"](cmd.Process)
	if _, failed := cmd.Wait().(*exec.ExitError); !failed {
		t.Skip("it was done before it could be killed")
	}
	if time.Since(made) > valid {
		t.Skip("the machine is too slow: the plan had expired before it was stopped")
	}
	store.heal()
	before := store.seen().Writes
	time.Sleep(time.Until(made.Add(valid + time.Second))) // until it has expired
	status, journal, said := a.applied("data")
	if status != 1 || !strings.Contains(said, "it has expired") {
		t.Errorf("status %d\n%s", status, said)
	}
	seen := store.seen()
	if seen.Writes != before {
		t.Errorf("%d requests were written by a plan that has expired", seen.Writes-before)
	}
	if err := agree(journal, seen, desiredOf(items, false), nil, false); err != nil {
		t.Error(err)
	}
}
