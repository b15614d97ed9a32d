//go:build unix

package store

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// TestPipeAsHead puts a pipe in the place of the head of the audit trail: nobody is to wait for somebody who writes into it.
func TestPipeAsHead(t *testing.T) {
	s := newTrail(t, 1)
	path := filepath.Join(s.dir, headName)
	must(t, os.Remove(path))
	must(t, syscall.Mkfifo(path, 0o600))
	failed := make(chan error, 1)
	go func() {
		_, _, err := s.Verify(t.Context())
		failed <- err
	}()
	select {
	case err := <-failed:
		if !errors.Is(err, replace.ErrNotFile) {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("nothing came of it in a minute")
	}
}
