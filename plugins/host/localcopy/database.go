package localcopy

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/reconcilehq/reconcile/engine/replace"
)

const (
	// tablesVersion is the version of the tables. It is the database's user_version.
	tablesVersion = 1
	// applicationID is the database's application_id, which says that the file is ours: "RcLC".
	applicationID = 0x52634c43
)

// database is an open copy, on one connection.
type database struct {
	*sql.Conn
	path    string
	pool    *sql.DB
	still   *still // what is read as it lies; nil elsewhere
	release func() // called after all is closed; may be nil
}

// open opens a copy's database. If write is true, it makes the file and the tables if they are missing; otherwise a missing
// file is the error ErrNone. The error is an *UnusableError if there is a file but it cannot be used.
func open(ctx context.Context, path string, write bool) (*database, error) {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := replace.CheckPlace(path + suffix); err != nil {
			return nil, fmt.Errorf("the Local Copy cannot be used: %w; remove what is there, and pull again", err)
		}
	}
	if write {
		// SQLite makes its other files like this one.
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, fmt.Errorf("the Local Copy cannot be written: %w; name a folder that can with --data", err)
		}
		_ = file.Close()
	} else if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	} else if err != nil {
		return nil, fmt.Errorf("read the Local Copy: %w", err)
	}
	query := url.Values{"_pragma": {"busy_timeout(10000)", "synchronous(NORMAL)", "cache_size(-65536)", "temp_store(MEMORY)"}}
	uri := url.URL{Scheme: "file", Opaque: uriPath(path), RawQuery: query.Encode()}
	db := &database{path: path}
	if err := db.connect(ctx, uri.String()); err != nil {
		return nil, err
	}
	return db, db.closeIf(db.check(ctx, write))
}

// uriPath returns a path in the form that SQLite's URIs have.
func uriPath(path string) string {
	slashed := filepath.ToSlash(path)
	escaped := (&url.URL{Path: slashed}).EscapedPath()
	switch {
	case strings.HasPrefix(slashed, "//"): // a server's share
		return "//" + escaped
	case filepath.VolumeName(path) != "":
		return "///" + escaped
	}
	return escaped
}

// check looks whose file it is, and makes the tables of a new one.
func (db *database) check(ctx context.Context, write bool) error {
	var ours, version, tables int
	for _, q := range []struct {
		query string
		into  *int
	}{
		{"PRAGMA application_id", &ours}, {"PRAGMA user_version", &version}, {"SELECT count(*) FROM sqlite_schema", &tables},
	} {
		if err := db.QueryRowContext(ctx, q.query).Scan(q.into); err != nil {
			return err
		}
	}
	switch {
	case ours == 0 && version == 0 && tables == 0:
		if !write {
			return ErrNone // made, and not pulled into
		}
		return db.make(ctx)
	case ours != applicationID:
		return &UnusableError{db.path, "is a database of another program"}
	case version != tablesVersion:
		return &UnusableError{db.path, fmt.Sprintf("was written by another version of reconcile (format %d, not %d)", version, tablesVersion)}
	}
	return nil
}

func (db *database) make(ctx context.Context) error {
	if _, err := db.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	return db.within(ctx, func() error {
		return db.run(ctx, fmt.Sprintf(`
			CREATE TABLE state (name TEXT PRIMARY KEY, value BLOB NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID;
			CREATE TABLE staged (kind TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, sum INTEGER NOT NULL,
				gone INTEGER NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
			PRAGMA application_id = %d;
			PRAGMA user_version = %d;`, applicationID, tablesVersion))
	})
}

// Close closes the database; what was not committed is gone.
func (db *database) Close() {
	if db.Conn != nil {
		_ = db.Conn.Close()
	}
	if db.pool != nil {
		_ = db.pool.Close()
	}
	if db.release != nil {
		db.release()
	}
}

func (db *database) run(ctx context.Context, statement string, args ...any) error {
	_, err := db.ExecContext(ctx, statement, args...)
	return err
}

// within runs f in a transaction that writes.
func (db *database) within(ctx context.Context, f func() error) error {
	if err := db.run(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := f(); err != nil {
		db.rollBack()
		return err
	}
	return db.run(ctx, "COMMIT")
}

// rollBack ends a transaction. Its own error says nothing new.
func (db *database) rollBack() { _ = db.run(context.Background(), "ROLLBACK") }

// read reads a state by its name into v; found is false if there is none.
func (db *database) read(ctx context.Context, name string, v any) (found bool, err error) {
	var value []byte
	var sum int64
	err = db.QueryRowContext(ctx, "SELECT value, sum FROM state WHERE name = ?", name).Scan(&value, &sum)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, err
	case sum != checkSum("", []byte(name), value):
		return false, damaged(db.path, "what it says of itself is not what was written")
	}
	if err := json.Unmarshal(value, v); err != nil {
		return false, damaged(db.path, "what it says of itself cannot be read: %v", err)
	}
	return true, nil
}

func (db *database) write(ctx context.Context, name string, v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return db.run(ctx, "INSERT OR REPLACE INTO state (name, value, sum) VALUES (?, ?, ?)", name, value, checkSum("", []byte(name), value))
}

const (
	stateCopy = "copy"
	statePull = "pull"
)

// state returns what the good copy is; ErrNone if there is none, an *UnusableError if it is of no use to the identity.
func (db *database) state(ctx context.Context, p *location) (*state, error) {
	var s state
	found, err := db.read(ctx, stateCopy, &s)
	switch {
	case err != nil:
		return nil, db.explain(err)
	case !found:
		return nil, ErrNone
	}
	if err := s.fits(db.path, p.id, p.name); err != nil {
		return nil, err
	}
	return &s, nil
}

// checkSum returns the check sum of a record. It is stored with the record.
func checkSum(kind string, key, value []byte) int64 {
	table := crc32.MakeTable(crc32.Castagnoli) // computed once, by the library
	sum := crc32.Update(0, table, []byte(kind))
	sum = crc32.Update(sum, table, []byte{0, byte(len(key)), byte(len(key) >> 8)})
	sum = crc32.Update(sum, table, key)
	return int64(crc32.Update(sum, table, value))
}

// recordTable is the name of the table with the records of a generation.
func recordTable(generation int64) string { return fmt.Sprintf("records_%d", generation) }

// explainedError is an error of SQLite in words for people.
type explainedError struct{ error }

// Unwrap returns what it says in words.
func (e *explainedError) Unwrap() error { return e.error }

// explain turns an error of SQLite into one that says what to do. For a damaged file it is an *UnusableError. An error that
// it has explained before is returned as it is.
func (db *database) explain(err error) error {
	var failed *sqlite.Error
	var done *explainedError
	if !errors.As(err, &failed) || errors.As(err, &done) {
		return err
	}
	say := func(format string, args ...any) error { return &explainedError{fmt.Errorf(format, args...)} }
	code := failed.Code() & 0xff
	if failed.Code() == sqlite3.SQLITE_IOERR_SHMSIZE { // the file that its processes share cannot grow
		code = sqlite3.SQLITE_FULL
	}
	switch code {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR: // the last: a table is not as we make them
		return damaged(db.path, "SQLite says: %v", failed)
	case sqlite3.SQLITE_FULL:
		return say("there is no room left for the Local Copy %s (%w): make some, or name another folder with --data; the last good copy is as it was", db.path, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return say("the Local Copy %s cannot be written, or its folder cannot (%w): make them writable, or name another folder with --data", db.path, err)
	case sqlite3.SQLITE_IOERR:
		return say("the disk under the Local Copy %s fails, or is full: %w", db.path, err)
	}
	return say("the Local Copy %s: %w", db.path, err)
}

// remove deletes a copy's files.
func remove(path string) error {
	var errs []error
	for _, suffix := range []string{"", "-wal", "-shm", "-journal", itemsSuffix} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// sizeOf returns the size of a database in bytes, including its write-ahead log.
func sizeOf(path string) (size int64) {
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(path + suffix); err == nil {
			size += info.Size()
		}
	}
	return size
}
