package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store/storetest"
)

const shopsConfig = "/shops/reconcile.hcl"

// shared is a store on PostgreSQL, and a connection beside it.
type shared struct {
	*store.Store
	t  *testing.T
	db *sql.DB
}

func openShared(t *testing.T) *shared {
	t.Helper()
	url := storetest.URL(t)
	s, err := store.OpenShared(t.Context(), t.TempDir(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &shared{s, t, db}
}

func (s *shared) exec(statements ...string) {
	s.t.Helper()
	for _, statement := range statements {
		if _, err := s.db.ExecContext(context.Background(), statement); err != nil {
			s.t.Errorf("%s: %v", statement, err)
		}
	}
}

func (s *shared) plan(night string, shops ...string) {
	s.t.Helper()
	var jobs []store.Job
	for _, shop := range shops {
		jobs = append(jobs, store.Job{Config: shopsConfig, Shop: shop, Reconciliation: "web", Night: night, Account: "all", AccountJobs: 2, Deadline: time.Hour, MostTries: 2, RetryAfter: 2 * time.Second})
	}
	if n, err := s.Plan(s.t.Context(), jobs); err != nil || n != len(jobs) {
		s.t.Fatalf("%d jobs, %v", n, err)
	}
}

// worker returns one that keeps a run for each job, unless compare says why there is none. done has the shop of each run that was kept.
func (s *shared) worker(by waker, compare func(j *store.Job) string) (w *Worker, done chan string) {
	done = make(chan string, 1000)
	w = &Worker{Store: s.Store, by: by, Log: slog.New(slog.DiscardHandler), About: store.Worker{ID: fmt.Sprintf("w-%p", done), Host: "h", Config: shopsConfig, Jobs: 4},
		Plan: func(context.Context) (time.Duration, error) { return time.Hour, nil },
		Compare: func(ctx context.Context, j *store.Job) Result {
			if why := compare(j); why != "" {
				return Result{Failure: why}
			}
			run := &store.Run{ID: fmt.Sprintf("run-%d-%d", j.ID, j.Attempt), Config: j.Config, Reconciliation: j.Reconciliation, Began: j.Began, Ended: time.Now()}
			if err := s.AddRunOf(ctx, j, run); err != nil {
				return Result{Failure: err.Error(), Store: err}
			}
			done <- j.Shop
			return Result{Run: run.ID}
		},
		Failed: func(j *store.Job) (*store.Run, error) { return &store.Run{ID: fmt.Sprint("failed-", j.ID)}, nil }}
	return w, done
}

// begin runs a worker until end is called.
func begin(t *testing.T, w *Worker) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	fault.Go(func() { ended <- w.Run(ctx) })
	return sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func receive(t *testing.T, done chan string, n int) {
	t.Helper()
	for range n {
		select {
		case <-done:
		case <-time.After(2 * time.Minute): // long beyond what it takes
			t.Fatal("nobody did a job")
		}
	}
}

// TestWoken has workers that look into the table by themselves once an hour do what is planned, what is given back, what is tried again later,
// and what waits for room of its account.
func TestWoken(t *testing.T) {
	s := openShared(t)
	failed := map[string]bool{}
	var mu sync.Mutex
	w, done := s.worker(notices{every: time.Hour}, func(j *store.Job) string {
		mu.Lock()
		defer mu.Unlock()
		if j.Shop == "later" && !failed[j.Night] {
			failed[j.Night] = true
			return "the store is away"
		}
		return ""
	})
	end := begin(t, w)
	defer end()
	s.plan("monday", "a", "b", "c", "d", "e", "later")
	receive(t, done, 6)
	s.plan("tuesday", "a")
	receive(t, done, 1)

	// What another worker gives back is taken by this one.
	began := make(chan struct{}, 1)
	var first sync.Once
	end()
	other, _ := s.worker(notices{every: time.Hour}, func(*store.Job) string { return "" })
	keep := other.Compare
	other.Compare = func(ctx context.Context, j *store.Job) (r Result) {
		held := false
		first.Do(func() {
			began <- struct{}{}
			<-ctx.Done()
			held = true
		})
		if held {
			return Result{Failure: ctx.Err().Error()}
		}
		return keep(ctx, j)
	}
	endOther := begin(t, other)
	s.plan("wednesday", "a")
	<-began
	w, done = s.worker(notices{every: time.Hour}, func(*store.Job) string { return "" })
	end = begin(t, w)
	endOther()
	receive(t, done, 1)
	end()
	if q, err := s.Queue(t.Context(), shopsConfig); err != nil || q.States[store.Done] != 8 {
		t.Errorf("%v, %v", q, err)
	}
}

// TestRiverLosesAll empties River's tables before a night and in the middle of it: all shops are done all the same, each once. Then wakes come
// again that have ended, twice, and some that are none: nothing is done again.
func TestRiverLosesAll(t *testing.T) {
	s := openShared(t)
	const empty = "TRUNCATE river_job, river_leader, river_queue"
	var shops []string
	for i := range 30 {
		shops = append(shops, fmt.Sprint("shop-", i))
	}
	s.plan("monday", shops...)
	s.exec(empty)
	var middle sync.Once
	compare := func(j *store.Job) string {
		if j.Shop == "shop-15" {
			middle.Do(func() {
				s.plan("tuesday", shops...)
				s.exec(empty)
			})
		}
		return ""
	}
	w, done := s.worker(notices{every: 10 * time.Millisecond}, compare)
	end := begin(t, w)
	receive(t, done, 60)
	end()

	s.plan("wednesday", "a", "b")
	s.exec("UPDATE river_job SET state = 'discarded', finalized_at = now() WHERE id % 2 = 0")
	w, done = s.worker(notices{every: 10 * time.Millisecond}, compare)
	end = begin(t, w)
	receive(t, done, 2)
	end()
	s.exec("UPDATE river_job SET state = 'available', attempt = 0, finalized_at = NULL, unique_key = NULL",
		"INSERT INTO river_job (args, kind, max_attempts, queue) SELECT args, kind, 3, queue FROM river_job",
		"INSERT INTO river_job (args, kind, max_attempts, queue) SELECT '{}', kind, 3, queue FROM river_job",
		"INSERT INTO river_job (args, kind, max_attempts, queue) SELECT '{\"job\": \"text\"}', 'unknown', 1, queue FROM river_job LIMIT 1")
	w, done = s.worker(notices{every: time.Hour}, compare)
	end = begin(t, w)
	for left := 1; left > 0; {
		if err := s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM river_job WHERE state IN ('available', 'running')").Scan(&left); err != nil {
			t.Fatal(err)
		}
		select {
		case shop := <-done:
			t.Fatalf("%s is done again", shop)
		case <-time.After(20 * time.Millisecond): // between two looks at what River does
		}
	}
	end()
	var jobs, runs int
	err := errors.Join(s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM work WHERE state = 'done' AND attempt = 1").Scan(&jobs), s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM runs").Scan(&runs))
	if err != nil || jobs != 62 || runs != 62 {
		t.Errorf("%d jobs, %d runs, %v", jobs, runs, err)
	}
}
