package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// jobsOf returns jobs for shops, each of which may be written SHOP@ACCOUNT.
func jobsOf(night string, shops ...string) []Job {
	var jobs []Job
	for _, text := range shops {
		shop, account, _ := strings.Cut(text, "@")
		jobs = append(jobs, Job{Config: "/c", Shop: shop, Reconciliation: "web", Night: night, Account: account, AccountJobs: 1, Deadline: time.Hour, MostTries: 2, RetryAfter: time.Minute})
	}
	return jobs
}

func plan(t *testing.T, s *Store, want int, night string, shops ...string) {
	t.Helper()
	if n, err := s.Plan(t.Context(), jobsOf(night, shops...)); err != nil || n != want {
		t.Fatalf("%d jobs were planned, not %d: %v", n, want, err)
	}
}

func take(t *testing.T, s *Store, worker string) *Job {
	t.Helper()
	j, err := s.Take(t.Context(), worker, "/c")
	must(t, err)
	return j
}

// shopOf returns the shop of the next job; "" if there is none.
func shopOf(t *testing.T, s *Store, worker string) string {
	if j := take(t, s, worker); j != nil {
		return j.Shop
	}
	return ""
}

func aRun(id string) *Run {
	return &Run{ID: id, Config: "/c", Reconciliation: "web", Began: time.Now(), Ended: time.Now()}
}

// at is a store whose jobs are timed by a clock that the test moves; on PostgreSQL the test moves what is in the tables instead.
func (on database) later(t *testing.T, s *Store, c *clock, d time.Duration) {
	t.Helper()
	if !on.shared {
		c.now = c.now.Add(d)
		return
	}
	_, err := s.db.ExecContext(t.Context(), "UPDATE work SET due = due - $1, lease = lease - $1, began = began - $1", d.Milliseconds())
	must(t, err)
	_, err = s.db.ExecContext(t.Context(), "UPDATE workers SET seen = seen - $1", d.Milliseconds())
	must(t, err)
}

// TestJobs has a job be planned once, taken once and ended once, whatever workers do.
func TestJobs(t *testing.T) { onBoth(t, testJobs) }

func testJobs(t *testing.T, on database) {
	ctx, c := t.Context(), newClock()
	s := on.openAt(t, t.TempDir(), c)
	plan(t, s, 2, "monday", "a", "b")
	plan(t, s, 1, "monday", "a", "b", "c")
	a := take(t, s, "w1")
	if a == nil || a.Shop != "a" || a.Attempt != 1 || a.Deadline != time.Hour {
		t.Fatalf("%+v", a)
	}
	must(t, s.AddRunOf(ctx, a, aRun("run-a")))
	if err := s.AddRunOf(ctx, a, aRun("run-a2")); !errors.Is(err, ErrLost) {
		t.Errorf("ended twice: %v", err)
	}

	// Who was away for too long has lost the job, and what it comes with is not kept.
	b := take(t, s, "w1")
	on.later(t, s, c, Lease+time.Second)
	again := take(t, s, "w2")
	if again == nil || again.ID != b.ID || again.Attempt != 2 || again.Lost != 1 {
		t.Fatalf("%+v", again)
	}
	if err := s.AddRunOf(ctx, b, aRun("run-b-late")); !errors.Is(err, ErrLost) {
		t.Errorf("a late result was kept: %v", err)
	}
	if _, err := s.Fail(ctx, b, "late", aRun("failed-late")); !errors.Is(err, ErrLost) {
		t.Errorf("a late failure was kept: %v", err)
	}
	if err := s.GiveBack(ctx, b); !errors.Is(err, ErrLost) {
		t.Errorf("given back late: %v", err)
	}
	must(t, s.AddRunOf(ctx, again, aRun("run-b")))

	// A try that comes to nothing is made again later, and the last one is kept, once.
	first := take(t, s, "w1")
	if state, err := s.Fail(ctx, first, "the store is away", aRun("failed-c")); err != nil || state != Waiting {
		t.Errorf("%s, %v", state, err)
	}
	if shop := shopOf(t, s, "w1"); shop != "" {
		t.Errorf("%s is tried again at once", shop)
	}
	on.later(t, s, c, time.Minute+time.Second)
	second := take(t, s, "w1")
	if state, err := s.Fail(ctx, second, "the store is still\x00away", aRun("failed-c")); err != nil || state != Failed {
		t.Errorf("%s, %v", state, err)
	}
	runs, err := s.Runs(ctx, "/c", "", true, 0)
	must(t, err)
	if len(runs) != 3 {
		t.Errorf("%d runs: %v", len(runs), runs)
	}
	if n, err := s.Retry(ctx, "/c", ""); err != nil || n != 1 {
		t.Errorf("%d jobs wait again: %v", n, err)
	}
	q, err := s.Queue(ctx, "/c")
	must(t, err)
	if q.States[Done] != 2 || q.States[Waiting] != 1 || q.States[Failed] != 0 || q.OldestDue.IsZero() {
		t.Errorf("%+v", q)
	}
	counts, err := s.CountsOfJobs(ctx, "/c")
	if last, err2 := s.LastRun(ctx, "/c"); err != nil || err2 != nil || len(counts) != 2 || last == "" {
		t.Errorf("%v, %s, %v, %v", counts, last, err, err2)
	}
	if other, err := s.Take(ctx, "w1", "/another"); err != nil || other != nil {
		t.Errorf("another configuration's job: %v, %v", other, err)
	}
}

// TestFairJobs says whose job is next: nobody has two at a time, an account has as many as it may, and who has many waits behind those who
// have few.
func TestFairJobs(t *testing.T) { onBoth(t, testFairJobs) }

func testFairJobs(t *testing.T, on database) {
	s := on.openAt(t, t.TempDir(), newClock())
	plan(t, s, 1, "1", "busy")
	plan(t, s, 1, "2", "busy")
	plan(t, s, 1, "3", "busy")
	plan(t, s, 4, "4", "x@one", "y@one", "z@two", "calm")
	var got []string
	var jobs []*Job
	for range 7 {
		j := take(t, s, "w")
		if j == nil {
			break
		}
		got, jobs = append(got, j.Shop), append(jobs, j)
	}
	if want := "busy x z calm"; strings.Join(got, " ") != want {
		t.Fatalf("%v, not %s", got, want)
	}
	must(t, s.AddRunOf(t.Context(), jobs[1], aRun("x")))
	if shop := shopOf(t, s, "w"); shop != "y" {
		t.Errorf("the account has room, and %q is next", shop)
	}
	must(t, s.GiveBack(t.Context(), jobs[0]))
	if j := take(t, s, "w"); j == nil || j.Night != "1" || j.Lost != 0 {
		t.Errorf("%+v", j)
	}
}

// TestWorkers has workers come, drain, and go away with jobs.
func TestWorkers(t *testing.T) { onBoth(t, testWorkers) }

func testWorkers(t *testing.T, on database) {
	ctx, c := t.Context(), newClock()
	s := on.openAt(t, t.TempDir(), c)
	for _, id := range []string{"w1", "w2"} {
		must(t, s.EnterWorker(ctx, &Worker{ID: id, Host: "host-" + id, PID: 1, Version: "1", Config: "/c", Jobs: 2}))
	}
	plan(t, s, 2, "monday", "a", "b")
	a, b := take(t, s, "w1"), take(t, s, "w1")
	on.later(t, s, c, Lease-5*time.Second)
	held, draining, err := s.Renew(ctx, "w1", []int64{a.ID, b.ID})
	if err != nil || draining || len(held) != 2 || held[a.ID] != 1 {
		t.Errorf("%v, %v, %v", held, draining, err)
	}
	if n, err := s.Drain(ctx, "/c", "host-w2"); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	on.later(t, s, c, 10*time.Second) // beyond the first lease
	if shop := shopOf(t, s, "w2"); shop != "" {
		t.Errorf("%s was taken away though the worker is there", shop)
	}
	if _, draining, err := s.Renew(ctx, "w2", nil); err != nil || !draining {
		t.Errorf("it is not drained: %v", err)
	}
	list, err := s.Workers(ctx, "/c")
	if err != nil || len(list) != 2 || list[0].Running != 2 || !list[1].Draining {
		t.Errorf("%+v, %v", list, err)
	}
	if n, err := s.Cancel(ctx, "/c", "b"); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if held, _, err := s.Renew(ctx, "w1", []int64{a.ID, b.ID}); err != nil || len(held) != 1 || held[b.ID] != 0 {
		t.Errorf("it does not see that a job was cancelled: %v, %v", held, err)
	}
	if err := s.AddRunOf(ctx, b, aRun("b")); !errors.Is(err, ErrLost) {
		t.Errorf("what was cancelled is kept: %v", err)
	}
	// What the worker does not do, though it is there itself, others take: giving it back may have failed.
	on.later(t, s, c, Lease+time.Second)
	if held, _, err := s.Renew(ctx, "w1", nil); err != nil || len(held) != 0 {
		t.Errorf("%v, %v", held, err)
	}
	// A job that ends each of its workers fails at last.
	for i := range mostLost + 1 {
		on.later(t, s, c, Lease+time.Second)
		if shop := shopOf(t, s, fmt.Sprint("w", i)); (shop == "a") != (i < mostLost) {
			t.Fatalf("%d: %q", i, shop)
		}
	}
	jobs, err := s.LastJobs(ctx, "/c")
	if err != nil || len(jobs) != 2 || jobs[0].State != Failed || !strings.Contains(jobs[0].Failure, "workers went away") || jobs[1].State != Cancelled {
		t.Errorf("%+v, %v", jobs, err)
	}
	must(t, s.LeaveWorker(ctx, "w1"))
}

// TestTakenOnce has many workers take jobs at a time, from stores of their own.
func TestTakenOnce(t *testing.T) { onBoth(t, testTakenOnce) }

func testTakenOnce(t *testing.T, on database) {
	dir := t.TempDir()
	s, err := on.open(t.Context(), t, dir, time.Now)
	must(t, err)
	defer s.Close()
	const jobs, workers = 60, 6
	var shops []string
	for i := range jobs {
		shops = append(shops, fmt.Sprint("shop", i))
	}
	var mu sync.Mutex
	taken := map[string]int{}
	failed := make(chan error, workers)
	for w := range workers {
		go func() {
			failed <- func() error {
				s, err := on.open(context.Background(), t, dir, time.Now)
				if err != nil {
					return err
				}
				defer s.Close()
				if _, err := s.Plan(context.Background(), jobsOf("monday", shops...)); err != nil {
					return err
				}
				for {
					j, err := s.Take(context.Background(), fmt.Sprint("w", w), "/c")
					if err != nil || j == nil {
						return err
					}
					if err := s.AddRunOf(context.Background(), j, aRun("run-"+j.Shop)); err != nil {
						return err
					}
					mu.Lock()
					taken[j.Shop]++
					mu.Unlock()
				}
			}()
		}()
	}
	for range workers {
		must(t, <-failed)
	}
	if len(taken) != jobs {
		t.Errorf("%d shops", len(taken))
	}
	for shop, n := range taken {
		if n != 1 {
			t.Errorf("%s was taken %d times", shop, n)
		}
	}
}

// TestSchedulesBegin has a schedule be known from the first time on that it was seen.
func TestSchedulesBegin(t *testing.T) { onBoth(t, testSchedulesBegin) }

func testSchedulesBegin(t *testing.T, on database) {
	s := on.openAt(t, t.TempDir(), newClock())
	now := time.Date(2026, 11, 29, 2, 30, 0, 0, time.UTC)
	for _, seen := range []time.Time{now, now.Add(time.Hour)} {
		if since, err := s.SeenSchedule(t.Context(), "/c", "nightly", "30 2 * * * UTC", seen); err != nil || !since.Equal(now) {
			t.Errorf("%v, %v", since, err)
		}
	}
	if since, err := s.SeenSchedule(t.Context(), "/c", "nightly", "30 3 * * * UTC", now.Add(time.Hour)); err != nil || !since.Equal(now.Add(time.Hour)) {
		t.Errorf("a changed one: %v, %v", since, err)
	}
}

// TestLastStates counts shops by their last jobs, and forgets those that have none any more.
func TestLastStates(t *testing.T) { onBoth(t, testLastStates) }

func testLastStates(t *testing.T, on database) {
	c := newClock()
	s := on.openAt(t, t.TempDir(), c)
	plan(t, s, 2, "monday", "a", "b")
	must(t, s.AddRunOf(t.Context(), take(t, s, "w"), aRun("run-a")))
	is := func(age time.Duration, want string) {
		t.Helper()
		states, oldest, err := s.LastStates(t.Context())
		must(t, err)
		if got := fmt.Sprint(states); got != want || oldest < age || oldest > age+time.Hour {
			t.Errorf("%s, %s old; not %s, %s", got, oldest, want, age)
		}
	}
	is(0, "map[done:1 waiting:1]")
	on.later(t, s, c, 24*time.Hour)
	if on.shared {
		_, err := s.db.ExecContext(t.Context(), "UPDATE work SET ended = ended - $1 WHERE ended > 0", (24 * time.Hour).Milliseconds())
		must(t, err)
	}
	plan(t, s, 1, "tuesday", "a")
	is(24*time.Hour, "map[waiting:2]") // the last result of a is a day old
	on.later(t, s, c, 30*24*time.Hour)
	is(0, "map[]")
}
