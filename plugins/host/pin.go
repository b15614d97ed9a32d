package host

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// Pinned are the files that a connector's program consists of, as they were at one moment: what is run are private copies
// whose bytes are those that SHA256 is about. So there is no time between looking at a file and running it in which
// somebody could change it. (Where a copy cannot stand in for the file, which is so on Windows, the files are run where
// they lie, and that time is a few milliseconds.)
//
// A copy lies in a folder that only the user can enter, at the end of the same path, and beside it, in every folder of that
// path, links to all that lies beside the file itself: so a script finds what it imports, and a program its libraries.
type Pinned struct {
	// SHA256 is the one file's SHA-256 in lower-case hexadecimal digits. Of several files it is that of their hashes
	// (32 bytes each) in order.
	SHA256 string

	dir    string            // holds the copies; "" if there are none
	copies map[string]string // by the file's path as Pin was given it
}

// Pin looks at the files. The caller hands the result to Start, which closes it in the end, or closes it itself.
func Pin(files ...string) (_ *Pinned, err error) {
	p := &Pinned{copies: map[string]string{}}
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	var m *mirror
	if canMirror {
		if p.dir, err = privateDir(); err != nil {
			return nil, err
		}
		if m, err = newMirror(p.dir, files); err != nil {
			return nil, err
		}
	}
	var sums []byte
	for _, file := range files {
		sum := sha256.New()
		if m == nil {
			p.copies[file] = file
			err = hashFile(file, sum)
		} else {
			p.copies[file], err = m.copyFile(file, sum)
		}
		if err != nil {
			return nil, err
		}
		sums = sum.Sum(sums)
	}
	if len(files) > 1 {
		sum := sha256.Sum256(sums)
		sums = sum[:]
	}
	p.SHA256 = hex.EncodeToString(sums)
	return p, nil
}

func hashFile(file string, sum hash.Hash) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(sum, f); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return nil
}

// Copy returns what is to be run in place of a file.
func (p *Pinned) Copy(file string) string { return p.copies[file] }

// Dir returns the folder that holds all copies; "" if there are none.
func (p *Pinned) Dir() string { return p.dir }

// Close removes the copies. It may be called more than once, and on nil.
func (p *Pinned) Close() {
	if p != nil && p.dir != "" {
		_ = os.RemoveAll(p.dir) // the copies, and the links, not what they lead to
	}
}

// mirror is a folder with a copy of some files and links to their surroundings.
type mirror struct {
	dir  string
	real map[string]string // by the file's name: its path without links, where a program looks for its surroundings
}

// mostLinks is the largest number of a folder's entries that get links. Beside a plugin there are dozens; a folder with
// more is none of a plugin's own, and only what is looked for in all folders upwards is linked.
const mostLinks = 2000

// Node and its like look for these in every folder upwards from a script.
var lookedForUpwards = []string{"node_modules", "package.json"}

func newMirror(dir string, files []string) (*mirror, error) {
	m := &mirror{dir: dir, real: map[string]string{}}
	made := map[string]bool{} // files, and the folders above them
	for _, file := range files {
		abs, err := filepath.Abs(file)
		if err == nil {
			abs, err = filepath.EvalSymlinks(abs)
		}
		if err != nil {
			return nil, err
		}
		m.real[file] = abs
		for path := abs; !made[path]; path = filepath.Dir(path) {
			made[path] = true
		}
	}
	for _, file := range files {
		if err := os.MkdirAll(m.at(filepath.Dir(m.real[file])), 0o700); err != nil {
			return nil, fmt.Errorf("make a folder for the plugin's copy: %w", err)
		}
		for dir := filepath.Dir(m.real[file]); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if err := m.link(dir, made); err != nil {
				return nil, fmt.Errorf("link what lies beside the plugin: %w", err)
			}
		}
	}
	return m, nil
}

// at returns where in the mirror a path is.
func (m *mirror) at(path string) string { return filepath.Join(m.dir, path) }

// link makes links to what lies in a folder, but for what is made.
func (m *mirror) link(dir string, made map[string]bool) error {
	var names []string
	if f, err := os.Open(dir); err == nil { // a folder that we may enter but not list has nothing for others either
		names, _ = f.Readdirnames(mostLinks + 1)
		_ = f.Close()
	}
	if len(names) > mostLinks {
		names = lookedForUpwards
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		if made[path] {
			continue
		}
		made[path] = true
		if err := os.Symlink(path, m.at(path)); err != nil {
			return err
		}
	}
	return nil
}

// copyFile copies a file, hashes what it writes, and returns the copy's path.
func (m *mirror) copyFile(file string, sum hash.Hash) (string, error) {
	from, err := os.Open(m.real[file])
	if err != nil {
		return "", err
	}
	defer from.Close()
	if info, err := from.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a plain file", file)
	}
	path := m.at(m.real[file])
	// A process that is forked meanwhile, to start another connector, would hold the copy open for writing until it runs
	// its own program, and a file that is open for writing cannot be run: "text file busy".
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o500)
	if err != nil {
		return "", fmt.Errorf("copy %s: %w", file, err)
	}
	// A reader and a writer with methods of their own would take copying into small pieces, or out of our hands.
	_, err = io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(to, sum)}, struct{ io.Reader }{from}, make([]byte, 1<<20))
	if closeErr := to.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return "", fmt.Errorf("copy %s: %w", file, err)
	}
	return path, nil
}
