package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// output is where a result goes: stdout, or a file that appears when the result is complete.
type output struct {
	*bufio.Writer
	file *os.File // nil for stdout
	path string
}

// openOutput prepares the file at path, or stdout where path is "". It fails now rather than after a long read.
func (a *app) openOutput(path string) (*output, error) {
	if path == "" {
		return &output{Writer: bufio.NewWriter(a.stdout)}, nil
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays, what it leads to is replaced
	}
	switch info, err := os.Stat(path); {
	case err != nil: // it is new, or opening the file beside it will say what is wrong
	case info.IsDir():
		return nil, fmt.Errorf("--output %s is a folder: name a file", path)
	case !info.Mode().IsRegular(): // a device or a pipe cannot be replaced
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("--output %s: %w", path, errors.Unwrap(err))
		}
		return &output{Writer: bufio.NewWriter(file)}, nil
	}
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:8]+".tmp")
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, fmt.Errorf("--output %s: %w", path, errors.Unwrap(err))
	}
	return &output{Writer: bufio.NewWriterSize(file, 1<<18), file: file, path: path}, nil
}

// Commit makes the result visible.
func (o *output) Commit() error {
	if err := o.Flush(); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	if o.file == nil {
		return nil
	}
	if info, err := os.Stat(o.path); err == nil {
		_ = o.file.Chmod(info.Mode().Perm()) // as the file that it replaces
	}
	if err := o.file.Close(); err != nil {
		return fmt.Errorf("write %s: %w", o.path, err)
	}
	if err := os.Rename(o.file.Name(), o.path); err != nil {
		return fmt.Errorf("write %s: %w", o.path, err)
	}
	o.file = nil
	return nil
}

// Discard removes what was not committed.
func (o *output) Discard() {
	if o.file == nil {
		return
	}
	_ = o.file.Close()
	if err := os.Remove(o.file.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(os.Stderr, "remove %s: %v\n", o.file.Name(), err)
	}
	o.file = nil
}
