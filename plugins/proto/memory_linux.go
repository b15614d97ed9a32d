package proto

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// ShareMemory makes memory to share with one connector. theirs are the files that its process inherits, by the variables that tell their
// numbers; the caller closes them when it was started.
func ShareMemory() (m *SharedMemory, theirs map[string]*os.File, err error) {
	fd, err := unix.MemfdCreate("reconcile-batches", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, nil, fmt.Errorf("make memory to share: %w", err)
	}
	file := os.NewFile(uintptr(fd), "batches")
	fail := func(err error) (*SharedMemory, map[string]*os.File, error) {
		_ = file.Close()
		return nil, nil, fmt.Errorf("make memory to share: %w", err)
	}
	if err := file.Truncate(places * placeSize); err != nil {
		return fail(err)
	}
	// Memory that became smaller would end the host when it looks at it.
	if _, err := unix.FcntlInt(file.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL); err != nil {
		return fail(err)
	}
	memory, err := unix.Mmap(fd, 0, places*placeSize, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return fail(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		unmap(memory)
		return fail(err)
	}
	return &SharedMemory{memory: memory, freed: write}, map[string]*os.File{MemoryEnv: file, FreedEnv: read}, nil
}

// InheritMemory returns the memory that the host of this process shares with it; nil if it does not.
func InheritMemory() *Places {
	file, freed := inherited(MemoryEnv), inherited(FreedEnv)
	if file == nil || freed == nil {
		return nil
	}
	var memory []byte
	info, err := file.Stat()
	if err == nil && info.Size() != places*placeSize { // the host is of another version: its file was replaced while it runs
		err = errNotShared
	}
	if err == nil {
		memory, err = unix.Mmap(int(file.Fd()), 0, places*placeSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	}
	_ = file.Close()
	if err != nil {
		_ = freed.Close()
		return nil
	}
	return newPlaces(memory, freed)
}

// inherited returns a file that the host hands down, whose number a variable tells; nil if it does not.
func inherited(variable string) *os.File {
	number := os.Getenv(variable)
	_ = os.Unsetenv(variable)
	fd, err := strconv.Atoi(number)
	if err != nil {
		return nil
	}
	file := os.NewFile(uintptr(fd), variable)
	if file != nil {
		closeOnExec(file)
	}
	return file
}

func unmap(memory []byte) { _ = unix.Munmap(memory) }
