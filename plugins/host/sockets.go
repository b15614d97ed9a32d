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

// privateDir makes a folder that only the user can enter, with a path short enough for a socket. Its name holds our
// process id, so that what a killed host left behind can be told and is removed here.
func privateDir() (string, error) {
	base := os.TempDir()
	if runtime.GOOS != "windows" && len(base) > maxSocketDir {
		base = "/tmp"
	}
	sweep(base)
	dir, err := os.MkdirTemp(base, fmt.Sprintf("%s%d-", socketPrefix, os.Getpid()))
	if err != nil {
		return "", fmt.Errorf("make a folder for the connector: %w", err)
	}
	return dir, nil
}

// sweep removes the folders of hosts that are gone. What cannot be removed, or is not ours, stays.
func sweep(base string) {
	folders, err := filepath.Glob(filepath.Join(base, socketPrefix+"*-*"))
	if err != nil {
		return // the pattern is fine; nothing to do
	}
	for _, dir := range folders {
		name := strings.TrimPrefix(filepath.Base(dir), socketPrefix)
		pid, err := strconv.Atoi(name[:strings.IndexByte(name, '-')])
		if err == nil && !alive(pid) {
			_ = os.RemoveAll(dir)
		}
	}
}
