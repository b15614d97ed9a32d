// Package chunk hands out memory in chunks of one size, for what is kept in great numbers: items that wait for their partners,
// and items that will be reported.
package chunk

import "sync"

// Pool hands out memory in chunks, and takes them back. It cuts them from large pieces, so that the collector has few things
// to look at.
//
// Asking the system for large pages (MADV_HUGEPAGE) was tried: one takes 0.2 ms in place of 0.85 for as much in small ones; but 6 ms
// where a virtual machine has to get it from its host, which happens more often than with small ones, that others have just given back.
//
// A chunk that was put back is handed out again, with what is in it. A Pool is for many goroutines.
type Pool struct {
	mu    sync.Mutex
	free  [][]byte
	piece []byte // what is left of the last piece
	cut   int    // bytes of all pieces
}

const (
	// Size is the size of the chunks, in bytes.
	Size = 32 << 10

	leastPiece = 1 << 20
	mostPiece  = 16 << 20
)

// Get returns an empty chunk.
func (p *Pool) Get() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.free) - 1; last >= 0 {
		chunk := p.free[last]
		p.free = p.free[:last]
		return chunk[:0]
	}
	if len(p.piece) == 0 {
		p.piece = make([]byte, max(leastPiece, min(mostPiece, p.cut/Size*Size)))
		p.cut += len(p.piece)
	}
	chunk := p.piece[:0:Size]
	p.piece = p.piece[Size:]
	return chunk
}

// Put takes chunks back. The caller must not use them any more. Slices of another size are ignored.
func (p *Pool) Put(chunks ...[]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range chunks {
		if cap(c) == Size {
			p.free = append(p.free, c)
		}
	}
}

// Touch reads one byte of each of the first few cache lines of b, up to length bytes. The processor fetches these lines, and
// does not wait for them before the sum is used.
func Touch(b []byte, length int) byte {
	last := min(len(b), length) - 1
	sum := b[0] + b[min(last, 64)]
	if last > 128 {
		sum += b[128]
	}
	return sum
}
