package table

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// content is a file's bytes, readable any number of times, as they were when it was opened.
type content struct {
	io.ReaderAt
	size     int64
	modified time.Time // zero for what is not a regular file
	file     *os.File  // nil for what is not a regular file
	path     string
}

// unchanged returns an error if the file is not the one any more that was opened, or was written to.
func (c *content) unchanged() error {
	if c.file == nil {
		return nil
	}
	opened, err := c.file.Stat()
	if err != nil {
		return err
	}
	now, err := os.Stat(c.path)
	if err != nil || !os.SameFile(opened, now) || opened.Size() != c.size || !opened.ModTime().Equal(c.modified) {
		return fmt.Errorf("file %q changed while it was read; run again", c.path)
	}
	return nil
}

func (c *content) close() error {
	if c.file == nil {
		return nil
	}
	return c.file.Close()
}

// opener opens one path. What can be read only once, such as a named pipe, it reads once and holds in memory.
type opener struct {
	path string

	mu   sync.Mutex
	pipe *slurp
}

// slurp is the reading of a pipe, which is under way until done is closed.
type slurp struct {
	done chan struct{}
	data []byte
	err  error
}

func (o *opener) open(ctx context.Context) (*content, error) {
	// Asking Windows for the state of a named pipe would open it.
	if !strings.HasPrefix(strings.ReplaceAll(o.path, "/", `\`), `\\.\pipe\`) {
		info, err := os.Stat(o.path)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return nil, fmt.Errorf("file %q does not exist: paths are relative to the configuration's folder", o.path)
		case err != nil:
			return nil, fmt.Errorf("open the file: %w", err)
		case info.IsDir():
			return nil, fmt.Errorf("%q is a folder, not a file", o.path)
		case info.Mode().IsRegular():
			return o.regular()
		}
	}
	return o.stream(ctx)
}

func (o *opener) regular() (*content, error) {
	file, err := os.Open(o.path)
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the file: %w", err), file.Close())
	}
	return &content{file, info.Size(), info.ModTime(), file, o.path}, nil
}

func (o *opener) stream(ctx context.Context) (*content, error) {
	o.mu.Lock()
	if o.pipe == nil {
		o.pipe = &slurp{done: make(chan struct{})}
		// Opening a pipe waits for whoever writes to it, and no context ends that: the wait is left behind.
		go o.pipe.read(o.path)
	}
	pipe := o.pipe
	o.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-pipe.done:
	}
	if pipe.err != nil {
		return nil, fmt.Errorf("read %q: %w", o.path, pipe.err)
	}
	return &content{ReaderAt: bytes.NewReader(pipe.data), size: int64(len(pipe.data)), path: o.path}, nil
}

func (p *slurp) read(path string) {
	defer close(p.done)
	file, err := os.Open(path)
	if err != nil {
		p.err = err
		return
	}
	p.data, p.err = io.ReadAll(file)
	p.err = errors.Join(p.err, file.Close())
}
