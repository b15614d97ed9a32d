//go:build windows

package memory

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// ofMachine returns how many bytes of memory there are; 0 if that cannot be learned.
func ofMachine() int64 {
	var status struct {
		length, load                                  uint32
		total, free, totalPage, freePage              uint64
		totalVirtual, freeVirtual, freeExtendedVirtal uint64
	}
	status.length = uint32(unsafe.Sizeof(status))
	ask := windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")
	if ok, _, _ := ask.Call(uintptr(unsafe.Pointer(&status))); ok == 0 {
		return 0
	}
	return int64(status.total)
}
