package host

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

const (
	socketPrefix = "reconcile-"
	maxSocketDir = 36 // a Unix socket's path has at most 103 bytes, and ours and go-plugin's names take up to 67
)

// privateDir makes a folder that only the user can enter, with a path short enough for a socket. The folder's name holds
// our process id: so a later call finds the folders of hosts that were killed, and removes them.
func privateDir() (string, error) {
	base := os.TempDir()
	if runtime.GOOS != "windows" && len(base) > maxSocketDir {
		base = "/tmp"
	}
	removeLeftovers(base)
	dir, err := os.MkdirTemp(base, fmt.Sprintf("%s%d-", socketPrefix, os.Getpid()))
	if err != nil {
		return "", fmt.Errorf("make a folder for the connector: %w", err)
	}
	return dir, nil
}

// removeLeftovers removes the folders of hosts that no longer run. It ignores what it cannot remove.
func removeLeftovers(base string) {
	folders, err := filepath.Glob(filepath.Join(base, socketPrefix+"*-*"))
	if err != nil {
		return // only a wrong pattern is an error
	}
	for _, dir := range folders {
		name := strings.TrimPrefix(filepath.Base(dir), socketPrefix)
		pid, err := strconv.Atoi(name[:strings.IndexByte(name, '-')])
		if err == nil && !processExists(pid) {
			_ = os.RemoveAll(dir)
		}
	}
}
