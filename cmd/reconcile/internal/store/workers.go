package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Worker is a process that does jobs.
type Worker struct {
	ID, Host string
	PID      int
	Version  string // of the program
	Config   string
	Jobs     int // how many it does at a time
	Running  int // how many it is doing
	Began    time.Time
	Seen     time.Time // when it last said that it is there
	Draining bool      // it takes no more jobs, and ends
}

// gone is how long after its last word a worker is not listed any more.
const gone = time.Hour

// EnterWorker lists a worker, which says with Renew that it is there.
func (s *Store) EnterWorker(ctx context.Context, w *Worker) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		now, err := s.nowIn(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM workers WHERE seen < $1", moment(now.Add(-gone))); err != nil {
			return fmt.Errorf("list a worker: %w", err)
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO workers (id, host, pid, version, config, jobs, began, seen, draining) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
			w.ID, w.Host, w.PID, w.Version, w.Config, w.Jobs, moment(now), moment(now))
		if err != nil {
			return fmt.Errorf("list a worker: %w", err)
		}
		return nil
	})
}

// LeaveWorker takes a worker off the list.
func (s *Store) LeaveWorker(ctx context.Context, id string) error {
	_, err := s.db.ExecContext(ctx, "DELETE FROM workers WHERE id = $1", id)
	return err
}

// Workers returns the workers of a configuration that are there, or were a Lease ago.
func (s *Store) Workers(ctx context.Context, config string) (list []Worker, err error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	err = s.list(ctx, func(scan func(...any) error) error {
		var w Worker
		var began, seen int64
		err := scan(&w.ID, &w.Host, &w.PID, &w.Version, &w.Config, &w.Jobs, &began, &seen, &w.Draining, &w.Running)
		w.Began, w.Seen = timeOf(began), timeOf(seen)
		list = append(list, w)
		return err
	}, `SELECT id, host, pid, version, config, jobs, began, seen, draining <> 0, (SELECT count(*) FROM work WHERE work.worker = workers.id AND state = 'running')
		FROM workers WHERE config = $1 AND seen >= $2 ORDER BY host, began, id`, config, moment(now.Add(-Lease)))
	return list, err
}

// Drain has the workers of a configuration that are there now, of one host alone if host names it, take no more jobs, and end when they have
// done what they have. It returns how many these are.
func (s *Store) Drain(ctx context.Context, config, host string) (int, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return 0, err
	}
	return s.count(ctx, "UPDATE workers SET draining = 1 WHERE config = $1 AND ($2 = '' OR host = $2) AND seen >= $3", config, host, moment(now.Add(-Lease)))
}

func (s *Store) count(ctx context.Context, statement string, args ...any) (int, error) {
	result, err := s.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, fmt.Errorf("write to the database: %w", err)
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// Cancel takes back jobs of a configuration that wait or are being done, of one shop if shop names it. What is being done is given up.
func (s *Store) Cancel(ctx context.Context, config, shop string) (int, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return 0, err
	}
	return s.count(ctx, "UPDATE work SET state = 'cancelled', ended = $3 WHERE config = $1 AND ($2 = '' OR shop = $2) AND state IN ('waiting', 'running')", config, shop, moment(now))
}

// Retry has the last jobs of a configuration that failed or were cancelled be done again, of one shop if shop names it.
func (s *Store) Retry(ctx context.Context, config, shop string) (int, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	err = s.within(ctx, func(tx *sql.Tx) (err error) {
		n, err = s.changeAndWake(ctx, tx, config, time.Time{}, `UPDATE work SET state = 'waiting', due = $3, tries = 0, lost = 0, ended = 0 WHERE config = $1 AND ($2 = '' OR shop = $2) AND state IN ('failed', 'cancelled')
			AND id IN (SELECT max(id) FROM work WHERE config = $1 GROUP BY shop, reconciliation)`, config, shop, moment(now))
		return err
	})
	return n, err
}

// LastJobs returns the last job of each shop and reconciliation of a configuration.
func (s *Store) LastJobs(ctx context.Context, config string) (jobs []Job, err error) {
	err = s.list(ctx, func(scan func(...any) error) error {
		j, err := scanJob(scan)
		jobs = append(jobs, j)
		return err
	}, "SELECT "+jobColumns+" FROM work WHERE config = $1 AND id IN (SELECT max(id) FROM work WHERE config = $1 GROUP BY shop, reconciliation) ORDER BY shop, reconciliation", config)
	return jobs, err
}

// CountsOfJobs returns what the runs of the last jobs found, by the jobs' IDs.
func (s *Store) CountsOfJobs(ctx context.Context, config string) (map[int64]Counts, error) {
	counts := map[int64]Counts{}
	err := s.list(ctx, func(scan func(...any) error) error {
		var id int64
		var text string
		if err := scan(&id, &text); err != nil {
			return err
		}
		var c Counts
		err := json.Unmarshal([]byte(text), &c)
		counts[id] = c
		return err
	}, "SELECT work.id, runs.counts FROM work JOIN runs ON runs.id = work.run WHERE work.config = $1 AND work.id IN (SELECT max(id) FROM work WHERE config = $1 GROUP BY shop, reconciliation)", config)
	return counts, err
}

// LastRun returns the name of the last run that a job of a configuration came to; "" if there is none.
func (s *Store) LastRun(ctx context.Context, config string) (id string, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT runs.id FROM work JOIN runs ON runs.id = work.run WHERE work.config = $1 ORDER BY runs.ended DESC LIMIT 1", config).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the database: %w", err)
	}
	return id, nil
}

// Queue is how much there is to do, in few numbers.
type Queue struct {
	States        map[string]int // how many jobs are in each state
	OldestDue     time.Time      // since when the job waits that waits longest; zero if none does
	OldestSeconds float64        // for how long that is
	Retrying      int            // of those that wait: how many came to nothing before
}

// Queue returns how much there is to do; with config "" of all configurations.
func (s *Store) Queue(ctx context.Context, config string) (q Queue, err error) {
	q.States = map[string]int{}
	for _, state := range States {
		q.States[state] = 0
	}
	now, err := s.Now(ctx)
	if err != nil {
		return q, err
	}
	err = s.list(ctx, func(scan func(...any) error) error {
		var state string
		var n, retrying int
		var due int64
		err := scan(&state, &n, &retrying, &due)
		q.States[state] = n
		if state == Waiting && err == nil {
			q.Retrying = retrying
			if due <= moment(now) {
				q.OldestDue, q.OldestSeconds = timeOf(due), now.Sub(timeOf(due)).Seconds()
			}
		}
		return err
	}, "SELECT state, count(*), sum(CASE WHEN tries > 0 THEN 1 ELSE 0 END), min(due) FROM work WHERE $1 = '' OR config = $1 GROUP BY state", config)
	return q, err
}

// recent is for how long a shop counts after its last job: one that is not in the list any more counts no longer.
const recent = 7 * 24 * time.Hour

// LastStates returns how many shops there are of which the last job is in each state, a shop once for each reconciliation, and how long ago the
// last result was made of that shop whose last result is oldest. Both are about the shops of all configurations that had a job within a week.
func (s *Store) LastStates(ctx context.Context) (states map[string]int, oldest time.Duration, err error) {
	states = map[string]int{}
	now, err := s.Now(ctx)
	if err != nil {
		return nil, 0, err
	}
	const last = " FROM work WHERE id IN (SELECT max(id) FROM work WHERE due >= $1 GROUP BY config, shop, reconciliation)"
	err = s.list(ctx, func(scan func(...any) error) error {
		var state string
		var n int
		err := scan(&state, &n)
		states[state] = n
		return err
	}, "SELECT state, count(*)"+last+" GROUP BY state", moment(now.Add(-recent)))
	if err != nil {
		return nil, 0, err
	}
	var ended int64
	err = s.db.QueryRowContext(ctx, `SELECT coalesce(min(ended), 0) FROM (SELECT max(ended) AS ended FROM work WHERE state = 'done' AND (config, shop, reconciliation) IN (SELECT config, shop, reconciliation`+last+`)
		GROUP BY config, shop, reconciliation) AS results`, moment(now.Add(-recent))).Scan(&ended)
	if err != nil {
		return nil, 0, fmt.Errorf("read the database: %w", err)
	}
	if ended > 0 {
		oldest = now.Sub(timeOf(ended))
	}
	return states, oldest, nil
}

// ForgetJobs removes jobs that ended before a time, but for the last ones of each shop.
func (s *Store) ForgetJobs(ctx context.Context, config string, before time.Time) (int, error) {
	return s.count(ctx, `DELETE FROM work WHERE config = $1 AND ended > 0 AND ended < $2 AND state IN ('done', 'failed', 'cancelled')
		AND id NOT IN (SELECT max(id) FROM work WHERE config = $1 GROUP BY shop, reconciliation)`, config, moment(before))
}
