// Package content holds the bytes of files, as they were when they were opened.
package content

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// Content is a file's bytes, readable any number of times, as they were when it was opened.
type Content struct {
	io.ReaderAt
	Size     int64
	Modified time.Time // zero for what is not a regular file

	file *os.File // nil for what is not a regular file
	path string
}

// BeginsWith reports whether the bytes begin so.
func (c *Content) BeginsWith(start string) bool {
	head := make([]byte, len(start))
	_, err := c.ReadAt(head, 0)
	return err == nil && string(head) == start
}

// Unchanged returns an error if the file is not the one any more that was opened, or was written to.
func (c *Content) Unchanged() error {
	if c.file == nil {
		return nil
	}
	opened, err := c.file.Stat()
	if err != nil {
		return err
	}
	now, err := os.Stat(c.path)
	if err != nil || !os.SameFile(opened, now) || opened.Size() != c.Size || !opened.ModTime().Equal(c.Modified) {
		return fmt.Errorf("file %q changed while it was read; run again", c.path)
	}
	return nil
}

// Close gives up the file.
func (c *Content) Close() error {
	if c.file == nil {
		return nil
	}
	return c.file.Close()
}

// mostPiped is how much may come through a pipe, in bytes: all of it is held in memory. docs/limits.md lists it.
const mostPiped = 1 << 30

// Opener opens one path. What can be read only once, such as a named pipe, it reads once and holds in memory. It is safe for
// concurrent use.
type Opener struct {
	Path string
	Most int64 // how much may come through a pipe, in bytes; 0: mostPiped

	known os.FileInfo // which file it is that this process may read; nil: whichever is there

	mu   sync.Mutex
	pipe *slurp
}

// Remember notes which file lies at the path now: it may be the only one that can be read from then on.
func (o *Opener) Remember() {
	if info, err := os.Stat(o.Path); err == nil {
		o.known = info
	}
}

// replaced reports whether another file lies at the path now.
func (o *Opener) replaced() bool {
	info, err := os.Stat(o.Path)
	return err == nil && (o.known == nil || !os.SameFile(info, o.known))
}

// slurp is the reading of a pipe, which is under way until done is closed.
type slurp struct {
	done chan struct{}
	data pieces
	err  error
}

// Open opens the file, or waits for all that comes through a pipe.
func (o *Opener) Open(ctx context.Context) (*Content, error) {
	// Asking Windows for the state of a named pipe would open it.
	if !strings.HasPrefix(strings.ReplaceAll(o.Path, "/", `\`), `\\.\pipe\`) {
		info, err := os.Stat(o.Path)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return nil, fmt.Errorf("file %q does not exist: paths are relative to the configuration's folder", o.Path)
		case err != nil:
			return nil, fmt.Errorf("open the file: %w", err)
		case info.IsDir():
			return nil, fmt.Errorf("%q is a folder, not a file", o.Path)
		case info.Mode().IsRegular():
			return o.regular()
		case info.Mode()&os.ModeDevice != 0:
			return nil, fmt.Errorf("%q is a device, not a file", o.Path)
		}
	}
	return o.stream(ctx)
}

func (o *Opener) regular() (*Content, error) {
	file, err := os.Open(o.Path)
	if errors.Is(err, os.ErrPermission) && o.replaced() {
		return nil, fmt.Errorf("file %q was replaced while the run began, or may not be read; run again (%w)", o.Path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the file: %w", err), file.Close())
	}
	return &Content{file, info.Size(), info.ModTime(), file, o.Path}, nil
}

func (o *Opener) stream(ctx context.Context) (*Content, error) {
	o.mu.Lock()
	if o.pipe == nil {
		o.pipe = &slurp{done: make(chan struct{})}
		// Opening a pipe waits for whoever writes to it, and no context ends that: the wait is left behind.
		most := o.Most
		if most == 0 {
			most = mostPiped
		}
		fault.Go(func() { o.pipe.read(o.Path, most) })
	}
	pipe := o.pipe
	o.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-pipe.done:
	}
	if pipe.err != nil {
		return nil, fmt.Errorf("read %q: %w", o.Path, pipe.err)
	}
	return &Content{ReaderAt: &pipe.data, Size: pipe.data.size, path: o.Path}, nil
}

func (p *slurp) read(path string, most int64) {
	defer close(p.done)
	file, err := os.Open(path)
	if err != nil {
		p.err = err
		return
	}
	p.err = errors.Join(p.data.fill(file, most), file.Close())
	if p.err != nil {
		p.data = pieces{}
	}
}
