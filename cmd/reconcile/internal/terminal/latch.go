package terminal

import "io"

// latch keeps the first error of a stream: much of what writes to it, such as a help text, has nobody to tell.
type latch struct {
	to  io.Writer
	err error
}

// Write implements io.Writer.
func (l *latch) Write(p []byte) (int, error) {
	n, err := l.to.Write(p)
	if err != nil && l.err == nil {
		l.err = err
	}
	return n, err
}

// OutError returns the first error of writing to stdout, also where it was not looked at; nil if all was written.
func (t *Terminal) OutError() error { return t.out.err }
