package replace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrNotFile means that something else than a file is in a file's place: a folder, a pipe, a device.
var ErrNotFile = errors.New("it is no file")

// OpenToRead opens a file to read it. What is no file is not opened, for which the error is ErrNotFile: whoever opens a pipe waits
// for somebody who writes into it, and may wait for ever.
func OpenToRead(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: ErrNotFile}
	}
	return os.Open(path)
}

// Read returns the content of a file, as OpenToRead opens it.
func Read(path string) ([]byte, error) {
	file, err := OpenToRead(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return text, nil
}
