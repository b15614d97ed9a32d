package content

import (
	"errors"
	"fmt"
	"io"
)

// pieceSize is the size of each piece, in bytes.
const pieceSize = 1 << 20

// pieces are bytes in memory, in pieces, so that they need not be copied while they become more.
type pieces struct {
	list [][]byte // all of pieceSize but the last
	size int64
}

// fill reads from to its end. It fails if more than most bytes come.
func (p *pieces) fill(from io.Reader, most int64) error {
	for {
		piece := make([]byte, pieceSize)
		n, err := io.ReadFull(from, piece)
		if p.size += int64(n); p.size > most {
			return fmt.Errorf("more than %d MiB come through the pipe (max_pipe): write them to a file, and read that", most>>20)
		}
		p.list = append(p.list, piece[:n])
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// ReadAt implements io.ReaderAt.
func (p *pieces) ReadAt(to []byte, at int64) (n int, err error) {
	if at < 0 {
		return 0, errors.New("a place before the start")
	}
	for n < len(to) && at < p.size {
		copied := copy(to[n:], p.list[at/pieceSize][at%pieceSize:])
		n, at = n+copied, at+int64(copied)
	}
	if n < len(to) {
		err = io.EOF
	}
	return n, err
}
