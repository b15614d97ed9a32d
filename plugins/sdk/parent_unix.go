//go:build !windows

package sdk

import (
	"os"
	"time"
)

// waitForExit returns when the process, our parent, is gone.
func waitForExit(pid int) {
	for os.Getppid() == pid {
		time.Sleep(time.Second)
	}
}
