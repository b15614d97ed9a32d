package evil

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Undying is the try whose outcome shows only when the run is over: the test looks for what is left.
const Undying = "leave a process that goes on when the run is over"

func processes() []Attempt {
	const kind = "other processes"
	at := func(what string, by Keeper, abi int, try func(*Stage) error) Attempt {
		return Attempt{kind, what, by, abi, try}
	}
	return []Attempt{
		at("signal a process of the same user", Landlock, 6, func(s *Stage) error { return unix.Kill(s.Victim, 0) }),
		at("signal the process that watches it", Landlock, 6, func(*Stage) error { return unix.Kill(os.Getppid(), 0) }),
		at("signal every process", Filter, 0, func(*Stage) error { return unix.Kill(-1, 0) }),
		at("trace a process", Filter, 0, func(s *Stage) error {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			const seize = 0x4206 // PTRACE_SEIZE, which does not stop it
			if err := call(unix.SYS_PTRACE, seize, uintptr(s.Victim)); err != nil {
				return err
			}
			var status unix.WaitStatus
			if err := call(unix.SYS_PTRACE, unix.PTRACE_INTERRUPT, uintptr(s.Victim)); err == nil {
				_, _ = unix.Wait4(s.Victim, &status, unix.WALL, nil)
			}
			return unix.PtraceDetach(s.Victim)
		}),
		at("read a process's memory", Filter, 0, func(s *Stage) error {
			var b [1]byte
			local, remote := []unix.Iovec{{Base: &b[0], Len: 1}}, []unix.RemoteIovec{{Base: 1, Len: 1}}
			_, err := unix.ProcessVMReadv(s.Victim, local, remote, 0)
			return except(err, unix.EFAULT)
		}),
		at("open a process's memory as a file", Landlock, 0, func(s *Stage) error { return opens(fmt.Sprintf("/proc/%d/mem", s.Victim)) }),
		at("open the memory of the process that watches it", Landlock, 0, func(*Stage) error { return opens(fmt.Sprintf("/proc/%d/mem", os.Getppid())) }),
		at("read a process's environment", Landlock, 0, func(s *Stage) error { return reads(fmt.Sprintf("/proc/%d/environ", s.Victim)) }),
		at("read a process's command line", Landlock, 0, func(s *Stage) error { return reads(fmt.Sprintf("/proc/%d/cmdline", s.Victim)) }),
		at("take over a process's descriptor", Filter, 0, func(s *Stage) error {
			process, err := unix.PidfdOpen(s.Victim, 0)
			if err != nil {
				return err
			}
			defer func() { _ = unix.Close(process) }()
			fd, err := unix.PidfdGetfd(process, 0, 0)
			if err == nil {
				err = unix.Close(fd)
			}
			return err
		}),
		at("change a process's limits", Filter, 0, func(s *Stage) error {
			var limit unix.Rlimit
			if err := unix.Prlimit(s.Victim, unix.RLIMIT_NOFILE, nil, &limit); err != nil {
				return err
			}
			return unix.Prlimit(s.Victim, unix.RLIMIT_NOFILE, &limit, nil)
		}),
		at("change a process's priority", Filter, 0, func(s *Stage) error {
			const kernelZero = 20 // the system call returns 20 minus the priority
			now, err := unix.Getpriority(unix.PRIO_PROCESS, s.Victim)
			if err != nil {
				return err
			}
			return unix.Setpriority(unix.PRIO_PROCESS, s.Victim, kernelZero-now)
		}),
		at("choose a process's processors", Filter, 0, func(s *Stage) error {
			var set unix.CPUSet
			if err := unix.SchedGetaffinity(s.Victim, &set); err != nil {
				return err
			}
			return unix.SchedSetaffinity(s.Victim, &set)
		}),
		at(Undying, Reaper, 0, nil),
		at("run a program of the system", Nobody, 0, func(s *Stage) error {
			// It leaves what must not outlive the run, in a session of its own and without a parent.
			cmd := exec.Command("/bin/sh", "-c", "(setsid sleep 600 &) ; exit 0")
			cmd.Env = append(os.Environ(), s.Mark)
			return cmd.Run()
		}),
	}
}

// opens reports whether a file can be opened to be read.
func opens(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return file.Close()
}

func messages() []Attempt {
	const kind = "messages between processes"
	at := func(what string, try func(*Stage) error) Attempt { return Attempt{kind, what, Filter, 0, try} }
	return []Attempt{
		at("share memory (System V)", func(s *Stage) error {
			memory, err := unix.SysvShmAttach(s.Segment, 0, unix.SHM_RDONLY)
			if err != nil {
				return err
			}
			return unix.SysvShmDetach(memory)
		}),
		at("share semaphores (System V)", func(*Stage) error { return except(call(unix.SYS_SEMGET, unix.IPC_PRIVATE, 0, 0), unix.EINVAL) }),
		at("share a queue (System V)", func(*Stage) error { return except(call(unix.SYS_MSGGET, 1, 0), unix.ENOENT) }),
		at("share a queue (POSIX)", func(*Stage) error {
			name, err := unix.BytePtrFromString("evil-none")
			if err != nil {
				return err
			}
			return except(call(unix.SYS_MQ_OPEN, uintptr(unsafe.Pointer(name)), unix.O_RDONLY), unix.ENOENT)
		}),
		{kind, "share memory (POSIX)", Landlock, 0, func(*Stage) error { return writes("/dev/shm") }},
		at("use the keys that the kernel keeps for the user", func(*Stage) error {
			_, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_USER_SESSION_KEYRING, false)
			return except(err, unix.ENOKEY)
		}),
		{kind, "type into the terminal", Landlock, 0, func(*Stage) error {
			err := opens("/dev/tty")
			if errors.Is(err, unix.ENXIO) {
				return nil // it was let through, but there is none
			}
			return err
		}},
	}
}
