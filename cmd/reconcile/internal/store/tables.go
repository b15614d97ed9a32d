package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/wakes"
)

// step is a step from one version of the tables on PostgreSQL to the next. One that was released is never changed.
type step struct {
	statements string
	river      int // the version of River's tables after it; 0: they stay as they are
	// needs is the oldest version of the program that can use the tables after it. Those that run already go on where theirs is not older:
	// machines get a new version one after the other.
	needs int
}

// steps bring the tables on PostgreSQL from one version to the next: the first makes version 1. They are what migrations are for SQLite. Text
// is compared by its bytes, as SQLite does.
var steps = []step{
	{needs: 1, statements: `CREATE TABLE users (
		id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		name TEXT COLLATE "C" NOT NULL,
		known TEXT COLLATE "C" NOT NULL UNIQUE,
		role TEXT COLLATE "C" NOT NULL,
		password TEXT COLLATE "C" NOT NULL,
		made BIGINT NOT NULL
	);
	CREATE TABLE sessions (
		secret BYTEA PRIMARY KEY,
		"user" BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
		made BIGINT NOT NULL,
		seen BIGINT NOT NULL
	);
	CREATE INDEX sessions_user ON sessions ("user");
	CREATE TABLE tokens (
		name TEXT COLLATE "C" NOT NULL,
		known TEXT COLLATE "C" PRIMARY KEY,
		role TEXT COLLATE "C" NOT NULL,
		secret BYTEA NOT NULL UNIQUE,
		made BIGINT NOT NULL
	);
	CREATE TABLE audit (
		number BIGINT PRIMARY KEY,
		at BIGINT NOT NULL,
		who TEXT COLLATE "C" NOT NULL,
		address TEXT COLLATE "C",
		salt BYTEA,
		address_sum BYTEA NOT NULL,
		what TEXT COLLATE "C" NOT NULL,
		subject TEXT COLLATE "C" NOT NULL,
		before TEXT COLLATE "C" NOT NULL,
		after TEXT COLLATE "C" NOT NULL,
		previous BYTEA NOT NULL,
		sum BYTEA NOT NULL
	);
	CREATE TABLE runs (
		id TEXT COLLATE "C" PRIMARY KEY,
		config TEXT COLLATE "C" NOT NULL,
		reconciliation TEXT COLLATE "C" NOT NULL,
		began BIGINT NOT NULL,
		ended BIGINT NOT NULL,
		failure TEXT COLLATE "C" NOT NULL,
		counts TEXT COLLATE "C" NOT NULL,
		previous TEXT COLLATE "C" NOT NULL
	);
	CREATE INDEX runs_ended ON runs (config, reconciliation, ended);`},
	{needs: 1, statements: `CREATE TABLE work (
		id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		config TEXT COLLATE "C" NOT NULL,
		shop TEXT COLLATE "C" NOT NULL,
		reconciliation TEXT COLLATE "C" NOT NULL,
		night TEXT COLLATE "C" NOT NULL,
		account TEXT COLLATE "C" NOT NULL,
		account_jobs BIGINT NOT NULL,
		deadline BIGINT NOT NULL, -- milliseconds, as retry_after
		most_tries BIGINT NOT NULL,
		retry_after BIGINT NOT NULL,
		state TEXT COLLATE "C" NOT NULL,
		due BIGINT NOT NULL,
		place BIGINT NOT NULL, -- how many jobs of the shop waited before it
		needs BIGINT NOT NULL, -- what a worker has to know
		attempt BIGINT NOT NULL DEFAULT 0,
		tries BIGINT NOT NULL DEFAULT 0,
		lost BIGINT NOT NULL DEFAULT 0,
		worker TEXT COLLATE "C" NOT NULL DEFAULT '',
		lease BIGINT NOT NULL DEFAULT 0,
		began BIGINT NOT NULL DEFAULT 0,
		ended BIGINT NOT NULL DEFAULT 0,
		failure TEXT COLLATE "C" NOT NULL DEFAULT '',
		run TEXT COLLATE "C" NOT NULL DEFAULT '',
		UNIQUE (config, reconciliation, night, shop)
	);
	CREATE INDEX work_next ON work (config, state, place, due, id);
	CREATE INDEX work_of_shop ON work (config, shop, reconciliation, id);
	CREATE TABLE workers (
		id TEXT COLLATE "C" PRIMARY KEY,
		host TEXT COLLATE "C" NOT NULL,
		pid BIGINT NOT NULL,
		version TEXT COLLATE "C" NOT NULL,
		config TEXT COLLATE "C" NOT NULL,
		jobs BIGINT NOT NULL,
		began BIGINT NOT NULL,
		seen BIGINT NOT NULL,
		draining BIGINT NOT NULL
	);
	CREATE TABLE schedules (
		config TEXT COLLATE "C" NOT NULL,
		name TEXT COLLATE "C" NOT NULL,
		spec TEXT COLLATE "C" NOT NULL,
		since BIGINT NOT NULL,
		PRIMARY KEY (config, name, spec)
	);`},
	// Programs that are older plan jobs without waking anybody, and ask the table each second.
	{needs: 1, river: wakes.Tables},
}

// migrateShared brings the tables on PostgreSQL to the version of this program, and returns the name that the database was given when they
// were made. One process does so at a time. River's tables come first, each version of them in a transaction of its own: PostgreSQL
// does not let all be made in one.
func (s *Store) migrateShared(ctx context.Context) (id string, err error) {
	if err := s.within(ctx, func(tx *sql.Tx) error { return s.makeFormat(ctx, tx) }); err != nil {
		return "", err
	}
	version, needs := 0, 0
	if err := s.db.QueryRowContext(ctx, "SELECT version, needs, id FROM format").Scan(&version, &needs, &id); err != nil {
		return "", s.server.failed("open", err)
	}
	switch {
	case id == "":
		return "", errors.New(s.server.at + " is damaged: its table format has no id")
	case needs > len(steps):
		return "", &VersionError{Path: s.server.at, Version: version, Ours: len(steps), Shared: true}
	case version >= len(steps):
		return id, nil
	}
	for _, step := range steps[version:] {
		if step.river > 0 {
			if err := wakes.Migrate(ctx, s.db, step.river); err != nil {
				return "", s.server.failed("bring to a new version", err)
			}
		}
	}
	return id, s.within(ctx, func(tx *sql.Tx) error {
		for _, step := range steps[version:] {
			if _, err := tx.ExecContext(ctx, step.statements); err != nil {
				return s.server.failed("bring to a new version", err)
			}
		}
		_, err := tx.ExecContext(ctx, "UPDATE format SET version = $1, needs = $2", len(steps), steps[len(steps)-1].needs)
		return err
	})
}

// makeFormat makes the schema, and the table that says of which version the others are, unless they are there.
func (s *Store) makeFormat(ctx context.Context, tx *sql.Tx) error {
	tables, ours := 0, 0
	if err := tx.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(CASE WHEN tablename = 'format' THEN 1 ELSE 0 END), 0) FROM pg_tables WHERE schemaname = $1", s.server.where).Scan(&tables, &ours); err != nil {
		return s.server.failed("open", err)
	}
	switch {
	case tables == 0:
		id := rand.Text()
		if _, err := tx.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS `+s.server.where+`; CREATE TABLE `+s.server.where+`.format (version BIGINT NOT NULL, needs BIGINT NOT NULL, id TEXT NOT NULL); INSERT INTO `+s.server.where+`.format VALUES (0, 0, '`+id+`')`); err != nil {
			return s.server.failed("make tables in", err)
		}
	case ours == 0:
		return fmt.Errorf("the schema %s in %s has tables of another program: name another one, with ?search_path=NAME at the end of the address", s.server.where, s.server.at)
	}
	return nil
}
