package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// prune is what the entry says by which entries were pruned, or addresses forgotten. Its Before is the Base, where there were entries.
const prune = "audit.prune"

// Prune removes the entries of the audit trail that are older than a time, from its beginning on, and forgets addresses that are older
// than another one; the zero time is none. What was pruned up to stands in the head and in an entry: no other entry can be missing unseen.
// Where something is wrong with the trail that is an *UnsoundError, and entries stay: what is wrong would be gone with them. evenSo
// prunes all the same.
func (s *Store) Prune(ctx context.Context, by Actor, entries, addresses time.Time, evenSo bool) (removed, forgotten int64, err error) {
	var unsound error
	if !entries.IsZero() {
		_, findings, err := s.Verify(ctx)
		switch {
		case err != nil:
			return 0, 0, err
		case len(findings) > 0 && !evenSo:
			unsound, entries = &UnsoundError{len(findings)}, time.Time{}
		}
	}
	err = s.changeHead(ctx, by, func(tx *sql.Tx, h *head) (Entry, error) {
		e := Entry{What: prune}
		var err error
		if removed, err = pruneEntries(ctx, tx, entries, h, &e); err != nil {
			return e, err
		}
		if forgotten, err = forget(ctx, tx, addresses); err != nil {
			return e, err
		}
		if removed+forgotten == 0 {
			return e, errNothing
		}
		e.After = fmt.Sprintf("%d entries removed, %d addresses forgotten", removed, forgotten)
		return e, nil
	})
	return removed, forgotten, errors.Join(unsound, err, s.emptyLog(ctx))
}

// emptyLog takes what was written lately out of the write-ahead log of SQLite, which would keep what was pruned until it is written over.
// As long as somebody reads, it waits for a moment, and leaves it to the next time then.
func (s *Store) emptyLog(ctx context.Context) error {
	if s.Shared() {
		return nil // PostgreSQL's log is its administrator's
	}
	ctx = context.WithoutCancel(ctx) // the connection is not to be left half changed
	c, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("read the database: %w", err)
	}
	defer c.Close()
	for _, statement := range []string{"PRAGMA busy_timeout = 2000", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA busy_timeout = 60000"} {
		if _, err := c.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("empty the log of the database: %w", err)
		}
	}
	return nil
}

// UnsoundError says that something is wrong with the audit trail, so that nothing is taken out of it.
type UnsoundError struct{ Findings int }

// Error implements error.
func (e *UnsoundError) Error() string {
	return fmt.Sprintf("something is wrong with the audit trail in %d places, so no entry is removed: it would be gone with them. reconcile audit verify says what it is", e.Findings)
}

// pruneEntries removes entries from the beginning, up to the first that is young enough, and sets the base.
func pruneEntries(ctx context.Context, tx *sql.Tx, before time.Time, h *head, e *Entry) (removed int64, err error) {
	if before.IsZero() {
		return 0, nil
	}
	last, err := scanEntry(tx.QueryRowContext(ctx, "SELECT "+entryColumns+" FROM audit WHERE number < coalesce((SELECT min(number) FROM audit WHERE at >= $1), (SELECT max(number) + 1 FROM audit)) ORDER BY number DESC LIMIT 1", moment(before)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("prune the audit trail: %w", err)
	}
	done, err := tx.ExecContext(ctx, "DELETE FROM audit WHERE number <= $1", last.Number)
	if err != nil {
		return 0, fmt.Errorf("prune the audit trail: %w", err)
	}
	h.Base = &Base{last.Number, last.Sum}
	e.Before = h.Base.String()
	removed, err = done.RowsAffected()
	return removed, err
}

// forget removes addresses, and the salts by which they could be found by trying all.
func forget(ctx context.Context, tx *sql.Tx, before time.Time) (forgotten int64, err error) {
	if before.IsZero() {
		return 0, nil
	}
	done, err := tx.ExecContext(ctx, "UPDATE audit SET address = NULL, salt = NULL WHERE at < $1 AND address IS NOT NULL", moment(before))
	if err != nil {
		return 0, fmt.Errorf("forget addresses of the audit trail: %w", err)
	}
	forgotten, err = done.RowsAffected()
	return forgotten, err
}
