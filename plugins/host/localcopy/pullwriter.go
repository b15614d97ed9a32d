package localcopy

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// pullWriter is a host.CopyWriter that writes a pull beside the good copy. A full pull is written to a table of a new
// generation. Of any other pull, the differences from the good copy are written to the table staged.
//
// There is one transaction from checkpoint to checkpoint. So if the process ends, in whatever way, what it wrote after the
// last checkpoint is gone.
type pullWriter struct {
	ctx           context.Context
	db            *database
	good          *state // nil: there is none
	pull          pullState
	putRecord     *sql.Stmt
	deleteKey     *sql.Stmt
	inTransaction bool
}

var _ host.CopyWriter = (*pullWriter)(nil)

// begin begins a pull. If resume is true, it keeps what is staged, and the pull continues from there.
func begin(ctx context.Context, db *database, good *state, pull pullState, resume bool) (*pullWriter, error) {
	s := &pullWriter{ctx: ctx, db: db, good: good, pull: pull}
	if err := s.beginTransaction(); err != nil {
		return nil, s.abort(err)
	}
	if !resume {
		if err := s.discardPull(); err != nil {
			return nil, s.abort(err)
		}
	}
	if err := s.prepare(); err != nil {
		return nil, s.abort(err)
	}
	return s, nil
}

func (s *pullWriter) beginTransaction() error {
	if err := s.db.run(s.ctx, "BEGIN IMMEDIATE"); err != nil {
		return s.db.explain(err)
	}
	s.inTransaction = true
	return nil
}

// abort drops everything after the last checkpoint. It returns err, explained.
func (s *pullWriter) abort(err error) error {
	s.closeStatements()
	if s.inTransaction {
		s.db.rollBack()
		s.inTransaction = false
	}
	return s.db.explain(err)
}

func (s *pullWriter) closeStatements() {
	for _, statement := range []*sql.Stmt{s.putRecord, s.deleteKey} {
		if statement != nil {
			_ = statement.Close()
		}
	}
	s.putRecord, s.deleteKey = nil, nil
}

// discardPull deletes what an earlier pull has staged, and makes the tables for a new one.
func (s *pullWriter) discardPull() error {
	if err := s.db.run(s.ctx, "DELETE FROM staged"); err != nil {
		return err
	}
	if err := s.db.run(s.ctx, "DELETE FROM state WHERE name = ?", statePull); err != nil {
		return err
	}
	if err := s.dropOldTables(); err != nil {
		return err
	}
	s.pull.Base, s.pull.Generation = 0, 1
	if s.good != nil {
		s.pull.Base, s.pull.Generation = s.good.Generation, s.good.Generation+1
	}
	if !s.pull.Full {
		return nil
	}
	return s.db.run(s.ctx, fmt.Sprintf(`CREATE TABLE %s (kind TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, sum INTEGER NOT NULL,
		PRIMARY KEY (kind, key)) WITHOUT ROWID`, recordTable(s.pull.Generation)))
}

// dropOldTables drops the tables of all generations except that of the good copy.
func (s *pullWriter) dropOldTables() error {
	rows, err := s.db.QueryContext(s.ctx, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'records\\_%' ESCAPE '\\'")
	if err != nil {
		return err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		if s.good == nil || name != recordTable(s.good.Generation) {
			names = append(names, name)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, name := range names {
		if err := s.db.run(s.ctx, "DROP TABLE "+name); err != nil {
			return err
		}
	}
	return nil
}

func (s *pullWriter) prepare() (err error) {
	s.closeStatements()
	put, gone := "INSERT OR REPLACE INTO staged (kind, key, value, sum, gone) VALUES (?, ?, ?, ?, 0)",
		"INSERT OR REPLACE INTO staged (kind, key, value, sum, gone) VALUES (?, ?, x'', 0, 1)"
	if s.pull.Full {
		put = "INSERT OR REPLACE INTO " + recordTable(s.pull.Generation) + " (kind, key, value, sum) VALUES (?, ?, ?, ?)"
		gone = "DELETE FROM " + recordTable(s.pull.Generation) + " WHERE kind = ? AND key = ?"
	}
	if s.putRecord, err = s.db.PrepareContext(s.ctx, put); err != nil {
		return err
	}
	s.deleteKey, err = s.db.PrepareContext(s.ctx, gone)
	return err
}

// Full implements host.CopyWriter.
func (s *pullWriter) Full() error {
	s.closeStatements()
	s.pull.Full, s.pull.Cursor, s.pull.BeganAt = true, nil, time.Now()
	if err := s.discardPull(); err != nil {
		return s.db.explain(err)
	}
	return s.db.explain(s.prepare())
}

// Put implements host.CopyWriter.
func (s *pullWriter) Put(kind string, records []host.Record) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	ctx := context.WithoutCancel(s.ctx) // an interruptible statement takes twice as long, and there are many short ones
	for _, r := range records {
		key, value := []byte(r.Key), r.Value
		if value == nil {
			value = []byte{} // nil would be SQL's NULL
		}
		if _, err := s.putRecord.ExecContext(ctx, kind, key, value, checkSum(kind, key, value)); err != nil {
			return s.db.explain(err)
		}
	}
	return nil
}

// Delete implements host.CopyWriter.
func (s *pullWriter) Delete(kind string, keys []string) error {
	ctx := context.WithoutCancel(s.ctx)
	for _, key := range keys {
		if _, err := s.deleteKey.ExecContext(ctx, kind, []byte(key)); err != nil {
			return s.db.explain(err)
		}
	}
	return nil
}

// Complete implements host.CopyWriter. A full pull has no other records than those that were put in it.
func (s *pullWriter) Complete(kind string) error {
	if s.pull.Full {
		return nil
	}
	base := recordTable(s.pull.Base)
	return s.db.explain(s.db.run(s.ctx, `INSERT INTO staged (kind, key, value, sum, gone)
		SELECT kind, key, x'', 0, 1 FROM `+base+` AS held WHERE kind = ?
		AND NOT EXISTS (SELECT 1 FROM staged WHERE staged.kind = held.kind AND staged.key = held.key)`, kind))
}

// Checkpoint implements host.CopyWriter.
func (s *pullWriter) Checkpoint(cursor []byte) error {
	s.pull.Cursor = cursor
	if err := s.db.write(s.ctx, statePull, s.pull); err != nil {
		return s.db.explain(err)
	}
	if err := s.commit(); err != nil {
		return err
	}
	return s.beginTransaction()
}

func (s *pullWriter) commit() error {
	if err := s.db.run(s.ctx, "COMMIT"); err != nil {
		return s.db.explain(err)
	}
	s.inTransaction = false
	return nil
}
