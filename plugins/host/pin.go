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

	"github.com/reconcilehq/reconcile/engine/replace"
)

// Pinned are private copies of the files of a connector's program. The host runs the copies, and SHA256 is the hash of
// their bytes. So nobody can change a file between the check of its hash and the start of the program. (Windows cannot run
// copies in this way: there the host runs the files themselves, a few milliseconds after it has checked them.)
//
// Only the user can enter the folder of the copies. In it a copy has the same path as its file, and beside the copy, in
// every folder of that path, are links to everything that is beside the file. So a script finds what it imports, and a
// program finds its libraries.
type Pinned struct {
	// SHA256 is the file's SHA-256 in lower-case hexadecimal digits. If there are several files, it is the SHA-256 of their
	// hashes (32 bytes each), in order.
	SHA256 string

	dir    string            // holds the copies; "" if there are none
	copies map[string]string // the path of the copy by the path that Pin was given
}

// Pin copies the files. The caller passes the result to Start in a Command, and Process.Close closes it; a caller that
// does not start it closes it.
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
	f, err := replace.OpenToRead(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(sum, f); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return nil
}

// Copy returns the path to run in place of a file.
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
	dir      string
	realPath map[string]string // the path without symbolic links, by the file's name: programs look for other files there
}

// maxLinks is the number of entries up to which all entries of a folder get links. A plugin's own folder has dozens. A
// folder with more entries than this belongs to something else, and so does a folder for temporary files above
// a plugin's own: of these only the entries in lookedForUpwards are linked.
const maxLinks = 2000

// lookedForUpwards are names that Node and similar programs look for in every folder above a script.
var lookedForUpwards = []string{"node_modules", "package.json"}

func newMirror(dir string, files []string) (*mirror, error) {
	m := &mirror{dir: dir, realPath: map[string]string{}}
	made := map[string]bool{} // files, and the folders above them
	for _, file := range files {
		abs, err := filepath.Abs(file)
		if err == nil {
			abs, err = filepath.EvalSymlinks(abs)
		}
		if err != nil {
			return nil, err
		}
		m.realPath[file] = abs
		for path := abs; !made[path]; path = filepath.Dir(path) {
			made[path] = true
		}
	}
	for _, file := range files {
		if err := os.MkdirAll(m.pathInCopy(filepath.Dir(m.realPath[file])), 0o700); err != nil {
			return nil, fmt.Errorf("make a folder for the plugin's copy: %w", err)
		}
		own := filepath.Dir(m.realPath[file])
		for dir := own; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if err := m.linkNeighbours(dir, dir != own && isTemporary(dir), made); err != nil {
				return nil, fmt.Errorf("link what lies beside the plugin: %w", err)
			}
		}
	}
	return m, nil
}

// pathInCopy returns the place of a path in the mirror.
func (m *mirror) pathInCopy(path string) string { return filepath.Join(m.dir, path) }

// isTemporary says whether a folder is one for temporary files, such as /tmp, in which everybody's lie: what is in it is only its
// owner's to remove.
func isTemporary(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.Mode()&os.ModeSticky != 0
}

// linkNeighbours links to all entries of a folder except those in made, and adds them to made. Of a folder of strangers it links to
// those in lookedForUpwards only.
func (m *mirror) linkNeighbours(dir string, strangers bool, made map[string]bool) error {
	names := lookedForUpwards
	if !strangers {
		names = list(dir)
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		if made[path] {
			continue
		}
		made[path] = true
		if err := os.Symlink(path, m.pathInCopy(path)); err != nil {
			return err
		}
	}
	return nil
}

// list names what is in a folder; what programs look for, where that is too much.
func list(dir string) []string {
	var names []string
	if f, err := os.Open(dir); err == nil { // if we may not list a folder, the plugin may not either
		names, _ = f.Readdirnames(maxLinks + 1)
		_ = f.Close()
	}
	if len(names) > maxLinks {
		return lookedForUpwards
	}
	return names
}

// copyFile copies a file, hashes what it writes, and returns the copy's path.
func (m *mirror) copyFile(file string, sum hash.Hash) (string, error) {
	from, err := replace.OpenToRead(m.realPath[file])
	if err != nil {
		return "", err
	}
	defer from.Close()
	path := m.pathInCopy(m.realPath[file])
	// A file that is open for writing cannot be run ("text file busy"). A process that is forked while the copy is open, to
	// start another connector, would keep it open until it runs its own program: so nothing may fork here.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o500)
	if err != nil {
		return "", fmt.Errorf("copy %s: %w", file, err)
	}
	// The structs hide ReadFrom and WriteTo, with which io.CopyBuffer would ignore the buffer.
	_, err = io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(to, sum)}, struct{ io.Reader }{from}, make([]byte, 1<<20))
	if closeErr := to.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return "", fmt.Errorf("copy %s: %w", file, err)
	}
	return path, nil
}
