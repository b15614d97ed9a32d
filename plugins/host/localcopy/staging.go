package localcopy

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// staging is a pull in progress: a host.Keeper that writes beside the good copy. A full pull writes a table of a new
// generation, another one what differs from the good copy.
//
// It is one transaction from checkpoint to checkpoint, so that what comes after the last one is gone when the process is,
// however that ends.
type staging struct {
	ctx    context.Context
	db     *database
	good   *state // nil: there is none
	pull   staged
	put    *sql.Stmt
	gone   *sql.Stmt // deletes a key
	inside bool      // a transaction
}

var _ host.Keeper = (*staging)(nil)

// begin begins a pull, or goes on with the one that is staged where resume is true.
func begin(ctx context.Context, db *database, good *state, pull staged, resume bool) (*staging, error) {
	s := &staging{ctx: ctx, db: db, good: good, pull: pull}
	if err := s.transaction(); err != nil {
		return nil, s.abort(err)
	}
	if !resume {
		if err := s.clear(); err != nil {
			return nil, s.abort(err)
		}
	}
	if err := s.prepare(); err != nil {
		return nil, s.abort(err)
	}
	return s, nil
}

func (s *staging) transaction() error {
	if err := s.db.run(s.ctx, "BEGIN IMMEDIATE"); err != nil {
		return s.db.explain(err)
	}
	s.inside = true
	return nil
}

// abort gives up what came after the last checkpoint. It returns err, in words.
func (s *staging) abort(err error) error {
	s.finish()
	if s.inside {
		s.db.rollBack()
		s.inside = false
	}
	return s.db.explain(err)
}

func (s *staging) finish() {
	for _, statement := range []*sql.Stmt{s.put, s.gone} {
		if statement != nil {
			_ = statement.Close()
		}
	}
	s.put, s.gone = nil, nil
}

// clear makes room for a pull: what another one has staged is gone.
func (s *staging) clear() error {
	if err := s.db.run(s.ctx, "DELETE FROM staged"); err != nil {
		return err
	}
	if err := s.db.run(s.ctx, "DELETE FROM state WHERE name = ?", statePull); err != nil {
		return err
	}
	if err := s.dropBut(); err != nil {
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
		PRIMARY KEY (kind, key)) WITHOUT ROWID`, table(s.pull.Generation)))
}

// dropBut drops the tables of all generations but that of the good copy.
func (s *staging) dropBut() error {
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
		if s.good == nil || name != table(s.good.Generation) {
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

func (s *staging) prepare() (err error) {
	s.finish()
	put, gone := "INSERT OR REPLACE INTO staged (kind, key, value, sum, gone) VALUES (?, ?, ?, ?, 0)",
		"INSERT OR REPLACE INTO staged (kind, key, value, sum, gone) VALUES (?, ?, x'', 0, 1)"
	if s.pull.Full {
		put = "INSERT OR REPLACE INTO " + table(s.pull.Generation) + " (kind, key, value, sum) VALUES (?, ?, ?, ?)"
		gone = "DELETE FROM " + table(s.pull.Generation) + " WHERE kind = ? AND key = ?"
	}
	if s.put, err = s.db.PrepareContext(s.ctx, put); err != nil {
		return err
	}
	s.gone, err = s.db.PrepareContext(s.ctx, gone)
	return err
}

// Full implements host.Keeper.
func (s *staging) Full() error {
	s.finish()
	s.pull.Full, s.pull.Cursor, s.pull.BeganAt = true, nil, time.Now()
	if err := s.clear(); err != nil {
		return s.db.explain(err)
	}
	return s.db.explain(s.prepare())
}

// Put implements host.Keeper.
func (s *staging) Put(kind string, records []host.Record) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	ctx := context.WithoutCancel(s.ctx) // to be ready to interrupt each of many short statements takes as long as they do
	for _, r := range records {
		key, value := []byte(r.Key), r.Value
		if value == nil {
			value = []byte{} // nil would be SQL's NULL
		}
		if _, err := s.put.ExecContext(ctx, kind, key, value, checkSum(kind, key, value)); err != nil {
			return s.db.explain(err)
		}
	}
	return nil
}

// Delete implements host.Keeper.
func (s *staging) Delete(kind string, keys []string) error {
	ctx := context.WithoutCancel(s.ctx)
	for _, key := range keys {
		if _, err := s.gone.ExecContext(ctx, kind, []byte(key)); err != nil {
			return s.db.explain(err)
		}
	}
	return nil
}

// Complete implements host.Keeper. All that a full pull holds was put in it.
func (s *staging) Complete(kind string) error {
	if s.pull.Full {
		return nil
	}
	base := table(s.pull.Base)
	return s.db.explain(s.db.run(s.ctx, `INSERT INTO staged (kind, key, value, sum, gone)
		SELECT kind, key, x'', 0, 1 FROM `+base+` AS held WHERE kind = ?
		AND NOT EXISTS (SELECT 1 FROM staged WHERE staged.kind = held.kind AND staged.key = held.key)`, kind))
}

// Checkpoint implements host.Keeper.
func (s *staging) Checkpoint(cursor []byte) error {
	s.pull.Cursor = cursor
	if err := s.db.write(s.ctx, statePull, s.pull); err != nil {
		return s.db.explain(err)
	}
	if err := s.commit(); err != nil {
		return err
	}
	return s.transaction()
}

func (s *staging) commit() error {
	if err := s.db.run(s.ctx, "COMMIT"); err != nil {
		return s.db.explain(err)
	}
	s.inside = false
	return nil
}
