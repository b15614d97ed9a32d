package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// applicationID is the database's application_id, which says that the file is ours: "RcSt".
const applicationID = 0x52635374

// migrations bring the tables from one version to the next: the first makes version 1. One that was released is never changed.
var migrations = []string{
	`CREATE TABLE users (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		name TEXT NOT NULL,
		known TEXT NOT NULL UNIQUE, -- the name as it is compared
		role TEXT NOT NULL,
		password TEXT NOT NULL, -- argon2id, in PHC's form
		made INTEGER NOT NULL
	) STRICT;
	CREATE TABLE sessions (
		secret BLOB PRIMARY KEY, -- its SHA-256
		user INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
		made INTEGER NOT NULL,
		seen INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE INDEX sessions_user ON sessions (user);
	CREATE TABLE tokens (
		name TEXT NOT NULL,
		known TEXT PRIMARY KEY,
		role TEXT NOT NULL,
		secret BLOB NOT NULL UNIQUE, -- its SHA-256
		made INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE TABLE audit (
		number INTEGER PRIMARY KEY,
		at INTEGER NOT NULL,
		who TEXT NOT NULL,
		address TEXT, -- NULL: forgotten, or there was none
		salt BLOB, -- forgotten with the address
		address_sum BLOB NOT NULL,
		what TEXT NOT NULL,
		subject TEXT NOT NULL,
		before TEXT NOT NULL,
		after TEXT NOT NULL,
		previous BLOB NOT NULL,
		sum BLOB NOT NULL
	) STRICT;`,
	`CREATE TABLE runs (
		id TEXT PRIMARY KEY,
		config TEXT NOT NULL,
		reconciliation TEXT NOT NULL,
		began INTEGER NOT NULL,
		ended INTEGER NOT NULL,
		failure TEXT NOT NULL, -- '': it is complete, and has a file
		counts TEXT NOT NULL, -- JSON
		previous TEXT NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE INDEX runs_ended ON runs (config, reconciliation, ended);`,
	`CREATE TABLE work (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		config TEXT NOT NULL,
		shop TEXT NOT NULL,
		reconciliation TEXT NOT NULL,
		night TEXT NOT NULL,
		account TEXT NOT NULL,
		account_jobs INTEGER NOT NULL,
		deadline INTEGER NOT NULL, -- milliseconds, as retry_after
		most_tries INTEGER NOT NULL,
		retry_after INTEGER NOT NULL,
		state TEXT NOT NULL,
		due INTEGER NOT NULL,
		place INTEGER NOT NULL, -- how many jobs of the shop waited before it
		needs INTEGER NOT NULL, -- what a worker has to know
		attempt INTEGER NOT NULL DEFAULT 0,
		tries INTEGER NOT NULL DEFAULT 0,
		lost INTEGER NOT NULL DEFAULT 0,
		worker TEXT NOT NULL DEFAULT '',
		lease INTEGER NOT NULL DEFAULT 0,
		began INTEGER NOT NULL DEFAULT 0,
		ended INTEGER NOT NULL DEFAULT 0,
		failure TEXT NOT NULL DEFAULT '',
		run TEXT NOT NULL DEFAULT '',
		UNIQUE (config, reconciliation, night, shop)
	) STRICT;
	CREATE INDEX work_next ON work (config, state, place, due, id);
	CREATE INDEX work_of_shop ON work (config, shop, reconciliation, id);
	CREATE TABLE workers (
		id TEXT PRIMARY KEY,
		host TEXT NOT NULL,
		pid INTEGER NOT NULL,
		version TEXT NOT NULL,
		config TEXT NOT NULL,
		jobs INTEGER NOT NULL,
		began INTEGER NOT NULL,
		seen INTEGER NOT NULL,
		draining INTEGER NOT NULL
	) STRICT;
	CREATE TABLE schedules (
		config TEXT NOT NULL,
		name TEXT NOT NULL,
		spec TEXT NOT NULL,
		since INTEGER NOT NULL,
		PRIMARY KEY (config, name, spec)
	) STRICT;`,
}

// VersionError says that a newer version of the program has written a database.
type VersionError struct {
	Path          string
	Version, Ours int
	Shared        bool // it is on PostgreSQL
}

// Error implements error.
func (e *VersionError) Error() string {
	if e.Shared {
		return fmt.Sprintf("%s was made ready for a newer version of reconcile (format %d, this one knows %d): use that version here, too", e.Path, e.Version, e.Ours)
	}
	return fmt.Sprintf("%s was written by a newer version of reconcile (format %d, this one knows %d): use that version, or name another folder with --data", e.Path, e.Version, e.Ours)
}

// migrate brings the tables to the version of this program.
func (s *Store) migrate(ctx context.Context) error {
	path := filepath.Join(s.dir, databaseName)
	version, err := s.version(ctx, s.db)
	if err != nil {
		return err
	}
	if version == len(migrations) {
		return nil
	}
	if version > 0 && version < len(migrations) {
		if err := s.keepCopy(ctx, fmt.Sprintf("%s.version%d", path, version)); err != nil {
			return err
		}
	}
	return s.within(ctx, func(tx *sql.Tx) error {
		version, err := s.version(ctx, tx) // another process may have been faster
		if err != nil {
			return err
		}
		for number := version; number < len(migrations); number++ {
			if _, err := tx.ExecContext(ctx, migrations[number]); err != nil {
				return fmt.Errorf("bring the database %s to version %d: %w", path, number+1, err)
			}
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(migrations))); err != nil {
			return fmt.Errorf("bring the database %s to version %d: %w", path, len(migrations), err)
		}
		return nil
	})
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// version returns the version of the tables; 0 if there are none. It refuses what is not ours, and what is newer.
func (s *Store) version(ctx context.Context, db querier) (int, error) {
	path := filepath.Join(s.dir, databaseName)
	var ours, version, tables int
	for _, q := range []struct {
		query string
		into  *int
	}{
		{"PRAGMA application_id", &ours}, {"PRAGMA user_version", &version}, {"SELECT count(*) FROM sqlite_schema", &tables},
	} {
		if err := db.QueryRowContext(ctx, q.query).Scan(q.into); err != nil {
			return 0, fmt.Errorf("open the database %s: %w", path, err)
		}
	}
	switch {
	case ours == 0 && version == 0 && tables == 0:
		return 0, nil
	case ours != applicationID:
		return 0, s.foreign()
	case version > len(migrations):
		return 0, &VersionError{Path: path, Version: version, Ours: len(migrations)}
	}
	return version, nil
}

// keepCopy writes a copy of the database to path, unless there is one already: then an earlier migration was stopped after it, and
// the database is still what it was.
func (s *Store) keepCopy(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := s.copyTo(ctx, path); err != nil {
		return fmt.Errorf("copy the database before it is brought to a new version: %w", err)
	}
	return nil
}

// copyTo writes a copy of the database as it is at one moment. The file is there whole or not at all.
func (s *Store) copyTo(ctx context.Context, path string) (err error) {
	out, err := replace.OpenPlain(path, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Discard()) }()
	dir, err := os.MkdirTemp(s.dir, ".copy-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	whole := filepath.Join(dir, databaseName)
	if _, err := s.db.ExecContext(ctx, "VACUUM INTO ?", whole); err != nil {
		return err
	}
	in, err := os.Open(whole)
	if err != nil {
		return err
	}
	defer in.Close()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Commit()
}
