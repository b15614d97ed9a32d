//go:build unix

package localcopy

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// TestPipes has a pipe in the place of each file of a Local Copy. Nobody waits for somebody who writes into it: a pull and a read say
// what is there, and leave it.
func TestPipes(t *testing.T) {
	key := func(path string) string { return filepath.Join(filepath.Dir(path), "key") }
	for _, c := range []struct {
		name        string
		of          func(path string) string
		pull, reads bool // it fails
	}{
		{"the copy", func(path string) string { return path }, true, true},
		{"its log", func(path string) string { return path + "-wal" }, true, true},
		{"its index", func(path string) string { return path + "-shm" }, true, true},
		{"its lock", func(path string) string { return path + ".lock" }, true, false},
		{"the key", key, true, true},
	} {
		s, f := newStore(t), In(t.TempDir())
		path := c.of(s.refresh(f, testID, RefreshRequest{}).Path)
		_ = os.Remove(path) // it need not be there
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		for what, do := range map[string]struct {
			f     func() error
			fails bool
		}{
			"a pull": {func() error { _, err := f.Refresh(t.Context(), testID, s, RefreshRequest{}); return err }, c.pull},
			"a read": {func() error {
				all, err := readAll(f, testID)
				if err == nil && !cmp.Equal(all, s.products) {
					t.Errorf("a pipe for %s: %v is read", c.name, all)
				}
				return err
			}, c.reads},
		} {
			done := make(chan error, 1)
			go func() { done <- do.f() }()
			select {
			case err := <-done:
				if do.fails != errors.Is(err, replace.ErrNotFile) || err != nil && !do.fails {
					t.Errorf("a pipe for %s: %s: %v", c.name, what, err)
				}
			case <-time.After(time.Minute):
				t.Fatalf("a pipe for %s: nothing came of %s in a minute", c.name, what)
			}
		}
		if info, err := os.Lstat(path); err != nil || info.Mode().IsRegular() {
			t.Errorf("a pipe for %s is gone: %v, %v", c.name, info, err)
		}
	}
}
