package match

import "sync"

// Pool hands out chunks of memory of one size, and takes them back. It cuts them from large pieces, which the system can
// back with large pages: what lies in them is looked at in no order, and with small pages each look costs two.
//
// A chunk that was put back is handed out again, with what is in it. A Pool is for many goroutines.
type Pool struct {
	mu    sync.Mutex
	free  [][]byte
	piece []byte // what is left of the last piece
	cut   int    // bytes of all pieces
}

const (
	// ChunkSize is the size of the chunks, in bytes.
	ChunkSize = 128 << 10

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
		p.piece = make([]byte, max(leastPiece, min(mostPiece, p.cut/ChunkSize*ChunkSize)))
		p.cut += len(p.piece)
		if len(p.piece) == mostPiece {
			wantLargePages(p.piece)
		}
	}
	chunk := p.piece[:0:ChunkSize]
	p.piece = p.piece[ChunkSize:]
	return chunk
}

// Put takes chunks back; others, of other sizes, it leaves alone. Nobody may look at them any more.
func (p *Pool) Put(chunks [][]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range chunks {
		if cap(c) == ChunkSize {
			p.free = append(p.free, c)
		}
	}
}
