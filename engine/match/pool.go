package match

import (
	"sync"
	"unsafe"
)

// Pool hands out memory in chunks, and takes them back. It cuts them from large pieces, so that the collector has few things
// to look at.
//
// Asking the system for large pages (MADV_HUGEPAGE) was tried: a look at what waits costs a tenth less, but a virtual
// machine has to find large pieces of memory for them, which can cost three times what small pages do.
//
// A chunk that was put back is handed out again, with what is in it. A Pool is for many goroutines.
type Pool struct {
	mu    sync.Mutex
	free  map[int][][]byte // by size
	piece []byte           // what is left of the last piece
	cut   int              // bytes of all pieces
}

const (
	// ChunkSize is the size of the chunks of Get, in bytes.
	ChunkSize = 128 << 10

	leastPiece = 1 << 20
	mostPiece  = 16 << 20
)

// Get returns an empty chunk.
func (p *Pool) Get() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.get(ChunkSize)
}

// get returns an empty chunk of a size that is a power of two, from ChunkSize up to mostPiece.
func (p *Pool) get(size int) []byte {
	if last := len(p.free[size]) - 1; last >= 0 {
		chunk := p.free[size][last]
		p.free[size] = p.free[size][:last]
		return chunk[:0]
	}
	if len(p.piece) < size {
		for len(p.piece) > 0 {
			p.put(p.cutOff(ChunkSize))
		}
		p.piece = make([]byte, max(leastPiece, size, min(mostPiece, p.cut/ChunkSize*ChunkSize)))
		p.cut += len(p.piece)
	}
	return p.cutOff(size)
}

func (p *Pool) cutOff(size int) []byte {
	chunk := p.piece[:0:size]
	p.piece = p.piece[size:]
	return chunk
}

// Put takes chunks back; others, of other sizes, it leaves alone. Nobody may look at them any more.
func (p *Pool) Put(chunks [][]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range chunks {
		if cap(c) == ChunkSize {
			p.put(c)
		}
	}
}

func (p *Pool) put(chunk []byte) {
	if p.free == nil {
		p.free = map[int][][]byte{}
	}
	p.free[cap(chunk)] = append(p.free[cap(chunk)], chunk)
}

// words returns n words, a power of two, that are all 0.
func (p *Pool) words(n int) []uint64 {
	const size = int(unsafe.Sizeof(uint64(0)))
	if n*size < ChunkSize || n*size > mostPiece {
		return make([]uint64, n)
	}
	p.mu.Lock()
	chunk := p.get(n * size)
	p.mu.Unlock()
	words := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(chunk))), n)
	clear(words)
	return words
}

// putWords takes back what words has returned.
func (p *Pool) putWords(words []uint64) {
	size := len(words) * int(unsafe.Sizeof(uint64(0)))
	if size < ChunkSize || size > mostPiece {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), size))
}
