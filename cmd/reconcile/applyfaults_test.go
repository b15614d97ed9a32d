package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// faultsEnv is "all" to have TestFaultsOfApply try each fault at each request: half an hour.
const faultsEnv = "RECONCILE_TEST_FAULTS"

// told is a journal, as apply and journal print it for programs.
type told struct {
	Changes []struct{ SKU, Field, Outcome, Reason string }
	Open    int
}

// outcomes are what became of the changes, by "FIELD of SKU".
func (j told) outcomes() map[string]string {
	said := map[string]string{}
	for _, c := range j.Changes {
		said[c.Field+" of "+c.SKU] = c.Outcome
	}
	return said
}

// applied carries plan.json out with a data folder of that name. Unlike run it may be used by any goroutine.
func (a *applying) applied(data string) (status int, journal told, said string) {
	a.Helper()
	cmd := program(a.T, a.dir, "apply", "plan.json", "--format", "json", "--data", data)
	cmd.Env = append(cmd.Env, a.env...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		a.Error(err)
	}
	if text := stdout.String(); text != "" {
		if err := json.Unmarshal([]byte(text), &journal); err != nil {
			a.Errorf("%v\n%s", err, text)
		}
	}
	return cmd.ProcessState.ExitCode(), journal, stderr.String()
}

// agree holds a journal against what the store holds: nothing was written twice, and no outcome says another thing than the store. With last
// each change has an outcome that stays, and all were made but those that may not be. What another app writes once a change was seen to be made
// is its own.
func agree(journal told, seen storeSeen, desired map[string]string, another []storeValue, last bool, may ...string) error {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if len(seen.Twice) > 0 {
		say("written more than once: %s", strings.Join(seen.Twice, ", "))
	}
	if last && len(journal.Changes) != len(desired) {
		say("%d of %d changes are in the journal", len(journal.Changes), len(desired))
	}
	for _, c := range journal.Changes {
		what := c.Field + " of " + c.SKU
		holds := seen.Holds[what]
		text := fmt.Sprintf("%s is %s (%s), and the store has %s", what, c.Outcome, c.Reason, holds)
		switch c.Outcome {
		case "applied", "unchanged":
			if holds != desired[what] && !slices.Contains(another, storeValue{c.SKU, c.Field, holds}) {
				say("%s", text)
			}
			continue
		case "conflict", "rejected", "failed", "skipped":
			if holds == desired[what] {
				say("%s", text)
			}
		}
		if last && !slices.Contains(may, c.Outcome) {
			say("%s in the end", text)
		}
	}
	if len(wrong) > 5 {
		wrong = append(wrong[:5], fmt.Sprintf("and %d more", len(wrong)-5))
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "\n"))
	}
	return nil
}

// rehearsal is a day in the life of a store, and what an apply may come to on it.
type rehearsal struct {
	name string
	day  storeDay
	may  []string // outcomes in the end besides applied and unchanged
}

// rehearsals are all days on which something goes wrong in an apply that makes so many requests.
func rehearsals(requests int) (days []rehearsal) {
	const items = 10
	another := []storeValue{{"S1", "name", "Foreign"}, {"S2", "name", "Simpler 2"}, {"V1", "price", "77"}, {"V2", "price", "21"}, {"S1", "qoh", "88"}, {"S2", "qoh", "50"}, {"S3", "price", "99"}}
	for at := 1; at <= requests; at++ {
		days = append(days, rehearsal{fmt.Sprintf("another app after request %d", at), storeDay{Items: items, At: at, Foreign: another}, []string{"conflict", "rejected"}})
		for _, fault := range slices.Sorted(maps.Keys(storeFaults)) {
			for _, lasting := range []bool{false, true} {
				r := rehearsal{fmt.Sprintf("%s at request %d, lasting %v", fault, at, lasting), storeDay{Items: items, Fault: fault, At: at, Lasting: lasting}, nil}
				if strings.HasPrefix(fault, "4") && fault != "429" && fault != "408" || fault == "207" { // which say that the store does not want it
					r.may = []string{"rejected"}
				}
				days = append(days, r)
			}
		}
	}
	refused := []string{"product 1000003", "variant 4000002", "product 1000005", "variant 4000009", "variant 3000005"}
	for name, day := range map[string]storeDay{"late stock": {Late: 3}, "entries are refused": {Refuse: refused}, "entries are refused, the others taken": {Refuse: refused, Partial: true},
		"entries are refused, nobody says which": {Refuse: refused, Vague: true}, "no scope for products": {Without: "store_v2_products"}, "no scope for stock": {Without: "store_inventory"},
		"a small quota": {Quota: 7, Window: 700e6}} {
		day.Items = items
		days = append(days, rehearsal{name, day, []string{"rejected"}})
	}
	return days
}

// TestFaultsOfApply has something go wrong at each request of an apply of 30 changes in three batches, once or from then on. The program and the
// store are processes of their own. Gone on with once all is well, the work is done.
func TestFaultsOfApply(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" && os.Getenv(faultsEnv) == "" {
		t.Skip("it takes a while: set RECONCILE_TEST_LONG=1, or for all of it " + faultsEnv + "=all")
	}
	t.Parallel()
	const items = 10
	desired := desiredOf(items, true)
	a, store := newWatched(t, items, true)
	store.serve(storeDay{Items: items})
	status, journal, said := a.applied("healthy")
	seen := store.seen()
	if err := agree(journal, seen, desired, nil, true); err != nil || status != 0 || seen.Writes != 3 {
		t.Fatalf("status %d, %d writes, %v\n%s", status, seen.Writes, err, said)
	}
	days := rehearsals(seen.Requests)
	rand.Shuffle(len(days), func(i, j int) { days[i], days[j] = days[j], days[i] })
	workers := 6
	if os.Getenv(faultsEnv) == "all" {
		workers = 24 // most of the time they wait for pauses
	} else {
		days = days[:24]
	}
	t.Logf("an apply makes %d requests; %d days", seen.Requests, len(days))
	next := make(chan rehearsal, len(days))
	for _, r := range days {
		next <- r
	}
	close(next)
	var all sync.WaitGroup
	for range workers {
		a, store := newWatched(t, items, true)
		all.Go(func() {
			for r := range next {
				if err := a.rehearse(store, r, desired); err != nil {
					a.Errorf("%s: %v", r.name, err)
				}
			}
		})
	}
	all.Wait()
}

// rehearse applies the plan on such a day, and once more when all is well again.
func (a *applying) rehearse(store *watchedStore, r rehearsal, desired map[string]string) error {
	a.Helper()
	data := "data" + fmt.Sprint(rand.Uint64())
	defer func() { _ = os.RemoveAll(filepath.Join(a.dir, data)) }() // what cannot be removed is in the test's folder
	store.serve(r.day)
	status, journal, said := a.applied(data)
	if status != 0 && status != 1 && status != 2 {
		return fmt.Errorf("status %d\n%s", status, said)
	}
	seen := store.seen()
	if err := agree(journal, seen, desired, r.day.Foreign, false); err != nil {
		return fmt.Errorf("%w\n%s", err, said)
	}
	store.heal()
	if r.day.Without != "" {
		if seen.Writes > 0 || status != 1 {
			return fmt.Errorf("%d writes, status %d\n%s", seen.Writes, status, said)
		}
		return nil
	}
	again, journal, saidAgain := a.applied(data)
	seen = store.seen()
	if err := agree(journal, seen, desired, r.day.Foreign, true, r.may...); err != nil {
		return fmt.Errorf("gone on with, status %d: %w\n%s%s", again, err, said, saidAgain)
	}
	return a.foreign(r, journal, seen, desired)
}

// foreign says what is wrong with what became of the values that another app wrote: they are there, or nobody could see them before they were
// overwritten.
func (a *applying) foreign(r rehearsal, journal told, seen storeSeen, desired map[string]string) error {
	gone, alike := 0, 0
	for _, v := range r.day.Foreign {
		switch what := v.Field + " of " + v.SKU; {
		case seen.Holds[what] != v.Value:
			gone++
		case desired[what] == v.Value: // overwritten with itself, perhaps
			alike++
		}
	}
	if seen.Overwritten < gone || seen.Overwritten > gone+alike {
		return fmt.Errorf("%d values of another app are gone, and %d were overwritten unseen: %v", gone, seen.Overwritten, journal.outcomes())
	}
	return nil
}
