//go:build amd64 || arm64

package confine

import (
	"os"
	"slices"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// newestCall is the newest system call that this list has been held against. Newer ones are as if they did not exist.
const newestCall = unix.SYS_RSEQ_SLICE_YIELD

// Who may use a file, when it was changed, and what else is noted of it: Landlock has no say in this.
var metadata = []uint32{
	unix.SYS_FCHMOD, unix.SYS_FCHMODAT, unix.SYS_FCHMODAT2, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT, unix.SYS_UTIMENSAT,
	unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR, unix.SYS_SETXATTRAT,
	unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR, unix.SYS_FREMOVEXATTR, unix.SYS_REMOVEXATTRAT, unix.SYS_FILE_SETATTR,
}

// What processes share that have nothing else in common.
var shared = []uint32{
	unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_SHMDT, unix.SYS_SHMCTL,
	unix.SYS_SEMGET, unix.SYS_SEMOP, unix.SYS_SEMTIMEDOP, unix.SYS_SEMCTL,
	unix.SYS_MSGGET, unix.SYS_MSGSND, unix.SYS_MSGRCV, unix.SYS_MSGCTL,
	unix.SYS_MQ_OPEN, unix.SYS_MQ_UNLINK, unix.SYS_MQ_TIMEDSEND, unix.SYS_MQ_TIMEDRECEIVE, unix.SYS_MQ_NOTIFY, unix.SYS_MQ_GETSETATTR,
	unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL,
}

// The memory and the descriptors of other processes, and what they do.
var others = []uint32{
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE, unix.SYS_PROCESS_MRELEASE,
	unix.SYS_KCMP, unix.SYS_PIDFD_GETFD, unix.SYS_MOVE_PAGES, unix.SYS_MIGRATE_PAGES, unix.SYS_PERF_EVENT_OPEN,
	unix.SYS_INOTIFY_ADD_WATCH, unix.SYS_FANOTIFY_INIT, unix.SYS_FANOTIFY_MARK, // these tell who uses which file
}

// Ways round: what makes the kernel do things that neither Landlock nor a filter sees as they are.
var waysRound = []uint32{
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_BPF, unix.SYS_USERFAULTFD, unix.SYS_OPEN_BY_HANDLE_AT,
	unix.SYS_SETNS, unix.SYS_CHROOT, unix.SYS_PIVOT_ROOT, unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_MOVE_MOUNT, unix.SYS_OPEN_TREE,
	unix.SYS_OPEN_TREE_ATTR, unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR,
}

// The machine, which a plugin that root runs could change.
var wholeMachine = []uint32{
	unix.SYS_CLOCK_SETTIME, unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX, unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME,
	unix.SYS_REBOOT, unix.SYS_KEXEC_LOAD, unix.SYS_KEXEC_FILE_LOAD, unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE,
	unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_ACCT, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD, unix.SYS_SYSLOG, unix.SYS_VHANGUP,
	unix.SYS_NFSSERVCTL, unix.SYS_LOOKUP_DCOOKIE,
}

const (
	// The kernel's clone(2) has no bit for namespaces of time: there it is part of a signal's number.
	newNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET

	everyProcess = 0xffffffff // kill(-1)

	// The second byte of the number of an ioctl says whose it is.
	ioctlFamily = 0xff00
	wholeNumber = 0xffffffff
)

// Ioctls with which file systems change what is noted of a file, or make what Landlock does not see: those of ext4 and the
// kernel itself, XFS, versions, Btrfs, F2FS and FAT.
var fileSystemIoctls = []uint32{'f' << 8, 'X' << 8, 'v' << 8, 0x94 << 8, 0xf5 << 8, 'r' << 8}

// refusals returns what a process with these rights is refused.
func refusals(r Rights) []refusal {
	const mine = 0 // the process itself, where a call names one
	list := refuse(unix.EPERM, slices.Concat(metadata, oldMetadata, shared, others, waysRound, wholeMachine, oldMachine)...)
	list = append(list,
		refusal{unix.SYS_IOCTL, append(append(among(1, ioctlFamily, fileSystemIoctls...), among(1, wholeNumber, unix.TIOCSTI, unix.TIOCLINUX)...), allowed)},
		withBits(unix.SYS_UNSHARE, 0, newNamespaces|unix.CLONE_NEWTIME),
		unless(unix.SYS_PRLIMIT64, mine),
		unless(unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, mine),
		unless(unix.SYS_IOPRIO_SET, ioprioProcess, mine),
		unless(unix.SYS_SCHED_SETAFFINITY, mine), unless(unix.SYS_SCHED_SETSCHEDULER, mine),
		unless(unix.SYS_SCHED_SETPARAM, mine), unless(unix.SYS_SCHED_SETATTR, mine),
	)
	// Its flags are in memory, where no filter can look. Programs know what to do on kernels without it: they use clone(2).
	list = append(list, refuse(unix.ENOSYS, unix.SYS_CLONE3)...)
	list = append(list, sockets(r))
	if r.Alone && !r.Serves {
		list = append(list, refuse(unix.EPERM, unix.SYS_LISTEN)...)
	}
	if r.Alone {
		return append(list, startsNothing()...)
	}
	return append(list, withBits(unix.SYS_CLONE, 0, newNamespaces), refusal{unix.SYS_KILL, append(among(0, wholeNumber, everyProcess), allowed)})
}

// ioprioProcess is IOPRIO_WHO_PROCESS.
const ioprioProcess = 1

// startsNothing is for a process that makes threads only, and sends signals to nobody but itself.
func startsNothing() []refusal {
	list := refuse(unix.EPERM, append(oldForks, unix.SYS_EXECVE, unix.SYS_EXECVEAT,
		unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO, unix.SYS_TKILL)...)
	self := uint32(os.Getpid()) // the Go runtime interrupts its own threads, and ends itself by a signal
	return append(list, withoutBits(unix.SYS_CLONE, 0, unix.CLONE_THREAD), unless(unix.SYS_TGKILL, self), unless(unix.SYS_KILL, self))
}

// sockets refuses sockets of other kinds than r has. Some families lead out of a sandbox, such as those to the host of a virtual
// machine, and most are of no use to a connector.
func sockets(r Rights) refusal {
	var families []uint32
	if r.Network != NoNetwork {
		families = append(families, unix.AF_INET, unix.AF_INET6)
	}
	if r.Network == AnyNetwork || len(r.Sockets) > 0 {
		families = append(families, unix.AF_UNIX)
	}
	body := []bpf.Instruction{loadArgument(0)}
	for _, family := range families {
		body = append(body, bpf.JumpIf{Cond: bpf.JumpEqual, Val: family, SkipFalse: 1}, allowed)
	}
	if r.Network != NoNetwork {
		// Names of hosts are looked up with the addresses that the machine has, which are asked for so.
		body = append(body, bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_NETLINK, SkipFalse: 3},
			loadArgument(2), bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.NETLINK_ROUTE, SkipFalse: 1}, allowed)
	}
	return refusal{unix.SYS_SOCKET, append(body, answer(unix.EPERM))}
}
