package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// JournalsFolder is the folder, in a data folder, of the journals of what was done to stores, and of plans that were made for that.
const JournalsFolder = "applied"

// ErrApplying says that somebody else changes a store.
var ErrApplying = errors.New("another reconcile apply or revert is at work with this data folder: wait until it is done")

// LockJournals makes the folder for journals in the data folder, and makes sure that nobody else writes there until unlock is called.
func LockJournals(data string) (dir string, unlock func() error, err error) {
	dir = filepath.Join(data, JournalsFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("make the folder for journals: %w", err)
	}
	path := filepath.Join(dir, "lock")
	if err := replace.CheckPlace(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", nil, fmt.Errorf("lock the folder for journals: %w", err)
	}
	lock := flock.New(path, flock.SetPermissions(0o600))
	switch ours, err := lock.TryLock(); {
	case err != nil:
		return "", nil, fmt.Errorf("lock the folder for journals: %w", err)
	case !ours:
		return "", nil, ErrApplying
	}
	return dir, lock.Unlock, nil
}
