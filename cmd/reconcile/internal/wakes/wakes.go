// Package wakes tells workers on PostgreSQL that there may be jobs, by River (github.com/riverqueue/river). A wake is made in the transaction
// that makes a job, and reaches one worker of the job's configuration that has room. It has no say in what is done: the table of jobs
// decides that, and a wake that is lost, doubled or late changes no result.
package wakes

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// Tables is the version of River's tables that this program makes.
const Tables = 8

// Wake is that a job may be done from a time on.
type Wake struct {
	Job     int64 // its ID in our table
	Attempt int64 // how often a worker had taken it: for each there is one wake at a time
	Due     time.Time
}

// job is a wake as River keeps it: what a job is about is in our table alone.
type job struct {
	Job     int64 `json:"job"`
	Attempt int64 `json:"attempt"`
}

// Kind is the only kind of jobs that River has from us.
func (job) Kind() string { return "reconcile" }

const (
	// pollEvery is how often River looks for wakes of which no notice has come.
	pollEvery = 10 * time.Second
	// ringFor and stuckAfter are how long a wake may take by River's word. A worker goes on for as long as there are jobs, and nobody waits for
	// its wake: after this time River forgets one whose worker was killed.
	ringFor    = 24 * time.Hour
	stuckAfter = 25 * time.Hour
	neverStuck = 365 * 24 * time.Hour
	longestID  = 100
	// keepFor is for how long River keeps wakes that have ended.
	keepFor = 10 * time.Minute
)

// Migrate brings River's tables to a version, unless they are there already.
func Migrate(ctx context.Context, db *sql.DB, version int) error {
	m, err := rivermigrate.New(riverdatabasesql.New(db), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err == nil {
		_, err = m.Migrate(ctx, rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{TargetVersion: version})
	}
	if err != nil {
		return fmt.Errorf("make River's tables: %w", err)
	}
	return nil
}

// Maker makes wakes.
type Maker struct {
	river *river.Client[*sql.Tx]
}

// NewMaker returns what makes wakes. It asks the database nothing.
func NewMaker() (*Maker, error) {
	// Each transaction tells of its wakes: River's own pause between two notices would leave those of the second one to the next poll.
	client, err := river.NewClient(riverdatabasesql.New(nil), &river.Config{Logger: slog.New(slog.DiscardHandler), FetchCooldown: river.FetchCooldownMin})
	if err != nil {
		return nil, fmt.Errorf("make wakes: %w", err)
	}
	return &Maker{client}, nil
}

// Make adds wakes for jobs of a configuration in a transaction. A job has one for each attempt that is still to come.
func (m *Maker) Make(ctx context.Context, tx *sql.Tx, config string, wakes []Wake) error {
	if len(wakes) == 0 {
		return nil
	}
	many := make([]river.InsertManyParams, len(wakes))
	for i, w := range wakes {
		many[i] = river.InsertManyParams{Args: job{w.Job, w.Attempt}, InsertOpts: &river.InsertOpts{
			Queue: queueOf(config), MaxAttempts: 1, ScheduledAt: w.Due,
			UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}},
		}}
	}
	if _, err := m.river.InsertManyTx(ctx, tx, many); err != nil {
		return fmt.Errorf("wake workers: %w", err)
	}
	return nil
}

// queueOf returns the name of River's queue for a configuration: workers of others are not woken. River's names are short, and have no slashes.
func queueOf(config string) string {
	sum := sha256.Sum256([]byte(config))
	return hex.EncodeToString(sum[:16])
}

// Listener is somebody who is woken.
type Listener struct {
	DB     *sql.DB
	Pool   *pgxpool.Pool // gives the connection on which notices come
	ID     string        // no other listener has it
	Config string
	Most   int    // how many wakes it has at a time
	Wake   func() // is called for each wake, in a goroutine of its own; the wake is over when it returns
	Log    *slog.Logger
}

// Listen begins to hand wakes to a listener. stop ends that: no further wake comes, and it waits for those that are not over, for as long as its
// context lets it.
func Listen(ctx context.Context, l Listener) (stop func(ctx context.Context) error, err error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &bell{wake: l.Wake})
	client, err := river.NewClient(riverdatabasesql.NewWithPgxListener(l.DB, l.Pool), &river.Config{
		ID: l.ID[max(0, len(l.ID)-longestID):], Workers: workers,
		Queues: map[string]river.QueueConfig{queueOf(l.Config): {MaxWorkers: min(l.Most, river.QueueNumWorkersMax)}},
		Logger: slog.New(calm{l.Log.Handler()}), FetchPollInterval: pollEvery,
		JobTimeout: ringFor, RescueStuckJobsAfter: stuckAfter, JobStuckThreshold: neverStuck, MaxAttempts: 1,
		CompletedJobRetentionPeriod: keepFor, CancelledJobRetentionPeriod: keepFor, DiscardedJobRetentionPeriod: keepFor,
		ReindexerIndexNames: []string{},
	})
	if err != nil {
		return nil, fmt.Errorf("listen for wakes: %w", err)
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, fmt.Errorf("listen for wakes: %w", err)
	}
	return func(ctx context.Context) error {
		err := client.Stop(ctx)
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return nil // what is left ends with the process
		}
		return err
	}, nil
}

// bell hands wakes on.
type bell struct {
	river.WorkerDefaults[job]
	wake func()
}

// Work does what a wake is for. It always succeeds: what is to be done again is in our table.
func (b *bell) Work(context.Context, *river.Job[job]) error {
	fault.Caught(b.wake)()
	return nil
}

// calm has what River tells beside warnings and errors be for those who look closely.
type calm struct{ slog.Handler }

func level(l slog.Level) slog.Level {
	if l < slog.LevelWarn {
		return slog.LevelDebug
	}
	return l
}

func (c calm) Enabled(ctx context.Context, l slog.Level) bool {
	return c.Handler.Enabled(ctx, level(l))
}

func (c calm) Handle(ctx context.Context, r slog.Record) error {
	r.Level = level(r.Level)
	return c.Handler.Handle(ctx, r)
}

func (c calm) WithAttrs(attrs []slog.Attr) slog.Handler { return calm{c.Handler.WithAttrs(attrs)} }

func (c calm) WithGroup(name string) slog.Handler { return calm{c.Handler.WithGroup(name)} }
