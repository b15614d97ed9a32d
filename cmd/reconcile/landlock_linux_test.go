package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// hasLandlock reports whether this kernel can confine plugins.
func hasLandlock() bool { return host.SandboxLevel() == host.Confined }

// runWithoutLandlock runs a command as on a kernel that has no Landlock.
func runWithoutLandlock() { runWithoutCall(unix.SYS_LANDLOCK_CREATE_RULESET) }

// runWithoutFilter runs a command as on a kernel that has no filters of system calls.
func runWithoutFilter() { runWithoutCall(unix.SYS_SECCOMP) }

// runWithoutCall runs a command with a filter that answers one system call as a kernel does which does not have it.
func runWithoutCall(call uint32) {
	const number = 0 // the call's offset in struct seccomp_data
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: number},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: call, Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	if err == nil {
		// All threads are to have it, whichever of them becomes the command.
		_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
		if errno != 0 {
			err = errno
		}
	}
	path := ""
	if err == nil {
		path, err = exec.LookPath(os.Args[1])
	}
	if err == nil {
		err = syscall.Exec(path, os.Args[1:], os.Environ())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
