package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Run is what is known of a run that was kept, or of a try that came to nothing. What it found is in a file of its own.
type Run struct {
	ID             string // the name of its file, without what says that it is one
	Config         string // the path of the configuration
	Reconciliation string
	Began, Ended   time.Time
	Failure        string // why it came to nothing; "" if it is complete, and has a file
	Counts         Counts
	Previous       string // the complete run before it, which it was compared with; "" if there was none
}

// Counts are what a run found, in few numbers.
type Counts struct {
	Nothing         string         `json:"nothing_compared,omitempty"` // why nothing was compared; "" if something was. It comes first: see RemoveRuns
	Items           int            `json:"items"`
	Matched         int            `json:"matched"`
	Synchronized    int            `json:"synchronized"`
	NotSynchronized int            `json:"not_synchronized"`
	NotChecked      int            `json:"not_checked"`
	Intentional     int            `json:"intentional"`
	NotPaired       int            `json:"not_paired"` // neither matched, nor meant to be of one side, nor parents
	Rules           map[string]int `json:"rules"`      // by the rule's code: how many N
	New             int            `json:"new"`        // items with a finding that the run before had not
	Resolved        int            `json:"resolved"`   // findings of the run before that are none any more
}

// ErrNoRun means that there is no such run, or none at all yet.
var ErrNoRun = errors.New("there is no such run")

// AddRun adds a run. Its file is to be there already.
func (s *Store) AddRun(ctx context.Context, r *Run) error {
	return s.within(ctx, func(tx *sql.Tx) error { return s.addRun(ctx, tx, r) })
}

// AddRunOf adds the run that a job came to, and ends the job: both, or none. It is ErrLost if the job is another worker's by now.
func (s *Store) AddRunOf(ctx context.Context, j *Job, r *Run) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		if err := s.complete(ctx, tx, j, r.ID); err != nil {
			return fmt.Errorf("end a job: %w", err)
		}
		return s.addRun(ctx, tx, r)
	})
}

func (s *Store) addRun(ctx context.Context, tx *sql.Tx, r *Run) error {
	counts, err := json.Marshal(r.Counts)
	if err != nil {
		return fmt.Errorf("keep a run: %w", err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO runs (id, config, reconciliation, began, ended, failure, counts, previous) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		r.ID, r.Config, r.Reconciliation, moment(r.Began), moment(r.Ended), s.text(r.Failure), string(counts), r.Previous)
	if err != nil {
		return fmt.Errorf("keep a run: %w", err)
	}
	return nil
}

const runColumns = "id, config, reconciliation, began, ended, failure, counts, previous"

func scanRun(scan func(...any) error) (r Run, err error) {
	var began, ended int64
	var counts string
	if err := scan(&r.ID, &r.Config, &r.Reconciliation, &began, &ended, &r.Failure, &counts, &r.Previous); err != nil {
		return r, err
	}
	r.Began, r.Ended = timeOf(began), timeOf(ended)
	return r, json.Unmarshal([]byte(counts), &r.Counts)
}

// newestFirst is the order of runs.
const newestFirst = " ORDER BY ended DESC, id DESC"

// Runs returns the runs of a reconciliation of a configuration, of all its reconciliations if it is "", the newest first: the complete
// ones, or those that came to nothing, too. At most so many; 0 is all.
func (s *Store) Runs(ctx context.Context, config, reconciliation string, failed bool, most int) (runs []Run, err error) {
	err = s.list(ctx, func(scan func(...any) error) error {
		r, err := scanRun(scan)
		runs = append(runs, r)
		return err
	}, "SELECT "+runColumns+" FROM runs WHERE config = $1 AND ($2 = '' OR reconciliation = $2) AND ($3 OR failure = '')"+newestFirst+" LIMIT $4",
		config, reconciliation, failed, limit(most))
	return runs, err
}

// FindRun returns a complete run of a configuration; ErrNoRun if there is none of that name.
func (s *Store) FindRun(ctx context.Context, config, id string) (Run, error) {
	r, err := scanRun(s.db.QueryRowContext(ctx, "SELECT "+runColumns+" FROM runs WHERE config = $1 AND id = $2 AND failure = ''", config, id).Scan)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return r, ErrNoRun
	case err != nil:
		return r, fmt.Errorf("read the database: %w", err)
	}
	return r, nil
}

// RemoveRuns removes the runs of a reconciliation but for the newest, complete or not, of which so many stay, and those that ended
// before a time; the newest complete one stays in any case, and so does the newest that compared something, which the next one is compared
// with. It returns those that it has removed, whose files are to go then.
func (s *Store) RemoveRuns(ctx context.Context, config, reconciliation string, keep int, before time.Time) (ids []string, err error) {
	err = s.within(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `DELETE FROM runs WHERE config = $1 AND reconciliation = $2 AND id <> coalesce(
				(SELECT id FROM runs WHERE config = $1 AND reconciliation = $2 AND failure = ''`+newestFirst+` LIMIT 1), '')
			AND id <> coalesce((SELECT id FROM runs WHERE config = $1 AND reconciliation = $2 AND failure = '' AND counts NOT LIKE '{"nothing_compared":%'`+newestFirst+` LIMIT 1), '')
			AND (ended < $4 OR id NOT IN (SELECT id FROM runs AS r WHERE r.config = $1 AND r.reconciliation = $2 AND (r.failure = '') = (runs.failure = '')`+newestFirst+` LIMIT $3)) RETURNING id`,
			config, reconciliation, keep, moment(before))
		if err != nil {
			return fmt.Errorf("remove old runs: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return fmt.Errorf("remove old runs: %w", err)
			}
			ids = append(ids, id)
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("remove old runs: %w", err)
		}
		return nil
	})
	return ids, err
}
