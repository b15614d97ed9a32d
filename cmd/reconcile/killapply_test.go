package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestSampleApplied: on the sample, a plan's cells are those that the next run has, no change is left to be planned then, and taken back the
// first run comes again, times aside.
func TestSampleApplied(t *testing.T) {
	t.Parallel()
	a := &applying{T: t, dir: t.TempDir()}
	address, stop := serveSandbox(t, a.dir, "--quota", "0")
	defer stop()
	a.sample(address, "")

	first := a.result()
	a.run(2, "plan", "--exit-code")
	id := a.plan()
	a.env = []string{writeToken}
	a.run(0, "apply", "plan.json")
	for change, outcome := range a.outcomes(id) {
		if outcome != "applied" {
			t.Errorf("%s is %s", change, outcome)
		}
	}
	a.env = nil // from here on nobody has the token
	a.run(0, "plan", "--exit-code", "--out", "after.json")
	a.same("what is left is for people", map[string]string{
		"PUMP-F QP": "import_orders: Import the webstore transactions: that subtracts them from AmberPOS's quantity on hand.", "TUBE-700 QP": "import_orders: Import the webstore transactions: that subtracts them from AmberPOS's quantity on hand.",
		"HELMET-S IV": "correct: The option structures must match for variations to update properly: update the Local Copy, then re-upload the item.", "HELMET-M IV": "correct: The option structures must match for variations to update properly: update the Local Copy, then re-upload the item.",
		"SADDLE-G QN": "correct: BigCommerce accepts no quantity below zero: correct the quantity in AmberPOS."}, a.tasks("after.json"))
	cells := cellsOfRun(t, a.result())
	for sku, then := range a.foretold() {
		a.same(sku, then, cells[sku])
	}
	a.env = []string{writeToken}
	a.run(0, "revert", id, "--quantities", "--out", "back.json")
	a.run(0, "apply", "back.json")
	a.env = nil
	a.same("taken back", first, a.result())
}

// tasks returns what a plan has people do, by SKU and rule.
func (a *applying) tasks(path string) map[string]string {
	a.Helper()
	text, err := os.ReadFile(filepath.Join(a.dir, path))
	if err != nil {
		a.Fatal(err)
	}
	var read struct {
		Tasks []struct{ Step, SKU, Rule, Note string }
	}
	if err := json.Unmarshal(text, &read); err != nil {
		a.Fatal(err)
	}
	tasks := map[string]string{}
	for _, t := range read.Tasks {
		tasks[t.SKU+" "+t.Rule] = t.Step + ": " + t.Note
	}
	return tasks
}

// foretold returns the cells that a plan's items are to have.
func (a *applying) foretold() map[string]map[string]string {
	a.Helper()
	text, err := os.ReadFile(filepath.Join(a.dir, "plan.json"))
	if err != nil {
		a.Fatal(err)
	}
	var read struct {
		Changes []struct {
			SKU  string
			Then map[string]string
		}
	}
	if err := json.Unmarshal(text, &read); err != nil || len(read.Changes) == 0 {
		a.Fatal(err, len(read.Changes))
	}
	cells := map[string]map[string]string{}
	for _, c := range read.Changes {
		cells[c.SKU] = c.Then
	}
	return cells
}

func cellsOfRun(t *testing.T, text string) map[string]map[string]string {
	t.Helper()
	var read struct {
		Items []struct {
			SKU   string
			Cells map[string]string
		}
	}
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	cells := map[string]map[string]string{}
	for _, it := range read.Items {
		cells[it.SKU] = it.Cells
	}
	return cells
}

// TestKilledApply stops applies at random moments: by killing reconcile or, on Linux, one of its connectors, by Ctrl-C, and by a disk that is
// full from then on. Gone on with, every change is made, nothing was written twice, and the store has what the journal says.
//
// Quantities are among the changes where RECONCILE_TEST_KILLS says how often: those that were about to be sent are waited for, two minutes long.
func TestKilledApply(t *testing.T) {
	t.Parallel()
	const items = 10
	kills, workers, quantities := 2, 1, false
	if n, err := strconv.Atoi(os.Getenv(killsEnv)); err == nil {
		kills, workers, quantities = n, 10, true
	}
	day := storeDay{Items: items, Delay: 15 * time.Millisecond}
	ways := slices.Sorted(maps.Keys(waysToStop()))
	next := make(chan string, kills)
	for i := range kills {
		next <- ways[i%len(ways)]
	}
	close(next)
	var all sync.WaitGroup
	var middle atomic.Int64
	for range min(workers, kills) {
		a, store := newWatched(t, items, quantities)
		desired := desiredOf(items, quantities)
		id := a.idOf("plan.json")
		store.serve(day)
		began := time.Now()
		status, journal, said := a.applied("whole")
		took := time.Since(began)
		if err := agree(journal, store.seen(), desired, nil, true); err != nil || status != 0 {
			t.Fatalf("status %d, %v\n%s", status, err, said)
		}
		all.Go(func() {
			for way := range next {
				store.serve(day)
				moment, soon := time.Duration(rand.Int64N(int64(took))), rand.IntN(3) > 0
				if soon {
					moment /= 2
				}
				open, err := a.stopAndGoOn(store, id, way, soon, moment, desired)
				if err != nil {
					a.Errorf("%s after %s of %s: %v", way, moment, took, err)
				}
				if open > 0 {
					middle.Add(1)
				}
			}
		})
	}
	all.Wait()
	if t.Logf("%d of %d applies were stopped in the middle", middle.Load(), kills); kills >= 20 && middle.Load() == 0 {
		t.Error("no apply was stopped in the middle")
	}
}

// waysToStop are what can stop a process while it works.
func waysToStop() map[string]func(*os.Process) {
	return map[string]func(*os.Process){
		"the disk is full": func(p *os.Process) { fillUp(p, 25_000) }, // the journal of 30 changes begins with about 10,000 bytes, and ends with about 20,000
		"killed":           func(p *os.Process) { _ = p.Kill() },      // it may have ended
		"a connector killed": func(p *os.Process) {
			pids := childrenOf(p.Pid)
			if len(pids) == 0 {
				_ = p.Kill()
				return
			}
			if child, err := os.FindProcess(pids[rand.IntN(len(pids))]); err == nil {
				_ = child.Kill()
			}
		},
		"Ctrl-C": func(p *os.Process) {
			if runtime.GOOS == "windows" {
				_ = p.Kill()
				return
			}
			for _, pid := range append(childrenOf(p.Pid), p.Pid) { // as a terminal does, to all that run in it
				if one, err := os.FindProcess(pid); err == nil {
					_ = one.Signal(os.Interrupt)
				}
			}
		}}
}

// stopAndGoOn stops an apply a while after its start, or soon after it has begun to write, looks at what it left, goes on, and looks at what came of all. open is how many changes had no outcome
// when it was stopped, though there was a journal.
func (a *applying) stopAndGoOn(store *watchedStore, id, way string, soon bool, after time.Duration, desired map[string]string) (open int, err error) {
	a.Helper()
	data := "data" + fmt.Sprint(rand.Uint64())
	cmd := program(a.T, a.dir, "apply", "plan.json", "--data", data)
	cmd.Env = append(cmd.Env, a.env...)
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan struct{})
	var stopper sync.WaitGroup
	stopper.Go(func() {
		a.untilBegun(soon, filepath.Join(data, "applied", id+".journal"), ended)
		select {
		case <-time.After(after): // the moment is to be any
			waysToStop()[way](cmd.Process)
		case <-ended:
		}
	})
	_ = cmd.Wait() // with any status
	close(ended)
	stopper.Wait()
	if _, err := os.Stat(filepath.Join(data, "applied", id+".journal")); err == nil && strings.Contains(said.String(), "Nothing was written") {
		return 0, fmt.Errorf("there is a journal, and it says: %s", said.String())
	}
	status := cmd.ProcessState.ExitCode()
	if status == 70 || status == 134 || status == 2 && way == "the disk is full" {
		return 0, fmt.Errorf("status %d\n%s", status, &said)
	}
	show := program(a.T, a.dir, "journal", id, "--format", "json", "--data", data)
	var left told
	if text, err := show.Output(); err == nil { // otherwise it was stopped before there was one
		if err := json.Unmarshal(text, &left); err != nil {
			return 0, fmt.Errorf("%w\n%s", err, text)
		}
	}
	seen := store.seen()
	if err := agree(left, seen, desired, nil, false); err != nil {
		return 0, fmt.Errorf("status %d: %w\n%s", status, err, &said)
	}
	if len(left.Changes) == 0 && seen.Writes > 0 {
		return 0, fmt.Errorf("status %d: %d requests have written, and there is no journal\n%s", status, seen.Writes, &said)
	}
	again, journal, saidAgain := a.applied(data)
	if err := agree(journal, store.seen(), desired, nil, true); err != nil || again != 0 {
		return 0, fmt.Errorf("status %d, gone on with %d: %w\n%s%s", status, again, err, &said, saidAgain)
	}
	return left.Open, os.RemoveAll(filepath.Join(a.dir, data))
}

// untilBegun waits, if soon, until the journal is there, which is when the first changes are about to be made.
func (a *applying) untilBegun(soon bool, path string, ended <-chan struct{}) {
	for soon {
		if _, err := os.Stat(filepath.Join(a.dir, path)); err == nil {
			return
		}
		select {
		case <-ended:
			return
		case <-time.After(time.Millisecond): // between two looks at another process
		}
	}
}

// childrenOf returns the processes that one has started, on Linux; elsewhere none.
func childrenOf(pid int) (pids []int) {
	if runtime.GOOS != "linux" {
		return nil
	}
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, word := range strings.Fields(string(text)) {
			if n, err := strconv.Atoi(word); err == nil {
				pids = append(pids, n)
			}
		}
	}
	return pids
}
