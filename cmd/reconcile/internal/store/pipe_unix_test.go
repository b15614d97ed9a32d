//go:build unix

package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// TestPipeAsHead puts a pipe in the place of the head of the audit trail: nobody is to wait for somebody who writes into it.
func TestPipeAsHead(t *testing.T) {
	s := newTrail(t, database{}, 1)
	path := filepath.Join(s.dir, headName)
	must(t, os.Remove(path))
	must(t, syscall.Mkfifo(path, 0o600))
	err := waitFor(t, func() error {
		_, _, err := s.Verify(t.Context())
		return err
	})
	if !errors.Is(err, replace.ErrNotFile) {
		t.Error(err)
	}
}

// TestOddPlaces has a pipe and a folder in the place of each file that SQLite or a lock opens.
func TestOddPlaces(t *testing.T) {
	for _, name := range []string{databaseName, databaseName + "-wal", databaseName + "-shm", databaseName + "-journal", lockName, openingName} {
		for kind, place := range map[string]func(path string) error{
			"pipe": func(path string) error { return syscall.Mkfifo(path, 0o600) }, "folder": func(path string) error { return os.Mkdir(path, 0o700) },
		} {
			dir := t.TempDir()
			must(t, place(filepath.Join(dir, name)))
			failed := waitFor(t, func() error {
				s, err := Open(t.Context(), dir)
				if err == nil {
					err = s.Close()
				}
				return err
			})
			if !errors.Is(failed, replace.ErrNotFile) || !strings.Contains(failed.Error(), name) || !strings.Contains(failed.Error(), kind) {
				t.Errorf("a %s as %s: %v", kind, name, failed)
			}
		}
	}
}

// waitFor returns what f does, which is not to wait for somebody who writes into a pipe.
func waitFor(t *testing.T, f func() error) error {
	t.Helper()
	failed := make(chan error, 1)
	go func() { failed <- f() }()
	select {
	case err := <-failed:
		return err
	case <-time.After(time.Minute):
		t.Fatal("nothing came of it in a minute")
	}
	return nil
}
