package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/fleet"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/memory"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// Desk is what the commands work with.
type Desk struct {
	Term       *terminal.Terminal
	Open       func(ctx context.Context) (*store.Store, error) // opens the store that the flags name
	Load       func() (*rules.Config, error)                   // reads the configuration, for no shop
	Session    func(shop string, l session.Listener) *session.Session
	ConfigPath func() string
	Shop       func() string // that the flags name; "" for all
	Hide       func(text string) string
	Log        func() *slog.Logger
	Version    string
	Command    func(words ...string) string // returns a command to be typed next
}

// open opens the store, and returns what the configuration is called in it.
func (d *Desk) open(ctx context.Context) (*store.Store, string, error) {
	path, err := archive.Config(d.ConfigPath())
	if err != nil {
		return nil, "", err
	}
	s, err := d.Open(ctx)
	return s, path, err
}

// with opens the store, and hands it to f with what the configuration is called in it.
func (d *Desk) with(ctx context.Context, f func(s *store.Store, config string) error) error {
	s, path, err := d.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(s, path), s.Close())
}

// workerFlags are the flags of reconcile worker.
type workerFlags struct {
	jobs       int
	memory     memory.Size
	untilDone  bool
	withParent bool // it ends when stdin does
}

// WorkerCommand returns the command that compares shops by jobs.
func WorkerCommand(d Desk) *cobra.Command {
	var f workerFlags
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Compare the shops of the configuration as schedules and reconcile fleet start want it",
		Long: `Worker does jobs until it is stopped: it takes the next shop that is to be compared, compares it, keeps the run, and takes the next one.
What schedule blocks want becomes jobs by itself, and what was missed while no worker was there is made up once.

Any number of workers on any number of machines share the work where they share a database: see --database. The configuration
has to lie at the same path on each machine. A worker that is killed loses nothing: others take its shops within a minute. One that is told to
end gives back what it has not done; reconcile fleet drain has it end when it has done that.`,
		Example: "  reconcile worker --jobs 4\n  reconcile worker --until-done",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.jobs < 1 {
				return fmt.Errorf("--jobs %d: give how many shops are compared at a time", f.jobs)
			}
			ctx := cmd.Context()
			if f.withParent {
				ctx = untilEnd(ctx, os.Stdin)
			}
			return d.with(ctx, func(s *store.Store, path string) error { return d.work(ctx, s, path, f) })
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&f.jobs, "jobs", 1, "how many shops are compared at a time")
	flags.Var(&f.memory, "memory-limit", "memory to use at most, such as 512MiB, shared by all jobs; what exceeds it is kept on disk (default a quarter of the machine's)")
	flags.BoolVar(&f.untilDone, "until-done", false, "end when nothing is left to do; schedules are not looked at")
	flags.BoolVar(&f.withParent, WithParent, false, "")
	_ = flags.MarkHidden(WithParent)
	return cmd
}

// WithParent is the flag of a worker that a server starts: it ends when its stdin does, and so outlives nobody.
const WithParent = "with-parent"

func untilEnd(ctx context.Context, r io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	fault.Go(func() {
		_, _ = io.Copy(io.Discard, r)
		cancel()
	})
	return ctx
}

// work does jobs until ctx is done.
func (d *Desk) work(ctx context.Context, s *store.Store, path string, f workerFlags) error {
	config, err := d.Load()
	if err != nil {
		return err
	}
	if err := lacksRuns(ctx, s, path); err != nil {
		return err
	}
	log := d.Log()
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("find the name of this machine: %w", err)
	}
	limit := int64(f.memory)
	if limit == 0 {
		limit = memory.DefaultLimit()
	}
	planner := &Planner{Store: s, Config: path, Load: d.Load, Added: func(night string, jobs int) { log.Info("planned", "night", night, "jobs", jobs) }}
	w := &Worker{Store: s, UntilDone: f.untilDone, Log: log, Plan: planner.Plan,
		About:   store.Worker{ID: fmt.Sprintf("%s-%d-%s", host, os.Getpid(), rand.Text()[:6]), Host: host, PID: os.Getpid(), Version: d.Version, Config: path, Jobs: f.jobs},
		Compare: func(ctx context.Context, j *store.Job) Result { return d.compare(ctx, s, j, limit, f.jobs) },
		Failed: func(j *store.Job) (*store.Run, error) {
			runs, err := archive.New(s, d.ConfigPath(), j.Shop)
			if err != nil {
				return nil, err
			}
			return runs.Failed(j.Reconciliation, j.Began), nil
		}}
	shops := 1
	if config.Shops != nil {
		shops = len(config.Shops.Names)
	}
	log.Info("ready", "config", path, "shops", shops, "schedules", len(config.Schedules), "jobs", f.jobs)
	return w.Run(ctx)
}

// lacksRuns is an error if the data folder has not the file of the last run: then it is not the one that other machines use.
func lacksRuns(ctx context.Context, s *store.Store, path string) error {
	last, err := s.LastRun(ctx, path)
	if err != nil || last == "" || !s.Shared() {
		return err
	}
	if missing := archive.Missing(s, last); missing != "" {
		return fmt.Errorf("the data folder %s has not the file of the run %s, which another machine has kept: name the folder that all machines share with --data or $%s", s.Dir(), last, session.DataEnv)
	}
	return nil
}

// compare compares the shop of a job, and keeps the run.
func (d *Desk) compare(ctx context.Context, s *store.Store, j *store.Job, limit int64, jobs int) Result {
	var r Result
	of := &fleet.Fleet{Reconciliation: j.Reconciliation, MemoryLimit: limit, Jobs: jobs, Session: d.Session, Hide: d.Hide,
		Archive: func(shop string) (*archive.Archive, error) {
			runs, err := archive.New(s, d.ConfigPath(), shop)
			r.Store = err
			return runs, err
		},
		Keep: func(ctx context.Context, draft *archive.Draft, keep rules.History) (store.Run, error) {
			run, err := draft.KeepFor(ctx, keep, j)
			if run.ID == "" {
				r.Store = err
			}
			return run, err
		}}
	o := of.One(ctx, j.Shop)
	r.Failure, r.Warnings, r.Run = o.Failure, o.Warnings, o.Run
	return r
}
