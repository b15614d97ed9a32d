package chunk

import (
	"testing"
	"unsafe"
)

// TestChunks says that chunks are empty and apart from one another, however many there are.
func TestChunks(t *testing.T) {
	var p Pool
	const n = 3 * mostPiece / Size
	chunks := make([][]byte, n)
	for i := range chunks {
		c := p.Get()
		if len(c) != 0 || cap(c) != Size {
			t.Fatalf("chunk %d has %d bytes and room for %d, want 0 and %d", i, len(c), cap(c), Size)
		}
		c = c[:Size]
		for at := range c {
			if c[at] != 0 {
				t.Fatalf("chunk %d, which is new, has %d in it", i, c[at])
			}
		}
		c[0], c[Size-1] = byte(i), byte(i>>8)
		chunks[i] = c
	}
	for i, c := range chunks {
		if c[0] != byte(i) || c[Size-1] != byte(i>>8) {
			t.Fatalf("chunk %d lies where another does", i)
		}
	}
	p.Put(chunks[7], make([]byte, 5))
	if c := p.Get(); unsafe.SliceData(c) != unsafe.SliceData(chunks[7]) || len(c) != 0 {
		t.Error("a chunk that was put back was not handed out again, empty")
	}
}
