//go:build unix

package localcopy

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// belongsToUser refuses a folder of somebody else, who could put another copy in the place of ours.
func belongsToUser(info fs.FileInfo) error {
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
		return errors.New("belongs to another user")
	}
	return nil
}
