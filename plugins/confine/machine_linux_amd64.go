package confine

import "golang.org/x/sys/unix"

const machine = unix.AUDIT_ARCH_X86_64

// What later machines no longer have.
var (
	oldMetadata = []uint32{unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN, unix.SYS_UTIME, unix.SYS_UTIMES, unix.SYS_FUTIMESAT}
	oldForks    = []uint32{unix.SYS_FORK, unix.SYS_VFORK}
	oldMachine  = []uint32{unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_USELIB, unix.SYS_USTAT, unix.SYS_SYSFS, unix.SYS__SYSCTL}
)
