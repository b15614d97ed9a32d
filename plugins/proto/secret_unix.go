//go:build !windows

package proto

import (
	"os"
	"syscall"
)

// closeOnExec keeps programs that this process starts from inheriting the file.
func closeOnExec(file *os.File) { syscall.CloseOnExec(int(file.Fd())) }
