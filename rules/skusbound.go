package rules

import (
	"fmt"
	"io"
)

// MaxSkusFile is the size, in bytes, up to which a skus_file is read. docs/limits.md lists it.
const MaxSkusFile = 256 << 20

// bounded reads so many bytes, and fails where there are more.
type bounded struct {
	from io.Reader
	left int
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, fmt.Errorf("the file has more than %d MiB, which no list of SKUs has (max_skus_file)", MaxSkusFile>>20)
	}
	return n, err
}
