package chunk

import (
	"os"
	"runtime"
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

// TestLetGo says that of the chunks that were put back those that lie side by side are given back to the system, and no others.
func TestLetGo(t *testing.T) {
	var p Pool
	const n = 4 * leastAtOnce
	chunks := make([][]byte, n)
	for i := range chunks {
		chunks[i] = p.Get()[:Size]
		for at := range chunks[i] {
			chunks[i][at] = byte(i + 1)
		}
	}
	kept := map[int]bool{0: true, n / 2: true, n/2 + leastAtOnce - 1: true} // what is between the latter two is too little to be worth a call
	for i, c := range chunks {
		if !kept[i] {
			p.Put(c)
		}
	}
	p.Put(make([]byte, 0, Size), make([]byte, 0, Size)) // of somebody else
	p.LetGo()
	for i, c := range chunks {
		want := byte(i + 1)
		if alone := i > n/2 && i < n/2+leastAtOnce-1; runtime.GOOS == "linux" && os.Getpagesize() <= 8<<10 && !kept[i] && !alone {
			want = 0
		}
		for at, got := range c {
			if got != want {
				t.Fatalf("byte %d of chunk %d is %d, want %d", at, i, got, want)
			}
		}
	}
	if c := p.Get(); len(c) != 0 || cap(c) != Size {
		t.Errorf("a chunk behind that has %d bytes and room for %d", len(c), cap(c))
	}
}
