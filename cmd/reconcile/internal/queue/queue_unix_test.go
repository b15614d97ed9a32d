//go:build unix

package queue

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store/storetest"
)

// BenchmarkQueue measures what the queue costs a run, with runs that do nothing: the processor time of the worker, and of a PostgreSQL server
// on this machine.
func BenchmarkQueue(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		s, err := store.Open(b.Context(), b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		benchmarkQueue(b, s, func() (time.Duration, error) { return 0, os.ErrNotExist })
	})
	b.Run("postgres", func(b *testing.B) {
		url := storetest.URL(b)
		s, err := store.OpenShared(b.Context(), b.TempDir(), url)
		if err != nil {
			b.Fatal(err)
		}
		benchmarkQueue(b, s, func() (time.Duration, error) { return postgresTime(b.Context(), url) })
	})
}

func benchmarkQueue(b *testing.B, s *store.Store, server func() (time.Duration, error)) {
	defer s.Close()
	const config = "/shops/reconcile.hcl"
	jobs := make([]store.Job, b.N)
	for i := range jobs {
		jobs[i] = store.Job{Config: config, Shop: fmt.Sprint("shop-", i), Reconciliation: "web", Night: "now", AccountJobs: 1, Deadline: time.Hour, MostTries: 1}
	}
	if _, err := s.Plan(b.Context(), jobs); err != nil {
		b.Fatal(err)
	}
	w := &Worker{Store: s, UntilDone: true, Log: slog.New(slog.DiscardHandler), About: store.Worker{ID: "w", Host: "h", Config: config, Jobs: 4},
		Compare: func(ctx context.Context, j *store.Job) Result {
			run := &store.Run{ID: fmt.Sprint("run-", j.ID), Config: config + " (" + j.Shop + ")", Reconciliation: j.Reconciliation, Began: j.Began, Ended: time.Now()}
			if err := s.AddRunOf(ctx, j, run); err != nil {
				return Result{Failure: err.Error(), Store: err}
			}
			return Result{Run: run.ID}
		},
		Failed: func(j *store.Job) (*store.Run, error) { return &store.Run{ID: fmt.Sprint("failed-", j.ID)}, nil }}
	theirs, err := server()
	ours := processorTime(b)
	b.ResetTimer()
	if err := w.Run(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	perRun := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(b.N) }
	b.ReportMetric(perRun(processorTime(b)-ours), "worker-ms/run")
	if err == nil {
		after, err := server()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(perRun(after-theirs), "postgres-ms/run")
	}
	q, err := s.Queue(b.Context(), config)
	if err != nil || q.States[store.Done] != b.N {
		b.Fatalf("%v, %v", q, err)
	}
}

// processorTime returns the processor time of this process.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// postgresTime returns the processor time of the server and all its processes; an error if it is not on this machine, or if it may not be
// looked at.
func postgresTime(ctx context.Context, url string) (time.Duration, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	var folder string
	if err := db.QueryRowContext(ctx, "SHOW data_directory").Scan(&folder); err != nil {
		return 0, err
	}
	text, err := os.ReadFile(filepath.Join(folder, "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	server, _, _ := strings.Cut(string(text), "\n")
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(files) == 0 {
		return 0, os.ErrNotExist
	}
	ticks := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// Behind the name: state, parent, ..., from the twelfth on the ticks of the process and of its children that have ended.
		fields := strings.Fields(string(text[strings.LastIndex(string(text), ")")+1:]))
		is, child := filepath.Base(filepath.Dir(file)) == server, fields[1] == server
		for i, field := range fields[11:15] {
			if n, err := strconv.Atoi(field); err == nil && (is || child && i < 2) {
				ticks += n
			}
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}
