package replace

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLarge writes a file that is brought to disk in several pieces.
func TestLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large")
	f, err := Open(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("0123456789abcdefghijklmnopqrstuv"), 3*piece/32+1)
	for rest := want; len(rest) > 0; {
		n := min(len(rest), 1<<20)
		if _, err := f.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes in place of %d, %v", len(got), len(want), err)
	}
}

// TestFailureOnTheWay says that a failure to bring a piece to disk counts in the end, though the system tells of it only once.
func TestFailureOnTheWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large")
	if err := Write(path, []byte("as it was"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	told := errors.New("the disk is broken")
	f.temp.bring = func() (err error) {
		err, told = told, nil
		return err
	}
	if _, err := f.Write(make([]byte, piece+1)); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err == nil || !strings.Contains(err.Error(), "the disk is broken") {
		t.Errorf("it was committed: %v", err)
	}
	if err := f.Discard(); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "as it was" {
		t.Errorf("the file has %d bytes, %v", len(got), err)
	}
}
