package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// The files of a store that belong into a backup.
const (
	DatabaseFile = databaseName
	HeadFile     = headName
)

// Snapshot writes into a folder the database as it is at one moment, and the head of the audit trail as it is then. It returns the
// names of the complete runs, which nobody may add or remove meanwhile, and the head.
func (s *Store) Snapshot(ctx context.Context, dir string) (runs []string, h Head, err error) {
	if s.Shared() {
		return nil, h, errors.New("the database is on PostgreSQL, which has programs of its own for copies")
	}
	unlock, err := s.lockTrail(ctx)
	if err != nil {
		return nil, h, err
	}
	defer unlock()
	kept, err := s.readHead()
	if err != nil {
		return nil, h, err
	}
	last, err := lastOf(ctx, s.db)
	if err != nil {
		return nil, h, fmt.Errorf("read the database: %w", err)
	}
	h = kept.settled(last).Head
	if _, err := s.db.ExecContext(ctx, "VACUUM INTO ?", filepath.Join(dir, databaseName)); err != nil {
		return nil, h, s.inWords(fmt.Errorf("copy the database: %w", err))
	}
	text, err := json.Marshal(head{Head: h})
	if err != nil {
		return nil, h, fmt.Errorf("copy the head of the audit trail: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, headName), append(text, '\n'), 0o600); err != nil {
		return nil, h, fmt.Errorf("copy the head of the audit trail: %w", err)
	}
	runs, err = completeRuns(ctx, s)
	return runs, h, err
}

// CompleteRuns returns the names of all complete runs, of whatever configuration.
func (s *Store) CompleteRuns(ctx context.Context) ([]string, error) { return completeRuns(ctx, s) }

func completeRuns(ctx context.Context, s *Store) (runs []string, err error) {
	err = s.list(ctx, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		runs = append(runs, id)
		return err
	}, "SELECT id FROM runs WHERE failure = '' ORDER BY id")
	return runs, err
}

// Inspect looks at the database in a folder that nobody uses, without changing it: whether it is whole, and of this version or an older
// one. It returns the names of the complete runs. A newer one is a *VersionError.
func Inspect(ctx context.Context, dir string) (runs []string, err error) {
	path := filepath.Join(dir, databaseName)
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db, err := sql.Open("sqlite", uriWith(path, url.Values{"mode": {"ro"}, "immutable": {"1"}}))
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", path, err)
	}
	s := &Store{dir: dir, db: db}
	defer db.Close()
	version, err := s.version(ctx, db)
	if err != nil {
		return nil, err
	}
	var said string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&said); err != nil {
		return nil, fmt.Errorf("check the database %s: %w", path, err)
	}
	if said != "ok" {
		return nil, fmt.Errorf("the database %s is damaged: %s", path, said)
	}
	if version < 2 { // there were no runs yet
		return nil, nil
	}
	return completeRuns(ctx, s)
}

// usingName is locked by all who use the store in a data folder, together, and by who replaces all of it, alone.
const usingName = "using.lock"

// restoringName is there while the data folder is being replaced, and after that was interrupted.
const restoringName = "restoring"

// ErrInUse means that somebody uses a data folder.
var ErrInUse = errors.New("it is in use: stop reconcile serve, and wait for what else uses it")

// Exclude keeps everybody else from using the data folder, which is made if it is missing, until release is called; ErrInUse if somebody
// uses it.
func Exclude(dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock := flock.New(filepath.Join(dir, usingName), flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if !locked {
		return nil, errors.Join(fmt.Errorf("%s: %w", dir, ErrInUse), lock.Close())
	}
	return lock.Close, nil
}

// Mark says that the data folder is being replaced, from then on until Unmark is called. Where it never is, because the process was killed,
// nobody can use the folder before it was replaced.
func Mark(dir string) error { return os.WriteFile(filepath.Join(dir, restoringName), nil, 0o600) }

// Unmark says that the data folder was replaced.
func Unmark(dir string) error { return os.Remove(filepath.Join(dir, restoringName)) }

// Interrupted reports whether a data folder was being replaced, and that did not come to its end.
func Interrupted(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, restoringName))
	return !errors.Is(err, fs.ErrNotExist)
}

// use says that this process uses the store, as long as it is open.
func (s *Store) use() error {
	locked, err := s.using.TryRLock()
	switch {
	case err != nil:
		return fmt.Errorf("lock the data folder: %w; name a folder that can be written with --data", err)
	case !locked:
		return fmt.Errorf("a backup is being restored into %s: wait until that is done", s.dir)
	case Interrupted(s.dir):
		return fmt.Errorf("a backup was being restored into %s, and that was interrupted: restore it again with reconcile restore", s.dir)
	}
	return nil
}
