package doctor

import "golang.org/x/sys/windows"

// openFiles says nothing: there is no such limit there.
func openFiles() (limit uint64, ok bool) { return 0, false }

// freeSpace returns how many bytes the user may still write to a folder's disk.
func freeSpace(dir string) (bytes int64, ok bool) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(path, &free, nil, nil); err != nil {
		return 0, false
	}
	return int64(free), true
}
