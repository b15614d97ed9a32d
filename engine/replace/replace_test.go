package replace

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestCommit says that a file keeps its content until the new one is whole, and its mode and the link to it for good.
func TestCommit(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "a.txt"), filepath.Join(dir, "link")
	if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	f, err := Open(link, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("new"); err != nil {
		t.Fatal(err)
	}
	if got := content(t, path); got != "old" {
		t.Errorf("before Commit: %q", got)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := f.Discard(); err != nil {
		t.Error(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	info, err = os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	if got := content(t, path); got != "new" {
		t.Errorf("after Commit: %q", got)
	}
}

// TestDiscard says that nothing is left of what was not committed.
func TestDiscard(t *testing.T) {
	dir := t.TempDir()
	f, err := Open(filepath.Join(dir, "a.txt"), 0o666)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("half"); err != nil {
		t.Fatal(err)
	}
	if err := f.Discard(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := Open(dir, 0o666); err == nil {
		t.Error("a folder was taken for a file")
	}
}

func TestTo(t *testing.T) {
	var b bytes.Buffer
	f := To(&b)
	if _, err := f.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil || b.String() != "text" {
		t.Errorf("%q, %v", b.String(), err)
	}
}

// TestNamed says that an error names the file that was to be written, and not the temporary one.
func TestNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	f, err := Open(path, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Discard() }()
	if err := f.file.Close(); err != nil { // so that nothing can be written
		t.Fatal(err)
	}
	_, err = f.WriteString("text")
	if err == nil {
		err = f.Commit()
	}
	if err == nil || err.Error() != "write "+path+": file already closed" {
		t.Errorf("got %v", err)
	}
}

// TestWriteAll replaces all files or none: one that cannot be written keeps the others as they were, and nothing is left.
func TestWriteAll(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "1"), filepath.Join(dir, "2")
	for _, tc := range []struct {
		second string
		want   string
		wrong  bool
	}{{two, "new", false}, {filepath.Join(dir, "none", "2"), "old", true}} {
		if err := os.WriteFile(one, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := WriteAll(Content{one, []byte("new"), 0o600}, Content{tc.second, []byte("new"), 0o600})
		if got := content(t, one); got != tc.want || (err != nil) != tc.wrong {
			t.Errorf("%s: the first file holds %q, want %q; %v", tc.second, got, tc.want, err)
		}
	}
	if got := content(t, two); got != "new" {
		t.Errorf("the second file holds %q", got)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestOddPlaces has something else than a file in a file's place. What is our own is not opened; its kind is said.
func TestOddPlaces(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	places := map[string]string{folder: "it is a folder, not a file"}
	if runtime.GOOS != "windows" {
		places[os.DevNull] = "it is a device, not a file"
	}
	for path, want := range places {
		for what, err := range map[string]error{
			"CheckPlace": CheckPlace(path), "WritePlain": WritePlain(path, []byte("x"), 0o600), "OpenToRead": func() error { _, err := OpenToRead(path); return err }(),
		} {
			if !errors.Is(err, ErrNotFile) || !strings.HasSuffix(err.Error(), want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s of %s: %v", what, path, err)
			}
		}
	}
	path := filepath.Join(dir, "new")
	if err := CheckPlace(path); err != nil {
		t.Errorf("a file that is not there yet: %v", err)
	}
	if err := WritePlain(path, []byte("text"), 0o600); err != nil || content(t, path) != "text" || CheckPlace(path) != nil {
		t.Errorf("a plain file: %v", err)
	}
}
