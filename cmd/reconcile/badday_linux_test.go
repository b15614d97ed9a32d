package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// badDay is what befalls a machine: disks that only the commands of a test see, and limits on them.
type badDay struct {
	Dir   string   // where the commands run
	Disks []string // folders that become disks of their own, with what is in them
	Size  int64    // of each; 0: 8 MiB
	Files int      // how many files a process may have open; 0: as many as here
	Steps []step
	Serve []string // reconcile's arguments: it takes the place of the program that has made the day bad, and is talked to
}

// step is a command of the program, or what happens to a disk before the next one.
type step struct {
	Fill, Lock string   // a disk that is filled to its last byte, or made read-only
	Room       int64    // so many bytes are left on the disk that is filled, in whole pages
	Run        []string // reconcile's arguments
	To         string   // its stdout, if it is to be a file
	Killed     string   // the folder of a Local Copy, which the command leaves as if it were killed at its end
}

// outcome is what came of a command.
type outcome struct {
	Status         int
	Stdout, Stderr string
}

// afterwards is what a bad day's commands have said, and what is on its disks then.
type afterwards struct {
	Outcomes []outcome
	Files    map[string]string
	Failed   string // why the day could not be made bad
}

// befall runs the commands of a bad day in namespaces of their own, where anybody may mount a disk.
func befall(t *testing.T, day badDay, env ...string) afterwards {
	t.Helper()
	cmd := day.command(t, env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EACCES) {
		t.Skipf("this system lets nobody mount a disk of their own: %v", err)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	var after afterwards
	if err := json.Unmarshal(stdout.Bytes(), &after); err != nil {
		t.Fatalf("%v: %s", err, &stdout)
	}
	if after.Failed != "" {
		t.Skipf("this system lets nobody mount a disk of their own: %s", after.Failed)
	}
	return after
}

// command starts the program of a bad day.
func (d *badDay) command(t *testing.T, env ...string) *exec.Cmd {
	t.Helper()
	spec, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, string(spec))
	cmd.Args[0] = "bad-day"
	cmd.Env = append(append(os.Environ(), "NO_COLOR=1"), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}}
	return cmd
}

// haveBadDay is the program that command starts.
func haveBadDay() {
	var day badDay
	after := afterwards{Files: map[string]string{}}
	err := json.Unmarshal([]byte(os.Args[1]), &day)
	if err == nil {
		err = day.have(&after)
	}
	if err != nil {
		after.Failed = err.Error()
	}
	if err := json.NewEncoder(os.Stdout).Encode(after); err != nil {
		os.Exit(1)
	}
}

func (d *badDay) have(after *afterwards) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	for _, dir := range d.Disks {
		if err := mountDisk(dir, max(8<<20, d.Size)); err != nil {
			return fmt.Errorf("mount %s: %w", dir, err)
		}
	}
	if d.Files > 0 {
		limit := &unix.Rlimit{Cur: uint64(d.Files), Max: uint64(d.Files)}
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, limit); err != nil {
			return err
		}
	}
	if err := os.Chdir(d.Dir); err != nil { // into the disk, if it is one now
		return err
	}
	for _, s := range d.Steps {
		switch {
		case s.Fill != "":
			if err := fillDisk(s.Fill, s.Room); err != nil {
				return err
			}
		case s.Lock != "":
			if err := unix.Mount("", s.Lock, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
				return fmt.Errorf("make %s read-only: %w", s.Lock, err)
			}
		default:
			run := s.run
			if s.Killed != "" {
				run = func() (done outcome, err error) {
					err = keepLog(s.Killed, func() (err error) {
						done, err = s.run()
						return err
					})
					return done, err
				}
			}
			done, err := run()
			if err != nil {
				return err
			}
			after.Outcomes = append(after.Outcomes, done)
		}
	}
	if len(d.Serve) > 0 {
		return unix.Exec("/proc/self/exe", append([]string{"reconcile"}, d.Serve...), os.Environ())
	}
	for _, dir := range d.Disks {
		files, err := contents(dir)
		if err != nil {
			return err
		}
		maps.Copy(after.Files, files)
	}
	return nil
}

func (s *step) run() (outcome, error) {
	cmd := exec.Command("/proc/self/exe", s.Run...)
	cmd.Args[0] = "reconcile"
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if s.To != "" {
		to, err := os.OpenFile(s.To, os.O_WRONLY, 0)
		if err != nil {
			return outcome{}, err
		}
		defer to.Close()
		cmd.Stdout = to
	}
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		return outcome{}, err
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}, nil
}

// mountDisk makes a folder a disk of its own, with what is in it.
func mountDisk(dir string, size int64) error {
	files, err := contents(dir)
	if err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d,nr_inodes=500,mode=0700", size)); err != nil {
		return err
	}
	for path, content := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// ballast is the file that fills a disk.
const ballast = ".ballast"

// fillDisk fills a disk but for some room.
func fillDisk(dir string, room int64) error {
	file, err := os.Create(filepath.Join(dir, ballast))
	if err != nil {
		return err
	}
	defer file.Close()
	for block := make([]byte, 4096); ; {
		if _, err := file.Write(block); errors.Is(err, unix.ENOSPC) {
			info, err := file.Stat()
			if err == nil && room > 0 {
				err = file.Truncate(info.Size() - room)
			}
			return err
		} else if err != nil {
			return err
		}
	}
}

// keepLog has a command that writes a Local Copy leave its log: as long as somebody reads, that is not brought in.
func keepLog(data string, command func() error) error {
	found, err := filepath.Glob(filepath.Join(data, "reconcile", "copies", "*.db"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("there is no Local Copy but %q: %w", found, err)
	}
	db, err := sql.Open("sqlite", found[0])
	if err != nil {
		return err
	}
	defer db.Close()
	reader, err := db.Begin()
	if err != nil {
		return err
	}
	var n int
	if err := reader.QueryRow("SELECT count(*) FROM state").Scan(&n); err != nil {
		return err
	}
	if err := command(); err != nil {
		return err
	}
	files := map[string][]byte{}
	for _, suffix := range []string{"", "-wal"} {
		if files[found[0]+suffix], err = os.ReadFile(found[0] + suffix); err != nil {
			return err
		}
	}
	if err := errors.Join(reader.Rollback(), db.Close()); err != nil {
		return err
	}
	for path, content := range files {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// contents returns the files below a folder, but for the ballast.
func contents(dir string) (map[string]string, error) {
	files := map[string]string{}
	return files, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ballast {
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
}

// small is a configuration of two files, and of a shop with a Local Copy.
var small = map[string]string{
	"reconcile.hcl": `
plugin "shop" {
  command = ["shop-connector"]
  sandbox = "off"
  lock    = "off"
}

source "file" "pos" {
  path = "pos.csv"
}

source "file" "web" {
  path = "web.csv"
}

source "shop" "copied" {
  platform = "platform.json"
}

reconciliation "files" {
  pos   = source.file.pos
  store = source.file.web
}

reconciliation "copy" {
  pos   = source.file.pos
  store = source.shop.copied
}

rule "N" {
  when = pos.name != store.name
}
`,
	"pos.csv":       "sku,name\nA-1,Bell\n",
	"web.csv":       "sku,name\nA-1,Gong\n",
	"platform.json": `{"version": 1, "products": {"A-1": {"name": "Gong", "price": "5", "changed": 1}}}`,
}
