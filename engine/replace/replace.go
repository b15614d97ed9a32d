// Package replace replaces files as a whole: at any moment a reader sees the old content or the new one. It is for results,
// configurations and accepted differences.
package replace

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// File is the new content of a file. It is written to a temporary file in the same folder; Commit renames that.
type File struct {
	*bufio.Writer
	file *os.File // nil where nothing is to be renamed
	temp *temporary
	path string
}

// Open begins to replace the file at path. If there is none, perm is the mode of the new one. If path is a link, its target
// is replaced. What cannot be replaced, such as a pipe, is written to directly. Open fails where Commit would.
func Open(path string, perm fs.FileMode) (*File, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	switch info, err := os.Stat(path); {
	case err != nil: // it is new, or opening the file beside it will say what is wrong
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder: name a file", path)
	case !info.Mode().IsRegular():
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, errors.Unwrap(err))
		}
		return To(file), nil
	default:
		perm = info.Mode().Perm()
		if info.Size() >= piece {
			letGo(path)
		}
	}
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:8]+".tmp")
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Unwrap(err))
	}
	t := &temporary{file: file, path: path, bring: file.Sync}
	return &File{Writer: bufio.NewWriterSize(t, 1<<18), file: file, temp: t, path: path}, nil
}

// OpenPlain is like Open for a file of our own: what is no file is not written to, for which the error is ErrNotFile.
func OpenPlain(path string, perm fs.FileMode) (*File, error) {
	if err := CheckPlace(path); err != nil {
		return nil, err
	}
	return Open(path, perm)
}

// To returns a File that writes to w. Commit flushes it.
func To(w io.Writer) *File { return &File{Writer: bufio.NewWriter(w)} }

// Write replaces the content of the file at path; perm is the mode of a new one.
func Write(path string, content []byte, perm fs.FileMode) error {
	f, err := Open(path, perm)
	if err != nil {
		return fmt.Errorf("write %w", err)
	}
	return f.write(content)
}

// WritePlain is like Write for a file of our own, as OpenPlain opens it.
func WritePlain(path string, content []byte, perm fs.FileMode) error {
	f, err := OpenPlain(path, perm)
	if err != nil {
		return fmt.Errorf("write %w", err)
	}
	return f.write(content)
}

func (f *File) write(content []byte) (err error) {
	if _, err = f.Writer.Write(content); err == nil {
		err = f.Commit()
	}
	if err != nil {
		return errors.Join(err, f.Discard())
	}
	return nil
}

// Content is what a file is to hold.
type Content struct {
	Path string
	Text []byte
	Mode fs.FileMode // of a new file
}

// WriteAll replaces the contents of several files that belong together. It replaces none before all are on disk, so that a
// full disk leaves all of them as they were.
func WriteAll(contents ...Content) (err error) {
	var files []*File
	defer func() {
		for _, f := range files {
			err = errors.Join(err, f.Discard())
		}
	}()
	for _, c := range contents {
		f, err := Open(c.Path, c.Mode)
		if err != nil {
			return fmt.Errorf("write %w", err)
		}
		files = append(files, f)
		if _, err := f.Writer.Write(c.Text); err != nil {
			return err
		}
		if err := f.finish(); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := f.rename(); err != nil {
			return err
		}
	}
	return nil
}

// Commit puts the new content in the old one's place.
func (f *File) Commit() error {
	if err := f.finish(); err != nil {
		return err
	}
	return f.rename()
}

// finish brings all that was written to disk.
func (f *File) finish() error {
	if err := f.Flush(); err != nil && f.file == nil {
		return fmt.Errorf("write the result: %w", err)
	} else if err != nil || f.file == nil {
		return err
	}
	if info, err := os.Stat(f.path); err == nil {
		_ = f.file.Chmod(info.Mode().Perm()) // as the file that it replaces, whatever the umask took from it
	}
	if err := errors.Join(f.temp.sync(), f.file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return nil
}

// rename gives the new content the old one's name.
func (f *File) rename() error {
	if f.file == nil {
		return nil
	}
	if err := os.Rename(f.file.Name(), f.path); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	f.file = nil
	return nil
}

// Discard removes what was not committed.
func (f *File) Discard() error {
	if f.file == nil {
		return nil
	}
	name := f.file.Name()
	f.temp.discard()
	f.file = nil
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove what was written in part: %w", err)
	}
	return nil
}
