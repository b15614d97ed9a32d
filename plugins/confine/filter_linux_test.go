//go:build amd64 || arm64

package confine

import (
	"encoding/binary"
	"os"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

const (
	permitted = unix.SECCOMP_RET_ALLOW
	forbidden = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	unknown   = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	fatal     = unix.SECCOMP_RET_KILL_PROCESS
)

// decide runs the filter on a call, as the kernel would.
func decide(t *testing.T, r Rights, machine, call uint32, arguments ...uint64) uint32 {
	t.Helper()
	vm, err := bpf.NewVM(program(refusals(r)))
	if err != nil {
		t.Fatal(err)
	}
	// The machine that is simulated takes words with the high byte first, whatever this one does.
	data := make([]byte, argumentOffset+6*argumentBytes)
	binary.BigEndian.PutUint32(data[numberOffset:], call)
	binary.BigEndian.PutUint32(data[machineOffset:], machine)
	for i, a := range arguments {
		at := argumentOffset + argumentBytes*i
		binary.BigEndian.PutUint32(data[at:], uint32(a))
		binary.BigEndian.PutUint32(data[at+wordBytes:], uint32(a>>32))
	}
	verdict, err := vm.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(verdict)
}

// TestFilter says what the filter does with calls whose arguments count, and with some that every program needs.
func TestFilter(t *testing.T) {
	const high = 1 << 40 // the kernel does not look at the high half of these arguments
	plugin, bundled, talking := Rights{}, Rights{Network: NoNetwork, Alone: true}, Rights{Network: Internet, Alone: true}
	self := uint64(os.Getpid())
	for _, c := range []struct {
		what      string
		rights    Rights
		call      uint32
		arguments []uint64
		want      uint32
	}{
		{"read", plugin, unix.SYS_READ, nil, permitted},
		{"open", plugin, unix.SYS_OPENAT, nil, permitted},
		{"newest that is known", plugin, newestCall, nil, permitted},
		{"newer than that", plugin, newestCall + 1, nil, unknown},
		{"numbers of x32", plugin, 0x40000000 | unix.SYS_FCHMOD, nil, unknown},
		{"a process", plugin, unix.SYS_CLONE, []uint64{uint64(unix.SIGCHLD)}, permitted},
		{"a process in a namespace of users", plugin, unix.SYS_CLONE, []uint64{unix.CLONE_NEWUSER | uint64(unix.SIGCHLD)}, forbidden},
		{"the same with more", plugin, unix.SYS_CLONE, []uint64{high | unix.CLONE_NEWUSER}, forbidden},
		{"a process with flags that cannot be seen", plugin, unix.SYS_CLONE3, nil, unknown},
		{"unshare files", plugin, unix.SYS_UNSHARE, []uint64{unix.CLONE_FILES}, permitted},
		{"unshare users", plugin, unix.SYS_UNSHARE, []uint64{unix.CLONE_FILES | unix.CLONE_NEWUSER}, forbidden},
		{"unshare time", plugin, unix.SYS_UNSHARE, []uint64{unix.CLONE_NEWTIME}, forbidden},
		{"its own limits", plugin, unix.SYS_PRLIMIT64, []uint64{0, unix.RLIMIT_NOFILE}, permitted},
		{"another's limits", plugin, unix.SYS_PRLIMIT64, []uint64{1, unix.RLIMIT_NOFILE}, forbidden},
		{"its own priority", plugin, unix.SYS_SETPRIORITY, []uint64{unix.PRIO_PROCESS, 0, 5}, permitted},
		{"another's priority", plugin, unix.SYS_SETPRIORITY, []uint64{unix.PRIO_PROCESS, 7, 5}, forbidden},
		{"everybody's priority", plugin, unix.SYS_SETPRIORITY, []uint64{unix.PRIO_USER, 0, 5}, forbidden},
		{"another's processors", plugin, unix.SYS_SCHED_SETAFFINITY, []uint64{7}, forbidden},
		{"flags of a file", plugin, unix.SYS_IOCTL, []uint64{3, 0x40086602}, forbidden},
		{"flags of a file, with more", plugin, unix.SYS_IOCTL, []uint64{3, high | 0x40086602}, forbidden},
		{"a new volume of Btrfs", plugin, unix.SYS_IOCTL, []uint64{3, 0x5000940e}, forbidden},
		{"typing into a terminal", plugin, unix.SYS_IOCTL, []uint64{0, unix.TIOCSTI}, forbidden},
		{"a terminal's size", plugin, unix.SYS_IOCTL, []uint64{0, unix.TIOCGWINSZ}, permitted},
		{"a signal to its child", plugin, unix.SYS_KILL, []uint64{4711, 9}, permitted},
		{"a signal to everybody", plugin, unix.SYS_KILL, []uint64{0xffffffff, 9}, forbidden},
		{"a signal to everybody, in full", plugin, unix.SYS_KILL, []uint64{1<<64 - 1, 9}, forbidden},
		{"the internet", plugin, unix.SYS_SOCKET, []uint64{unix.AF_INET6, unix.SOCK_STREAM}, permitted},
		{"a path", plugin, unix.SYS_SOCKET, []uint64{unix.AF_UNIX, unix.SOCK_STREAM}, permitted},
		{"the machine's addresses", plugin, unix.SYS_SOCKET, []uint64{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE}, permitted},
		{"all sockets that there are", plugin, unix.SYS_SOCKET, []uint64{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_SOCK_DIAG}, forbidden},
		{"the host of this virtual machine", plugin, unix.SYS_SOCKET, []uint64{unix.AF_VSOCK, unix.SOCK_STREAM}, forbidden},
		{"the kernel's ciphers", plugin, unix.SYS_SOCKET, []uint64{unix.AF_ALG, unix.SOCK_SEQPACKET}, forbidden},
		{"another program", plugin, unix.SYS_EXECVE, nil, permitted},

		{"bundled: another program", bundled, unix.SYS_EXECVE, nil, forbidden},
		{"bundled: a process", bundled, unix.SYS_CLONE, []uint64{uint64(unix.SIGCHLD)}, forbidden},
		{"bundled: a thread", bundled, unix.SYS_CLONE, []uint64{unix.CLONE_THREAD | unix.CLONE_VM}, permitted},
		{"bundled: interrupt its own thread", bundled, unix.SYS_TGKILL, []uint64{self, self, uint64(unix.SIGURG)}, permitted},
		{"bundled: interrupt another's", bundled, unix.SYS_TGKILL, []uint64{self + 1, self + 1, uint64(unix.SIGURG)}, forbidden},
		{"bundled: a signal", bundled, unix.SYS_KILL, []uint64{self + 1, 0}, forbidden},
		{"bundled: a signal to itself", bundled, unix.SYS_KILL, []uint64{self, 0}, permitted},
		{"bundled: the internet, where it needs none", bundled, unix.SYS_SOCKET, []uint64{unix.AF_INET, unix.SOCK_STREAM}, forbidden},
		{"bundled: the internet, where it does", talking, unix.SYS_SOCKET, []uint64{unix.AF_INET, unix.SOCK_STREAM}, permitted},
		{"bundled: the machine's addresses", talking, unix.SYS_SOCKET, []uint64{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE}, permitted},
		{"bundled: the machine's addresses, where it needs none", bundled, unix.SYS_SOCKET, []uint64{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE}, forbidden},
		{"bundled: a path", talking, unix.SYS_SOCKET, []uint64{unix.AF_UNIX, unix.SOCK_STREAM}, forbidden},
		{"bundled: a path that it needs", Rights{Network: NoNetwork, Alone: true, Sockets: []string{"/run/db"}}, unix.SYS_SOCKET, []uint64{unix.AF_UNIX}, permitted},
		{"bundled: a port of its own", talking, unix.SYS_LISTEN, nil, forbidden},
		{"bundled: the sandbox's port", Rights{Network: Internet, Alone: true, Serves: true}, unix.SYS_LISTEN, nil, permitted},
		{"bundled: the connection that it has", bundled, unix.SYS_ACCEPT4, nil, permitted},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := decide(t, c.rights, machine, c.call, c.arguments...); got != c.want {
				t.Errorf("got %#x, want %#x", got, c.want)
			}
		})
	}
}

// TestFilterRefuses says that each call of the lists is refused, and that none is in them twice: what comes second would never count.
func TestFilterRefuses(t *testing.T) {
	for _, r := range []Rights{{}, {Network: NoNetwork, Alone: true}} {
		seen := map[uint32]bool{}
		for _, refused := range refusals(r) {
			if seen[refused.call] {
				t.Errorf("call %d is there twice", refused.call)
			}
			seen[refused.call] = true
		}
		for _, list := range [][]uint32{metadata, oldMetadata, shared, others, waysRound, wholeMachine, oldMachine} {
			for _, call := range list {
				if got := decide(t, r, machine, call); got != forbidden {
					t.Errorf("call %d: got %#x", call, got)
				}
			}
		}
	}
}

// TestFilterLetsOthersPass says that all calls which no list has are let through.
func TestFilterLetsOthersPass(t *testing.T) {
	for _, r := range []Rights{{}, {Network: NoNetwork, Alone: true}} {
		listed := map[uint32]bool{}
		for _, refused := range refusals(r) {
			listed[refused.call] = true
			if n := len(refused.body); n > 25 {
				t.Errorf("call %d has %d instructions: groupSize has to be less", refused.call, n)
			}
		}
		vm, err := bpf.NewVM(program(refusals(r)))
		if err != nil {
			t.Fatal(err)
		}
		data := make([]byte, argumentOffset+6*argumentBytes)
		binary.BigEndian.PutUint32(data[machineOffset:], machine)
		for call := range uint32(newestCall + 1) {
			binary.BigEndian.PutUint32(data[numberOffset:], call)
			if verdict, err := vm.Run(data); !listed[call] && (err != nil || uint32(verdict) != permitted) {
				t.Errorf("call %d: %#x, %v", call, verdict, err)
			}
		}
	}
}

// TestFilterForeignMachine says that a program for another kind of processor, whose calls have other numbers, ends at its first call.
func TestFilterForeignMachine(t *testing.T) {
	for _, other := range []uint32{unix.AUDIT_ARCH_I386, unix.AUDIT_ARCH_ARM} {
		if got := decide(t, Rights{}, other, unix.SYS_READ); got != fatal {
			t.Errorf("got %#x", got)
		}
	}
}
