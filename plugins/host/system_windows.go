package host

import (
	"errors"

	"golang.org/x/sys/windows"
)

// inheritsFiles says whether a child can be handed an open file.
const inheritsFiles = false

// alive reports whether there is a process of that id, as far as can be told.
func alive(pid int) bool {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return !errors.Is(err, windows.ERROR_INVALID_PARAMETER)
	}
	_ = windows.CloseHandle(h)
	return true
}
