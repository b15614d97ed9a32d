// Package store is the database of what is small and changes: people with their sessions and tokens, the audit trail, and which
// runs there are. It lies in the data folder, beside the files of runs and the Local Copies, so that one folder is all there is to
// back up.
//
// Every change of people and tokens is in the audit trail: it is written in the same transaction, or not made. No password and no
// token is kept as it is, only what tells that one is right.
//
// Several processes may use one store at a time: a server, and commands typed beside it. A store can lie on PostgreSQL, too (OpenShared):
// then processes on several machines use it, and share the data folder with the files.
//
// Statements are for both databases: parameters are $1, $2, and so on, which SQLite numbers in the same way.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// Store is an open database. Its methods may be called from several goroutines.
type Store struct {
	dir   string
	db    *sql.DB
	now   func() time.Time
	trail sync.Mutex   // of this process, and
	lock  *flock.Flock // of all: who holds both may add to the audit trail
	using *flock.Flock // held by all together
	swept atomic.Int64 // when SweepDue was true last

	server *server // nil: it is on SQLite. With it there are no locks of files: other machines would not see them
}

// all is more than any database has, where it is asked for so many at most.
const all = math.MaxInt64

// limit returns a number of rows as the database takes it: 0 is all.
func limit(most int) int64 {
	if most == 0 {
		return all
	}
	return int64(most)
}

// The files of a store, in the data folder.
const (
	databaseName = "reconcile.db"
	headName     = "audit.head"
	lockName     = "audit.lock"
	openingName  = "opening.lock" // who holds it may change how the database is kept, and its tables
)

// Open opens the store in a data folder, and makes both if they are missing. A database of an older version is brought to this
// one, after a copy of it was made; a newer one is a *VersionError.
func Open(ctx context.Context, dir string) (*Store, error) {
	return open(ctx, dir, time.Now)
}

func open(ctx context.Context, dir string, now func() time.Time) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	if err := unbound(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, databaseName)
	for _, ours := range []string{path, path + "-wal", path + "-shm", path + "-journal", filepath.Join(dir, lockName), filepath.Join(dir, openingName), filepath.Join(dir, usingName)} {
		if err := replace.CheckPlace(ours); err != nil {
			return nil, fmt.Errorf("open the database: %w; remove what is there, or name another folder with --data", err)
		}
	}
	private := flock.SetPermissions(0o600)
	s := &Store{dir: dir, now: now, lock: flock.New(filepath.Join(dir, lockName), private), using: flock.New(filepath.Join(dir, usingName), private)}
	if err := s.use(); err != nil {
		return nil, errors.Join(err, s.using.Close())
	}
	if err := s.connect(ctx); err != nil {
		return nil, errors.Join(err, s.using.Close())
	}
	return s, nil
}

// connect opens the database.
func (s *Store) connect(ctx context.Context) error {
	path := filepath.Join(s.dir, databaseName)
	var err error
	if s.db, err = sql.Open("sqlite", uri(path)); err != nil { // which does not open it yet
		return fmt.Errorf("open the database %s: %w", path, err)
	}
	s.db.SetMaxOpenConns(8)
	if err := s.begin(ctx); err != nil {
		_ = s.db.Close()
		return s.inWords(err)
	}
	return nil
}

// inWords adds to an error of SQLite what is to be done, where the disk is full: its own words are about its files.
func (s *Store) inWords(err error) error {
	var failed *sqlite.Error
	if !errors.As(err, &failed) {
		return err
	}
	// SQLITE_IOERR_SHMSIZE is that the file that processes share cannot grow.
	if code := failed.Code(); code&0xff == sqlite3.SQLITE_FULL || code == sqlite3.SQLITE_IOERR_SHMSIZE {
		return fmt.Errorf("there is no room left in the data folder %s: make some, or name another folder with --data (%w)", s.dir, err)
	}
	return err
}

// begin makes the first connection, and brings the tables to this version, once it is sure that the database is ours. One process does
// so at a time: SQLite does not wait for another one where two make a new database keep a write-ahead log, but calls the database locked.
func (s *Store) begin(ctx context.Context) error {
	opening := flock.New(filepath.Join(s.dir, openingName), flock.SetPermissions(0o600))
	if err := opening.Lock(); err != nil {
		return fmt.Errorf("open the database: %w; name a folder that can be written with --data", err)
	}
	return errors.Join(s.ready(ctx), opening.Close())
}

// ready does what begin does, for one process at a time.
func (s *Store) ready(ctx context.Context) error {
	path := filepath.Join(s.dir, databaseName)
	if err := s.checkFile(); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // SQLite makes its other files like this one
	if err != nil {
		return fmt.Errorf("open the database: %w; name a folder that can be written with --data", err)
	}
	_ = file.Close()
	if _, err := s.version(ctx, s.db); err != nil {
		return err
	}
	// The database keeps this: each later connection has a write-ahead log by itself.
	if _, err := s.db.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return fmt.Errorf("open the database %s: %w", path, err)
	}
	return s.migrate(ctx)
}

// uri returns how the driver is told to open a database: a writer waits for another one, what was committed is on disk, and what was
// removed is not there any more.
func uri(path string) string {
	query := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(60000)", "synchronous(FULL)", "foreign_keys(ON)", "secure_delete(ON)"}}
	return uriWith(path, query)
}

func uriWith(path string, query url.Values) string {
	slashed := filepath.ToSlash(path)
	escaped := (&url.URL{Path: slashed}).EscapedPath()
	if filepath.VolumeName(path) != "" && !strings.HasPrefix(slashed, "//") {
		escaped = "///" + escaped
	}
	return (&url.URL{Scheme: "file", Opaque: escaped, RawQuery: query.Encode()}).String()
}

// Close closes the database.
func (s *Store) Close() error {
	if s.Shared() {
		return s.db.Close()
	}
	return errors.Join(s.db.Close(), s.lock.Close(), s.using.Close())
}

const sweepEvery = time.Hour

// SweepDue reports whether the folder of runs is to be looked through for files that are left: once an hour, and the first time.
func (s *Store) SweepDue() bool {
	now := time.Now().UnixMilli()
	last := s.swept.Load()
	return now-last >= sweepEvery.Milliseconds() && s.swept.CompareAndSwap(last, now)
}

// Dir returns the data folder.
func (s *Store) Dir() string { return s.dir }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var users int
	return s.db.QueryRowContext(ctx, "SELECT count(*) FROM users").Scan(&users)
}

// within runs f in a transaction that writes.
func (s *Store) within(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("write to the database: %w", err)
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback() // its own error says nothing new
		return s.inWords(err)
	}
	if err := tx.Commit(); err != nil {
		return s.inWords(fmt.Errorf("write to the database: %w", err))
	}
	return nil
}

// list runs a query, and hands each row to take.
func (s *Store) list(ctx context.Context, take func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read the database: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows.Scan); err != nil {
			return fmt.Errorf("read the database: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the database: %w", err)
	}
	return nil
}

// moment is a time as the database holds it: milliseconds since 1970.
func moment(t time.Time) int64 { return t.UnixMilli() }

func timeOf(moment int64) time.Time { return time.UnixMilli(moment) }
