package evil

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

func surroundings() []Attempt {
	const kind = "what it is given"
	return []Attempt{
		{kind, "find secrets of others in its environment", Host, 0, func(*Stage) error {
			for _, entry := range os.Environ() {
				if strings.Contains(entry, "kept-back") {
					return nil
				}
			}
			return errNothing
		}},
		{kind, "find open files of the host", Host, 0, func(*Stage) error {
			descriptors, err := os.ReadDir("/proc/self/fd")
			if err != nil {
				return err
			}
			for _, d := range descriptors {
				path, err := os.Readlink("/proc/self/fd/" + d.Name())
				own := strings.HasPrefix(path, "/proc/") || strings.HasPrefix(path, "/sys/") // the Go runtime's
				if err == nil && filepath.IsAbs(path) && path != os.DevNull && !own {
					return nil
				}
			}
			return errNothing
		}},
		{kind, "read what is typed", Host, 0, func(*Stage) error {
			n, err := os.Stdin.Read(make([]byte, 1))
			if n == 0 && errors.Is(err, io.EOF) {
				return errNothing
			}
			return err
		}},
		{kind, "allow itself a core dump", Nobody, 0, func(*Stage) error {
			return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: 1, Max: 1})
		}},
		{kind, "enter a folder that it may not read", Nobody, 0, func(s *Stage) error {
			here, err := os.Getwd()
			if err != nil {
				return err
			}
			return errors.Join(os.Chdir(s.Home), os.Chdir(here))
		}},
	}
}

func machine() []Attempt {
	const kind = "the machine, and ways round"
	at := func(what string, try func(*Stage) error) Attempt { return Attempt{kind, what, Filter, 0, try} }
	return []Attempt{
		at("have the kernel work past the filter (io_uring)", func(*Stage) error {
			return except(call(unix.SYS_IO_URING_SETUP, 1, 0), unix.EFAULT)
		}),
		at("make system calls as a 32-bit program", run32),
		at("make a namespace of its own, in which it is root", func(*Stage) error {
			cmd := exec.Command("/bin/true")
			cmd.SysProcAttr = &unix.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER}
			return cmd.Run()
		}),
		at("mount a file system", func(*Stage) error { return except(unix.Mount("none", os.TempDir(), "evil", 0, ""), unix.ENODEV) }),
		at("choose another root folder", func(*Stage) error { return unix.Chroot("/") }),
		at("put a program into the kernel (bpf)", func(*Stage) error {
			const noSuchCommand = 9999
			return except(call(unix.SYS_BPF, noSuchCommand), unix.EINVAL, unix.EFAULT, unix.E2BIG)
		}),
		at("measure what the processors do", func(*Stage) error { return except(call(unix.SYS_PERF_EVENT_OPEN), unix.EFAULT) }),
		at("stop the kernel at memory of its own (userfaultfd)", func(*Stage) error {
			fd, _, failed := unix.Syscall(unix.SYS_USERFAULTFD, unix.O_CLOEXEC, 0, 0)
			if failed != 0 {
				return failed
			}
			return unix.Close(int(fd))
		}),
		at("set the clock", func(*Stage) error {
			never := unix.Timespec{Nsec: -1}
			return except(call(unix.SYS_CLOCK_SETTIME, unix.CLOCK_REALTIME, uintptr(unsafe.Pointer(&never))), unix.EINVAL)
		}),
		at("rename the machine", func(*Stage) error {
			name, err := os.Hostname()
			if err != nil {
				return err
			}
			return unix.Sethostname([]byte(name))
		}),
		at("read the kernel's log", func(*Stage) error {
			const size = 10 // SYSLOG_ACTION_SIZE_BUFFER
			_, err := unix.Klogctl(size, nil)
			return err
		}),
		at("load a module into the kernel", func(*Stage) error {
			return except(call(unix.SYS_INIT_MODULE), unix.EFAULT, unix.ENOEXEC)
		}),
		{kind, "become another user", Capabilities, 0, func(*Stage) error {
			const nobody = 65534
			cmd := exec.Command("/bin/true")
			cmd.SysProcAttr = &unix.SysProcAttr{Credential: credential(nobody)}
			return cmd.Run()
		}},
	}
}
