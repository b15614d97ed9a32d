//go:build unix

package archive

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/replace"
)

// TestPipes puts a pipe in the place of a run's files. Nobody writes into it, and nobody is to wait for that.
func TestPipes(t *testing.T) {
	a := newArchive(t, "")
	run := a.keep(t, keepAll, "A-1 NS")
	changes := filepath.Join(a.dir, run.ID+changesSuffix)
	pipe := func(path string) {
		must(t, os.Remove(path))
		must(t, syscall.Mkfifo(path, 0o600))
	}
	pipe(changes)
	answered(t, "what has changed", func() {
		if _, err := a.Changes(run); !errors.Is(err, replace.ErrNotFile) {
			t.Errorf("a pipe for what has changed: %v", err)
		}
	})
	pipe(a.Path(run.ID))
	answered(t, "the run", func() {
		var damage *history.DamageError
		if _, err := a.Open(run); !errors.As(err, &damage) || damage.What != "it is no file" {
			t.Errorf("a pipe for a run: %v", err)
		}
	})
	answered(t, "the next run", func() {
		if next := a.keep(t, keepAll, "A-1 NS"); next.Previous != "" {
			t.Errorf("a run was compared with a pipe: %+v", next)
		}
	})
	pipe(filepath.Join(a.dir, lockName))
	answered(t, "the lock", func() {
		if _, err := a.locked(t.Context()); !errors.Is(err, replace.ErrNotFile) {
			t.Errorf("a pipe for the lock: %v", err)
		}
	})
}

// answered fails where f waits for what never comes.
func answered(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%s: nothing came of it in a minute", what)
	}
}
