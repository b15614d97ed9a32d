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

// kindError is an ErrNotFile that says what there is.
type kindError struct{ mode fs.FileMode }

// Error implements error.
func (e kindError) Error() string {
	kind := "something else"
	switch {
	case e.mode.IsDir():
		kind = "a folder"
	case e.mode&fs.ModeNamedPipe != 0:
		kind = "a pipe"
	case e.mode&fs.ModeDevice != 0:
		kind = "a device"
	case e.mode&fs.ModeSocket != 0:
		kind = "a socket"
	}
	return "it is " + kind + ", not a file"
}

// Is implements the interface of errors.Is.
func (kindError) Is(target error) bool { return target == ErrNotFile }

// CheckPlace returns an error, which is ErrNotFile, if something else than a file is at a path. What is not there can become one.
// Locks, databases and what else is opened by other packages is looked at first, since some open a pipe, and wait for ever.
func CheckPlace(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().IsRegular() {
		return nil //nolint:nilerr // whoever opens it sees what is wrong
	}
	return &fs.PathError{Op: "open", Path: path, Err: kindError{info.Mode()}}
}

// OpenToRead opens a file to read it. What is no file is not opened, for which the error is ErrNotFile: whoever opens a pipe waits
// for somebody who writes into it, and may wait for ever.
func OpenToRead(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: kindError{info.Mode()}}
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
