package evil

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"
)

func reads(path string) error {
	_, err := os.ReadFile(path)
	return err
}

func writes(dir string) error {
	file, err := os.CreateTemp(dir, "evil-")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// own returns a path in the plugin's own folder.
func own(name string) string { return filepath.Join(os.TempDir(), name) }

func reading() []Attempt {
	const kind = "reading"
	at := func(what string, try func(*Stage) error) Attempt { return Attempt{kind, what, Landlock, 0, try} }
	return []Attempt{
		at("read a file beside the configuration", func(s *Stage) error { return reads(s.Secret) }),
		at("read the configuration", func(s *Stage) error { return reads(s.Config) }),
		at("list the configuration's folder", func(s *Stage) error { _, err := os.ReadDir(filepath.Dir(s.Config)); return err }),
		at("read a file at home", func(s *Stage) error { return reads(filepath.Join(s.Home, "diary")) }),
		at("read the passwords of the system", func(*Stage) error { return reads("/etc/shadow") }),
		at("read a file by a symbolic link in its own folder", func(s *Stage) error {
			if err := os.Symlink(s.Secret, own("link")); err != nil {
				return err
			}
			defer func() { _ = os.Remove(own("link")) }()
			return reads(own("link"))
		}),
		at("read a file by a hard link in its own folder", func(s *Stage) error {
			err := os.Link(s.Secret, own("hard"))
			defer func() { _ = os.Remove(own("hard")) }()
			if errors.Is(err, unix.EXDEV) { // also the kernel's answer where a link would get new rights
				return fmt.Errorf("%w: %w", os.ErrPermission, err)
			}
			return errors.Join(err, reads(own("hard")))
		}),
		at("read a file through another process's working directory", func(s *Stage) error {
			return reads(fmt.Sprintf("/proc/%d/cwd/%s", s.Victim, filepath.Base(s.Secret)))
		}),
		{kind, "open a file by its number, past all folders", Filter, 0, func(s *Stage) error {
			handle, _, err := unix.NameToHandleAt(unix.AT_FDCWD, s.Secret, 0)
			if err != nil {
				return err
			}
			root, err := unix.Open("/", unix.O_PATH, 0)
			if err != nil {
				return err
			}
			defer func() { _ = unix.Close(root) }()
			fd, err := unix.OpenByHandleAt(root, handle, unix.O_RDONLY)
			if err == nil {
				return unix.Close(fd)
			}
			return except(err, unix.EBADF, unix.ESTALE) // it was let through
		}},
		{kind, "watch who uses which file of a folder", Filter, 0, func(s *Stage) error {
			fd, err := unix.InotifyInit1(0)
			if err != nil {
				return err
			}
			defer func() { _ = unix.Close(fd) }()
			_, err = unix.InotifyAddWatch(fd, s.Home, unix.IN_ALL_EVENTS)
			return err
		}},
		{kind, "learn whether a file exists, and its size", Nobody, 0, func(s *Stage) error { _, err := os.Stat(s.Secret); return err }},
		{kind, "lock a file that it may read, so that others wait", Nobody, 0, func(s *Stage) error {
			file, err := os.Open(s.Given)
			if err != nil {
				return err
			}
			defer file.Close()
			return unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB)
		}},
	}
}

func writing() []Attempt {
	const kind = "writing"
	at := func(what string, try func(*Stage) error) Attempt { return Attempt{kind, what, Landlock, 0, try} }
	return []Attempt{
		at("make a file beside the configuration", func(s *Stage) error { return writes(filepath.Dir(s.Config)) }),
		at("make a file where everybody may", func(s *Stage) error { return writes(s.Common) }),
		at("make a file at home", func(s *Stage) error { return writes(s.Home) }),
		at("write to the file of its setting", func(s *Stage) error {
			file, err := os.OpenFile(s.Given, os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				return err
			}
			return file.Close()
		}),
		{kind, "cut the file of its setting short", Landlock, 3, func(s *Stage) error {
			info, err := os.Stat(s.Given)
			if err != nil {
				return err
			}
			return os.Truncate(s.Given, info.Size())
		}},
		at("rename the file of its setting", func(s *Stage) error {
			err := unix.Rename(s.Given, s.Given+".moved")
			if err == nil {
				err = unix.Rename(s.Given+".moved", s.Given)
			}
			return err
		}),
		at("delete a file", func(s *Stage) error {
			path := filepath.Join(s.Home, "draft")
			err := os.Remove(path)
			if err == nil {
				err = os.WriteFile(path, nil, 0o600)
			}
			return err
		}),
		at("make a file beside its own program", func(*Stage) error {
			self, err := os.Executable()
			if err != nil {
				return err
			}
			return writes(filepath.Dir(self))
		}),
		{kind, "make a device, such as the disk as a whole", Capabilities, 0, func(*Stage) error {
			const device = 1<<8 | 7 // /dev/full
			err := unix.Mknod(own("device"), unix.S_IFCHR|0o600, device)
			_ = os.Remove(own("device"))
			return err
		}},
		{kind, "make a file in its own folder", Nobody, 0, func(*Stage) error { return writes("") }},
	}
}

func metadata() []Attempt {
	at := func(what string, try func(*Stage) error) Attempt {
		return Attempt{"what is noted of files", what, Filter, 0, try}
	}
	opened := func(s *Stage, do func(fd int) error) error {
		fd, err := unix.Open(s.Given, unix.O_RDONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(do(fd), unix.Close(fd))
	}
	return []Attempt{
		at("change who may use a file", func(s *Stage) error { return unix.Fchmodat(unix.AT_FDCWD, s.Secret, 0o600, 0) }),
		at("do so by a descriptor", func(s *Stage) error { return opened(s, func(fd int) error { return unix.Fchmod(fd, 0o600) }) }),
		at("give a file away", func(s *Stage) error {
			return unix.Fchownat(unix.AT_FDCWD, s.Secret, os.Getuid(), os.Getgid(), 0)
		}),
		at("change when a file was changed", func(s *Stage) error {
			times := []unix.Timespec{{Nsec: unix.UTIME_NOW}, {Nsec: unix.UTIME_NOW}}
			return unix.UtimesNanoAt(unix.AT_FDCWD, s.Secret, times, 0)
		}),
		at("change a file's attributes", func(s *Stage) error {
			return except(unix.Setxattr(s.Secret, "user.evil", []byte("x"), 0), unix.ENOTSUP)
		}),
		at("change a file's flags", func(s *Stage) error {
			return opened(s, func(fd int) error {
				flags := 0
				_, _, failed := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.FS_IOC_GETFLAGS, uintptr(unsafe.Pointer(&flags)))
				if failed == 0 {
					_, _, failed = unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.FS_IOC_SETFLAGS, uintptr(unsafe.Pointer(&flags)))
				}
				return except(failed, 0, unix.ENOTTY, unix.EOPNOTSUPP)
			})
		}),
	}
}
