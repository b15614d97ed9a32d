package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// planEvery is how often it is looked whether all is there that schedules want.
const planEvery = time.Minute

// keepJobs is for how long jobs that have ended are kept.
const keepJobs = 90 * 24 * time.Hour

// Planner turns what schedules want into jobs.
type Planner struct {
	Store  *store.Store
	Config string                        // as runs are kept by it
	Load   func() (*rules.Config, error) // reads the configuration, for no shop
	Added  func(night string, jobs int)
}

// Plan adds the jobs that are missing: of each schedule those of its last time. Earlier ones that were missed are not made up, so whatever
// was missed is made up once. It returns when something can be due again.
func (p *Planner) Plan(ctx context.Context) (again time.Duration, err error) {
	config, err := p.Load()
	if err != nil {
		return planEvery, err
	}
	now, err := p.Store.Now(ctx)
	if err != nil {
		return planEvery, err
	}
	again = planEvery
	var errs []error
	for _, s := range config.Schedules {
		errs = append(errs, p.schedule(ctx, config, s, now))
		if next, err := s.Times.Next(now); err == nil {
			again = min(again, next.At.Sub(now)+time.Millisecond)
		}
	}
	_, err = p.Store.ForgetJobs(ctx, p.Config, now.Add(-keepJobs))
	return max(again, time.Millisecond), errors.Join(append(errs, err)...)
}

// schedule adds the jobs of the last time of one schedule.
func (p *Planner) schedule(ctx context.Context, config *rules.Config, s *rules.Schedule, now time.Time) error {
	since, err := p.Store.SeenSchedule(ctx, p.Config, s.Name, s.Cron+" "+s.Zone, now)
	if err != nil {
		return err
	}
	last, ok := s.Times.Last(now)
	if !ok || last.At.Before(since) {
		return nil
	}
	jobs := Jobs(config, p.Config, s.Reconciliation, last.Wall+" "+s.Name, "")
	for i := range jobs {
		jobs[i].Deadline, jobs[i].MostTries, jobs[i].RetryAfter = s.Deadline, s.Tries, s.RetryAfter
	}
	added, err := p.Store.Plan(ctx, jobs)
	if added > 0 && p.Added != nil {
		p.Added(jobs[0].Night, added)
	}
	if err != nil {
		return fmt.Errorf("schedule %q: %w", s.Name, err)
	}
	return nil
}

// Jobs returns the jobs of a reconciliation for one night, one for each shop of the list; of one shop alone if shop names it.
func Jobs(config *rules.Config, path, reconciliation, night, shop string) []store.Job {
	job := store.Job{Config: path, Reconciliation: reconciliation, Night: night, AccountJobs: 1, Deadline: rules.DefaultDeadline, MostTries: rules.DefaultTries, RetryAfter: rules.DefaultRetryAfter}
	if config.Shops == nil {
		return []store.Job{job}
	}
	var jobs []store.Job
	for _, name := range config.Shops.Names {
		if shop == "" || name == shop {
			job.Shop, job.Account, job.AccountJobs = name, config.Shops.AccountOf(name), config.Shops.AccountJobs
			jobs = append(jobs, job)
		}
	}
	return jobs
}
