package replace

import (
	"bytes"
	"math/bits"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestLetGo says that a large file which will be replaced takes no memory any more, and stays as it is until it was.
func TestLetGo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large")
	old := bytes.Repeat([]byte("0123456789abcdef"), (piece+piece/2)/16)
	if err := Write(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if before := held(t, path); before == 0 {
		t.Skip("the system holds nothing of a file that was just written")
	}
	f, err := Open(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	var at unix.Statfs_t
	if err := unix.Statfs(path, &at); err != nil {
		t.Fatal(err)
	}
	// A file system that has nothing but memory cannot give it up.
	if after := held(t, path); after > 64 && at.Type != unix.TMPFS_MAGIC && at.Type != unix.OVERLAYFS_SUPER_MAGIC {
		t.Errorf("%d pages of the old file are held in memory while the new one is written", after)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, old) {
		t.Errorf("the old file is not as it was: %d bytes, %v", len(now), err)
	}
	if _, err := f.WriteString("new"); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != "new" {
		t.Errorf("the new file has %d bytes, %v", len(now), err)
	}
}

// held returns how many pages of a file the system holds in memory.
func held(t *testing.T, path string) (n int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	memory, err := unix.Mmap(int(file.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Munmap(memory) }()
	pages := make([]byte, (len(memory)+os.Getpagesize()-1)/os.Getpagesize())
	if _, _, failed := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&memory[0])), uintptr(len(memory)), uintptr(unsafe.Pointer(&pages[0]))); failed != 0 {
		t.Fatal(failed)
	}
	for _, p := range pages {
		n += bits.OnesCount8(p & 1)
	}
	return n
}
