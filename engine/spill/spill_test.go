package spill

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// holdEnv has the test's own program hold a folder below the one that it names until its stdin ends or it is killed.
const holdEnv = "SPILL_TEST_HOLD"

func TestMain(m *testing.M) {
	if root := os.Getenv(holdEnv); root != "" {
		hold(root)
		return
	}
	os.Exit(m.Run())
}

func hold(root string) {
	folder, err := Open(root)
	if err == nil {
		var file *File
		if file, err = folder.Create(1); err == nil {
			err = file.Append([]byte("secretless"))
		}
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(folder.Path())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// TestSweep removes what a killed process left, and nothing of one that lives.
func TestSweep(t *testing.T) {
	root := filepath.Join(t.TempDir(), "runs")
	start := func() (*exec.Cmd, string) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), holdEnv+"="+root)
		if _, err := cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		return cmd, strings.TrimSpace(line)
	}
	dead, deadPath := start()
	alive, alivePath := start()
	defer func() {
		_ = alive.Process.Kill()
		_ = alive.Wait()
	}()
	if err := dead.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = dead.Wait()
	if _, err := os.Stat(deadPath); err != nil {
		t.Fatalf("the killed process has cleaned up after itself: %v", err)
	}
	if err := Sweep(root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(deadPath); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", deadPath, err)
	}
	if _, err := os.Stat(filepath.Join(alivePath, "1")); err != nil {
		t.Errorf("a live process has lost its files: %v", err)
	}
}

func TestSweepNothing(t *testing.T) {
	if err := Sweep(filepath.Join(t.TempDir(), "absent")); err != nil {
		t.Error(err)
	}
}

// TestSweepLeavesNewcomers must not take a folder without a lock for a dead process's before it is old.
func TestSweepLeavesNewcomers(t *testing.T) {
	root := filepath.Join(t.TempDir(), "runs")
	young, old := filepath.Join(root, "run-young"), filepath.Join(root, "run-old")
	for _, path := range []string{root, young, old} {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(old, before, before); err != nil {
		t.Fatal(err)
	}
	if err := Sweep(root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left", old)
	}
}

func TestFolder(t *testing.T) {
	root := filepath.Join(t.TempDir(), "runs")
	folder, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		for _, path := range []string{root, folder.Path()} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("%s: %v %v", path, info, err)
			}
		}
	}
	var written [][]byte
	file, err := folder.Create(100)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		record := bytes.Repeat([]byte{byte(i)}, i*7%120)
		written = append(written, record)
		if err := file.Append(record[:len(record)/2], record[len(record)/2:]); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // a file can be read more than once
		r, err := file.Read(64)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range written {
			if got, err := r.Next(); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("record %d: %v %v, want %v", i, got, err, want)
			}
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("after the last record: %v", err)
		}
	}
	other, err := folder.Create(100)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Remove(); err != nil {
		t.Error(err)
	}
	if err := folder.Close(); err != nil {
		t.Error(err)
	}
	if err := folder.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	if entries, err := os.ReadDir(root); err != nil || len(entries) > 0 {
		t.Errorf("left: %v %v", entries, err)
	}
}

// TestOpenOnlyOwn refuses a folder that others can enter: somebody may have put it there to read along.
func TestOpenOnlyOwn(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the folder for temporary files is the user's own there")
	}
	root := filepath.Join(t.TempDir(), "runs")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(root); err == nil || !strings.Contains(err.Error(), "not a folder of yours alone") {
		t.Errorf("error %v", err)
	}
	if err := os.Remove(root); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), root); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(root); err == nil || !strings.Contains(err.Error(), "is no folder") {
		t.Errorf("through a link: error %v", err)
	}
}

// TestCutShort has a file lose its end while it lies on disk.
func TestCutShort(t *testing.T) {
	folder, err := Open(filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = folder.Close() }()
	file, err := folder.Create(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Append([]byte("a record")); err != nil {
		t.Fatal(err)
	}
	for _, left := range []int64{5, 0} { // also to where a record would begin
		if err := os.Truncate(filepath.Join(folder.Path(), "1"), left); err != nil {
			t.Fatal(err)
		}
		r, err := file.Read(64)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%d bytes left: error %v", left, err)
		}
	}
}
