package confine

import "golang.org/x/sys/unix"

const machine = unix.AUDIT_ARCH_AARCH64

// This machine never had what others keep for old programs.
var oldMetadata, oldForks, oldMachine []uint32
