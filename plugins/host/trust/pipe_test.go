//go:build !windows

package trust

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPipesAreNoPlugins says that nobody waits for a pipe that stands where a plugin or a list of hashes should be.
func TestPipesAreNoPlugins(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := FindFile("pipe", dir)
	_, fetchErr := Fetch(t.Context(), pipe, os.Stdout)
	_, listErr := FetchList(t.Context(), pipe)
	for i, err := range []error{err, fetchErr, listErr} {
		if err == nil || !strings.Contains(err.Error(), "pipe is not a plain file") {
			t.Errorf("%d: %v", i, err)
		}
	}
}
