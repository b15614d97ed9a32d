//go:build !windows

package host

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPin says that a copy has the bytes that its hash is about whatever becomes of the file, lies where nobody else can
// write, and sees its surroundings upwards and beside it, as they are.
func TestPin(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(dir, "shop", "dist", "plugin.mjs")
	write(t, script, "one")
	write(t, filepath.Join(dir, "shop", "dist", "lib", "a.mjs"), "beside")
	write(t, filepath.Join(dir, "shop", "package.json"), "above")
	write(t, filepath.Join(dir, "node_modules", "x", "index.js"), "further above")
	link := filepath.Join(dir, "link.mjs")
	if err := os.Symlink(script, link); err != nil {
		t.Fatal(err)
	}
	p, err := Pin(link)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	write(t, script+".new", "two")
	if err := os.Rename(script+".new", script); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("one"))
	if p.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("the hash is %s", p.SHA256)
	}
	path := p.Copy(link)
	if got := read(t, path); got != "one" {
		t.Errorf("the copy reads %q", got)
	}
	if filepath.Base(path) != "plugin.mjs" {
		t.Errorf("the copy is called %s", path)
	}
	for rel, want := range map[string]string{"lib/a.mjs": "beside", "../package.json": "above", "../../node_modules/x/index.js": "further above"} {
		if got := read(t, filepath.Join(filepath.Dir(path), rel)); got != want {
			t.Errorf("%s beside the copy reads %q", rel, got)
		}
	}
	if info, err := os.Stat(p.dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the copies' folder is %v (%v)", info.Mode(), err)
	}
	p.Close()
	if _, err := os.Lstat(p.dir); err == nil {
		t.Error("the copies are still there")
	}
	if got := read(t, filepath.Join(dir, "shop", "dist", "lib", "a.mjs")); got != "beside" {
		t.Errorf("what lies beside the file was touched: %q", got)
	}
}

// TestPinSeveral says that the order and the boundaries of several files count, and that their copies see each other.
// TestPinInTemporaryFolder says that a copy does not see what others have beside its folder in the one for temporary files, which may
// be a great deal, but for what programs look for in each folder above them.
func TestPinInTemporaryFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(dir, "shop", "dist", "plugin.mjs")
	for _, path := range []string{script, filepath.Join(dir, "shop", "above.mjs"), filepath.Join(dir, "stranger"), filepath.Join(dir, "node_modules", "x.js")} {
		write(t, path, "text")
	}
	p, err := Pin(script)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for rel, want := range map[string]bool{"../above.mjs": true, "../../node_modules/x.js": true, "../../stranger": false} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(p.Copy(script)), rel)); err == nil != want {
			t.Errorf("%s: %v", rel, err)
		}
	}
}

func TestPinSeveral(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "bin", "a"), filepath.Join(dir, "lib", "b")
	write(t, a, "one")
	write(t, b, "two")
	hashes := []string{}
	for _, files := range [][]string{{a}, {b}, {a, b}, {b, a}} {
		p, err := Pin(files...)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if slices.Contains(hashes, p.SHA256) {
			t.Errorf("%v have the hash of others", files)
		}
		hashes = append(hashes, p.SHA256)
		if len(files) == 2 {
			write(t, b, "three")
			if got := read(t, filepath.Join(filepath.Dir(p.Copy(a)), "..", "lib", "b")); got != "two" {
				t.Errorf("from the one copy the other reads %q", got)
			}
			write(t, b, "two")
		}
	}
}

func TestPinFailures(t *testing.T) {
	dir := t.TempDir()
	for file, want := range map[string]string{filepath.Join(dir, "none"): "no such file", dir: "it is a folder, not a file"} {
		if _, err := Pin(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Pin(%s): %v", file, err)
		}
	}
	for _, base := range []string{os.TempDir(), "/tmp"} {
		left, err := filepath.Glob(filepath.Join(base, fmt.Sprintf("%s%d-*", socketPrefix, os.Getpid())))
		if err != nil || len(left) > 0 {
			t.Errorf("left behind: %v (%v)", left, err)
		}
	}
}
