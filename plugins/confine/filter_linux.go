//go:build amd64 || arm64

package confine

import (
	"cmp"
	"errors"
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Where the kernel puts what a filter looks at: struct seccomp_data. Both machines are little-endian: of an argument's eight
// bytes the first four are the low ones, which is all that the arguments have which are looked at.
const (
	numberOffset   = 0
	machineOffset  = 4
	argumentOffset = 16
	argumentBytes  = 8
	wordBytes      = 4
)

// groupSize keeps the longest groups of refusals, of which none has as many as 25 instructions, within the 255 that a jump can step over.
const groupSize = 8

// HasFilter reports whether this system can refuse system calls.
func HasFilter() bool {
	// The kernel cannot load a filter from nowhere. It says so, if it can load filters.
	_, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, 0)
	return failed == unix.EFAULT
}

// refusal is what a filter does with one system call: body decides, and ends with a return, whichever way it takes.
type refusal struct {
	call uint32
	body []bpf.Instruction
}

func answer(errno unix.Errno) bpf.Instruction {
	return bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(errno)}
}

var allowed = bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW}

func loadWord(offset uint32) bpf.Instruction { return bpf.LoadAbsolute{Off: offset, Size: wordBytes} }

func loadArgument(i int) bpf.Instruction { return loadWord(argumentOffset + argumentBytes*uint32(i)) }

// refuse refuses calls, whatever their arguments.
func refuse(errno unix.Errno, calls ...uint32) (list []refusal) {
	for _, call := range calls {
		list = append(list, refusal{call, []bpf.Instruction{answer(errno)}})
	}
	return list
}

// unless refuses a call whose first arguments are not these.
func unless(call uint32, arguments ...uint32) refusal {
	var body []bpf.Instruction
	for i, value := range arguments {
		body = append(body, loadArgument(i), bpf.JumpIf{Cond: bpf.JumpEqual, Val: value, SkipTrue: 1}, answer(unix.EPERM))
	}
	return refusal{call, append(body, allowed)}
}

// withBits refuses a call of which an argument has any of those bits.
func withBits(call uint32, argument int, bits uint32) refusal {
	return refusal{call, []bpf.Instruction{loadArgument(argument),
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: bits, SkipFalse: 1}, answer(unix.EPERM), allowed}}
}

// withoutBits refuses a call of which an argument has none of those bits.
func withoutBits(call uint32, argument int, bits uint32) refusal {
	return refusal{call, []bpf.Instruction{loadArgument(argument),
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: bits, SkipTrue: 1}, answer(unix.EPERM), allowed}}
}

// among is the part of a body that refuses a call of which an argument, or what mask leaves of it, is one of values.
func among(argument int, mask uint32, values ...uint32) []bpf.Instruction {
	part := []bpf.Instruction{loadArgument(argument), bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: mask}}
	for _, value := range values {
		part = append(part, bpf.JumpIf{Cond: bpf.JumpEqual, Val: value, SkipFalse: 1}, answer(unix.EPERM))
	}
	return part
}

// program is the filter. What comes from another kind of program than this machine's own (32-bit ones, whose calls have other
// numbers) ends the process: it could not do anything, not even end.
func program(list []refusal) []bpf.Instruction {
	p := []bpf.Instruction{
		loadWord(machineOffset),
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: machine, SkipTrue: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_KILL_PROCESS},
		loadWord(numberOffset),
		bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: newestCall, SkipFalse: 1},
		answer(unix.ENOSYS), // calls of later kernels, and those of x32
	}
	// The kernel runs this once for each call that there is. It steps over groups that end before the call in question.
	list = slices.SortedFunc(slices.Values(list), func(a, b refusal) int { return cmp.Compare(a.call, b.call) })
	for group := range slices.Chunk(list, groupSize) {
		var part []bpf.Instruction
		for _, r := range group {
			part = append(part, bpf.JumpIf{Cond: bpf.JumpEqual, Val: r.call, SkipFalse: uint8(len(r.body))})
			part = append(part, r.body...)
		}
		p = append(p, bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: group[len(group)-1].call, SkipTrue: uint8(len(part))})
		p = append(p, part...)
	}
	return append(p, allowed)
}

// loadFilter has the kernel apply the filter to all threads.
func loadFilter(list []refusal) error {
	raw, err := bpf.Assemble(program(list))
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, instruction := range raw {
		filter[i] = unix.SockFilter{Code: instruction.Op, Jt: instruction.Jt, Jf: instruction.Jf, K: instruction.K}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	p := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	thread, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&p)))
	runtime.KeepAlive(filter)
	switch {
	case failed != 0:
		return failed
	case thread != 0:
		return errors.New("a thread has a filter of its own")
	}
	return nil
}
