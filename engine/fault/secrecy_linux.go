package fault

import "golang.org/x/sys/unix"

// keepMemory keeps this process's memory, which may hold a store's token, out of core dumps and from other processes of the
// user: not dumpable says so to the kernel, also where dumps go to a program, which the limit does not concern. Programs that this one
// starts inherit the limit alone. What fails leaves things as they were.
func keepMemory() {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_CORE, &limit) == nil {
		limit.Cur = 0
		_ = unix.Setrlimit(unix.RLIMIT_CORE, &limit)
	}
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}
