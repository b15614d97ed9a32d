package replace

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// LockFolder keeps others who call it from changing files in a folder. Windows locks no folders, so that is a file of the
// user's own.
func LockFolder(dir string) (unlock func(), err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("lock the folder: %w", err)
	}
	locks := filepath.Join(cache, "reconcile", "locks")
	if err := os.MkdirAll(locks, 0o700); err != nil {
		return nil, fmt.Errorf("lock the folder: %w", err)
	}
	sum := sha256.Sum256([]byte(dir))
	lock := flock.New(filepath.Join(locks, hex.EncodeToString(sum[:8])))
	if err := lock.Lock(); err != nil {
		return nil, fmt.Errorf("lock the folder %s: %w", dir, err)
	}
	return func() { _ = lock.Close() }, nil
}
