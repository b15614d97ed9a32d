// Package usercache has files that only save time or typing: without them everything works.
package usercache

import (
	"fmt"
	"os"
	"path/filepath"
)

// Path returns where a file of ours lies in the user's cache, whose folder it makes; only the user can read it.
func Path(name ...string) (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache: %w", err)
	}
	path := filepath.Join(append([]string{dir, "reconcile"}, name...)...)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("make the cache: %w", err)
	}
	return path, nil
}
