package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Job is that one reconciliation of one shop is compared for one night, whoever does it. The table of jobs is the truth about that: a job is
// there once, and what it came to is kept in the transaction that ends it.
type Job struct {
	ID                           int64
	Config, Shop, Reconciliation string // Shop is "" where the configuration has no list
	Night                        string // which time of which schedule it is for, or when somebody wanted it

	Account     string        // that the shop shares with others; "" if none
	AccountJobs int           // how many jobs of that account are done at a time
	Deadline    time.Duration // how long a try may take
	MostTries   int
	RetryAfter  time.Duration

	State   string
	Due     time.Time // not before
	Attempt int64     // how often a worker took it: who has an older number may not end it any more
	Tries   int       // how often it came to nothing
	Lost    int       // how often a worker went away with it
	Worker  string
	Began   time.Time // when it was taken last
	Ended   time.Time
	Failure string
	Run     string // the run that was kept
}

// The states of jobs.
const (
	Waiting   = "waiting"
	Running   = "running"
	Done      = "done"
	Failed    = "failed"
	Cancelled = "cancelled"
)

// States are all states of jobs, those first that need somebody.
var States = []string{Failed, Running, Waiting, Cancelled, Done}

// Lease is for how long a worker has a job without saying that it is still there: then others take it.
const Lease = 30 * time.Second

// mostLost is how often a worker may go away with a job before it has failed: it may be the job that ends it.
const mostLost = 10

// workFormat says what this program knows of jobs. One that needs more is left to newer workers.
const workFormat = 1

// ErrLost means that a job is not a worker's any more: another one has it, or it was cancelled.
var ErrLost = errors.New("the job was given to another worker, or cancelled")

const jobColumns = "id, config, shop, reconciliation, night, account, account_jobs, deadline, most_tries, retry_after, state, due, attempt, tries, lost, worker, began, ended, failure, run"

func scanJob(scan func(...any) error) (j Job, err error) {
	var deadline, retry, due, began, ended int64
	err = scan(&j.ID, &j.Config, &j.Shop, &j.Reconciliation, &j.Night, &j.Account, &j.AccountJobs, &deadline, &j.MostTries, &retry, &j.State, &due,
		&j.Attempt, &j.Tries, &j.Lost, &j.Worker, &began, &ended, &j.Failure, &j.Run)
	j.Deadline, j.RetryAfter = time.Duration(deadline)*time.Millisecond, time.Duration(retry)*time.Millisecond
	j.Due, j.Began, j.Ended = timeOf(due), timeOf(began), timeOf(ended)
	return j, err
}

// Now returns the time by which jobs are timed: the database's, since clocks of several machines differ.
func (s *Store) Now(ctx context.Context) (time.Time, error) { return s.nowIn(ctx, s.db) }

func (s *Store) nowIn(ctx context.Context, db querier) (time.Time, error) {
	if !s.Shared() {
		return timeOf(moment(s.now())), nil
	}
	var now int64
	if err := db.QueryRowContext(ctx, "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)").Scan(&now); err != nil {
		return time.Time{}, s.server.failed("ask", err)
	}
	return timeOf(now), nil
}

// together keeps others from planning or taking jobs until the transaction ends. On SQLite each transaction does.
func (s *Store) together(ctx context.Context, tx *sql.Tx, which int) error {
	if !s.Shared() {
		return nil
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1, $2)", applicationID, which)
	return err
}

// SeenSchedule returns since when a schedule is known, from now on if it is not yet: what it had wanted before is not made up.
func (s *Store) SeenSchedule(ctx context.Context, config, name, spec string, now time.Time) (since time.Time, err error) {
	err = s.within(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO schedules (config, name, spec, since) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", config, name, spec, moment(now)); err != nil {
			return err
		}
		var at int64
		err := tx.QueryRowContext(ctx, "SELECT since FROM schedules WHERE config = $1 AND name = $2 AND spec = $3", config, name, spec).Scan(&at)
		since = timeOf(at)
		return err
	})
	return since, err
}

// Plan adds the jobs that are not there yet, and returns how many these are. All are of one reconciliation of one configuration and of one night.
func (s *Store) Plan(ctx context.Context, jobs []Job) (added int, err error) {
	if len(jobs) == 0 {
		return 0, nil
	}
	of := jobs[0]
	there := map[string]bool{}
	err = s.list(ctx, func(scan func(...any) error) error {
		var shop string
		err := scan(&shop)
		there[shop] = true
		return err
	}, "SELECT shop FROM work WHERE config = $1 AND reconciliation = $2 AND night = $3", of.Config, of.Reconciliation, of.Night)
	if err != nil {
		return 0, err
	}
	jobs = slices.DeleteFunc(slices.Clone(jobs), func(j Job) bool { return there[j.Shop] })
	if len(jobs) == 0 {
		return 0, nil
	}
	err = s.within(ctx, func(tx *sql.Tx) error {
		if err := s.together(ctx, tx, planLock); err != nil {
			return err
		}
		now, err := s.nowIn(ctx, tx)
		if err != nil {
			return err
		}
		ahead, err := waitingOf(ctx, tx, of.Config)
		if err != nil {
			return err
		}
		for part := range slices.Chunk(jobs, 200) {
			n, err := s.insertJobs(ctx, tx, part, ahead, now)
			if err != nil {
				return fmt.Errorf("plan jobs: %w", err)
			}
			added += n
		}
		return nil
	})
	return added, err
}

// waitingOf returns how many jobs of each shop wait already.
func waitingOf(ctx context.Context, tx *sql.Tx, config string) (map[string]int, error) {
	rows, err := tx.QueryContext(ctx, "SELECT shop, count(*) FROM work WHERE config = $1 AND state = $2 GROUP BY shop", config, Waiting)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ahead := map[string]int{}
	for rows.Next() {
		var shop string
		var n int
		if err := rows.Scan(&shop, &n); err != nil {
			return nil, err
		}
		ahead[shop] = n
	}
	return ahead, rows.Err()
}

// insertJobs adds jobs. place is how many of the shop's own wait before it: whoever has many waits behind those who have few.
func (s *Store) insertJobs(ctx context.Context, tx *sql.Tx, jobs []Job, ahead map[string]int, now time.Time) (int, error) {
	var text strings.Builder
	var args []any
	for i, j := range jobs {
		if i > 0 {
			text.WriteString(", ")
		}
		row := []any{j.Config, j.Shop, j.Reconciliation, j.Night, j.Account, j.AccountJobs, j.Deadline.Milliseconds(), j.MostTries, j.RetryAfter.Milliseconds(), Waiting, moment(now), ahead[j.Shop], workFormat}
		for k := range row {
			text.WriteString(map[bool]string{true: "(", false: ", "}[k == 0])
			fmt.Fprintf(&text, "$%d", len(args)+k+1)
		}
		text.WriteString(")")
		args = append(args, row...)
	}
	return s.changeAndWake(ctx, tx, jobs[0].Config, time.Time{}, `INSERT INTO work (config, shop, reconciliation, night, account, account_jobs, deadline, most_tries, retry_after, state, due, place, needs) VALUES `+text.String()+` ON CONFLICT DO NOTHING`, args...)
}

// mayRun leaves the jobs that may be done now: none of their shops has one that is being done, and their account has room. $1 is the
// configuration, $2 is now, $3 what the worker knows.
const mayRun = ` AND config = $1 AND needs <= $3
	AND shop NOT IN (SELECT shop FROM work WHERE config = $1 AND state = 'running' AND lease >= $2)
	AND account NOT IN (SELECT account FROM work WHERE config = $1 AND state = 'running' AND lease >= $2 AND account <> '' GROUP BY account HAVING count(*) >= min(account_jobs))`

// anyDue reports whether there may be a job to take. Workers that have nothing to do ask this again and again: it is one statement that
// changes nothing.
func (s *Store) anyDue(ctx context.Context, config string) (due bool, err error) {
	now := "CAST(extract(epoch FROM now()) * 1000 AS BIGINT)"
	if !s.Shared() {
		now = strconv.FormatInt(moment(s.now()), 10)
	}
	err = s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM work WHERE config = $1 AND state = 'waiting' AND due <= "+now+
		") OR EXISTS (SELECT 1 FROM work WHERE config = $1 AND state = 'running' AND lease < "+now+")", config).Scan(&due)
	if err != nil {
		return false, fmt.Errorf("look for a job: %w", err)
	}
	return due, nil
}

// Take gives a worker the job of a configuration that is the next to be done; nil if there is none. It has it for a Lease, which Renew
// prolongs.
func (s *Store) Take(ctx context.Context, worker, config string) (taken *Job, err error) {
	if due, err := s.anyDue(ctx, config); err != nil || !due {
		return nil, err
	}
	err = s.within(ctx, func(tx *sql.Tx) error {
		if err := s.together(ctx, tx, takeLock); err != nil {
			return fmt.Errorf("take a job: %w", err)
		}
		now, err := s.nowIn(ctx, tx)
		if err != nil {
			return err
		}
		if err := giveUp(ctx, tx, config, now); err != nil {
			return fmt.Errorf("take a job: %w", err)
		}
		for _, which := range []string{"state = 'running' AND lease < $2" + mayRun + " ORDER BY due, id", "state = 'waiting' AND due <= $2" + mayRun + " ORDER BY place, due, id"} {
			var id int64
			err := tx.QueryRowContext(ctx, "SELECT id FROM work WHERE "+which+" LIMIT 1", config, moment(now), workFormat).Scan(&id)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return fmt.Errorf("take a job: %w", err)
			}
			j, err := scanJob(tx.QueryRowContext(ctx, `UPDATE work SET lost = lost + CASE WHEN state = 'running' THEN 1 ELSE 0 END, state = 'running', worker = $1, attempt = attempt + 1, began = $2, lease = $3
				WHERE id = $4 RETURNING `+jobColumns, worker, moment(now), moment(now.Add(Lease)), id).Scan)
			if err != nil {
				return fmt.Errorf("take a job: %w", err)
			}
			taken = &j
			return nil
		}
		return nil
	})
	return taken, err
}

// giveUp has those jobs fail with which too many workers went away.
func giveUp(ctx context.Context, tx *sql.Tx, config string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE work SET state = 'failed', ended = $2, failure = $3 WHERE config = $1 AND state = 'running' AND lease < $2 AND lost >= $4`,
		config, moment(now), fmt.Sprintf("%d workers went away while they compared this shop: it may take more memory than they have", mostLost+1), mostLost)
	return err
}

// Renew says that a worker is still there, and does these jobs. It returns the attempts of those that it still has, by their IDs. What else
// the worker has in the table is not prolonged: it could not be given back, or the answer was lost that gave it to the worker. Nor is what is
// long beyond its deadline.
func (s *Store) Renew(ctx context.Context, worker string, doing []int64) (held map[int64]int64, draining bool, err error) {
	held = map[int64]int64{}
	err = s.within(ctx, func(tx *sql.Tx) error {
		now, err := s.nowIn(ctx, tx)
		if err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, "UPDATE workers SET seen = $1 WHERE id = $2 RETURNING draining <> 0", moment(now), worker).Scan(&draining); err != nil {
			return fmt.Errorf("tell that the worker is there: %w", err)
		}
		for _, id := range doing {
			var attempt int64
			err := tx.QueryRowContext(ctx, "UPDATE work SET lease = $1 WHERE id = $2 AND worker = $3 AND state = 'running' AND began + deadline + $4 > $5 RETURNING attempt",
				moment(now.Add(Lease)), id, worker, (2 * Lease).Milliseconds(), moment(now)).Scan(&attempt)
			switch {
			case err == nil:
				held[id] = attempt
			case !errors.Is(err, sql.ErrNoRows):
				return fmt.Errorf("keep jobs: %w", err)
			}
		}
		return nil
	})
	return held, draining, err
}

// complete ends a job in the transaction that keeps its run. It is ErrLost if another worker has it, and then nothing is kept.
func (s *Store) complete(ctx context.Context, tx *sql.Tx, j *Job, run string) error {
	now, err := s.nowIn(ctx, tx)
	if err != nil {
		return err
	}
	return one(tx.ExecContext(ctx, "UPDATE work SET state = 'done', run = $1, ended = $2, failure = '' WHERE id = $3 AND attempt = $4 AND state = 'running'", run, moment(now), j.ID, j.Attempt))
}

// one returns ErrLost if a statement has not changed one row.
func one(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	return oneOf(int(n), err)
}

func oneOf(n int, err error) error {
	if err == nil && n != 1 {
		err = ErrLost
	}
	return err
}

// Fail says that a try came to nothing: the job waits for the next try, or has failed for good, and then r, which is that try, is kept as a
// failed run. It returns the job's new state.
func (s *Store) Fail(ctx context.Context, j *Job, why string, r *Run) (state string, err error) {
	why = s.text(why)
	err = s.within(ctx, func(tx *sql.Tx) error {
		now, err := s.nowIn(ctx, tx)
		if err != nil {
			return err
		}
		state = Failed
		if j.Tries+1 < j.MostTries {
			state = Waiting
		}
		wait := j.RetryAfter << min(j.Tries, 10)
		ended := moment(now)
		if state == Waiting {
			ended = 0
		}
		const fail = "UPDATE work SET state = $1, due = $2, tries = tries + 1, failure = $3, ended = $4 WHERE id = $5 AND attempt = $6 AND state = 'running'"
		args := []any{state, moment(now.Add(wait)), why, ended, j.ID, j.Attempt}
		if state == Waiting {
			return oneOf(s.changeAndWake(ctx, tx, j.Config, now.Add(wait), fail, args...))
		}
		if err := one(tx.ExecContext(ctx, fail, args...)); err != nil {
			return err
		}
		r.Failure = why
		return s.addRun(ctx, tx, r)
	})
	return state, err
}

// GiveBack has a job wait again, as if nobody had taken it: the worker is being stopped.
func (s *Store) GiveBack(ctx context.Context, j *Job) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		return oneOf(s.changeAndWake(ctx, tx, j.Config, time.Time{}, "UPDATE work SET state = 'waiting', worker = '' WHERE id = $1 AND attempt = $2 AND state = 'running'", j.ID, j.Attempt))
	})
}
