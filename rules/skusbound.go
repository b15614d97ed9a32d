package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/reconcilehq/reconcile/rules/block"
)

// What a skus_file can be. docs/limits.md lists it.
const (
	MaxSkusFile = 256 << 20 // bytes
	maxSkus     = 2_000_000 // lines
	maxSkusLine = 1 << 20   // bytes of one line, or of the lines of one quoted text
)

// openSkusFile opens a file of SKUs. A pipe is read to its end first: closing stop ends the wait.
func openSkusFile(path string, stop <-chan struct{}) (io.ReadCloser, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.Mode()&os.ModeDevice != 0:
		return nil, &os.PathError{Op: "open", Path: path, Err: errors.New("it is a device, not a file")}
	case info.Mode().IsRegular(), info.IsDir():
		return os.Open(path)
	}
	text, err := block.ReadPipe(path, MaxSkusFile+1, stop)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return io.NopCloser(bytes.NewReader(text)), nil
}

// bounded reads so many bytes, and fails where there are more, or where a line is longer than maxSkusLine.
type bounded struct {
	from io.Reader
	left int

	read, line int64 // how much was read, and up to where lines were taken
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, fmt.Errorf("the file has more than %d MiB, which no list of SKUs has (max_skus_file)", MaxSkusFile>>20)
	}
	if b.read += int64(n); b.read-b.line > maxSkusLine+2*skusHead { // some of it is read ahead
		return 0, fmt.Errorf("it is longer than %d MiB, which no line of SKUs is (max_skus_line): look for a quote that is not closed", maxSkusLine>>20)
	}
	return n, err
}
