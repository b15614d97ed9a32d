package block

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/replace"
)

// MaxConfig is how many bytes one file of a configuration can have. No shop's is near it; without it a file that nobody wrote by
// hand takes all memory, or all time. docs/limits.md lists all bounds.
const MaxConfig = 16 << 20

// ErrStopped is returned where reading was to stop.
var ErrStopped = errors.New("interrupted")

// ReadFile returns the text of a file of the configuration. Such a file can be a pipe, for which one may wait for ever: closing
// stop ends the wait.
func ReadFile(name string, stop <-chan struct{}) ([]byte, error) {
	return readUntil(name, stop, ReadAll)
}

// ReadPipe returns what comes through a pipe, at most so many bytes. Closing stop ends the wait.
func ReadPipe(name string, most int64, stop <-chan struct{}) ([]byte, error) {
	return readUntil(name, stop, func(from io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(from, most)) })
}

func readUntil(name string, stop <-chan struct{}, all func(io.Reader) ([]byte, error)) ([]byte, error) {
	type result struct {
		text []byte
		err  error
	}
	read := make(chan result, 1)
	fault.Go(func() { // which the program's end ends, if nobody writes to the pipe
		text, err := openAndRead(name, all)
		read <- result{text, err}
	})
	select {
	case r := <-read:
		return r.text, r.err
	case <-stop:
		return nil, ErrStopped
	}
}

func openAndRead(name string, all func(io.Reader) ([]byte, error)) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	return all(file)
}

// readPlain returns the text of a file of the configuration that is no pipe.
func readPlain(name string) ([]byte, error) {
	file, err := replace.OpenToRead(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	return ReadAll(file)
}

// ReadAll reads the text of a configuration, and refuses one that is too large.
func ReadAll(from io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from, MaxConfig+1))
	if err == nil && len(text) > MaxConfig {
		err = fmt.Errorf("it has more than %d MiB, which no configuration has (max_config)", MaxConfig>>20)
	}
	return text, err
}

// unreadable is the diagnostic for a file that cannot be read.
func unreadable(name string, err error) *hcl.Diagnostic {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Configuration cannot be read", Detail: fmt.Sprintf("Cannot read %s: %v.", name, err)}
}
