//go:build !linux

package proto

import (
	"errors"
	"os"
)

// ShareMemory fails: only Linux has memory that cannot become smaller behind our back.
func ShareMemory() (m *SharedMemory, theirs map[string]*os.File, err error) {
	return nil, nil, errors.ErrUnsupported
}

// InheritMemory returns nil: no host shares memory here.
func InheritMemory() *Places { return nil }

func unmap([]byte) {}
