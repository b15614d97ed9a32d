package content

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

// TestPieces says that what is read in pieces is what was written, wherever it is read.
func TestPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same bytes each time
	for _, size := range []int{0, 1, pieceSize - 1, pieceSize, pieceSize + 1, 2*pieceSize + 77} {
		want := make([]byte, size)
		for i := range want {
			want[i] = byte(random.Uint32())
		}
		var p pieces
		if err := p.fill(iotest.HalfReader(bytes.NewReader(want)), int64(size)); err != nil || p.size != int64(size) {
			t.Fatalf("%d bytes: %d, %v", size, p.size, err)
		}
		got, err := io.ReadAll(io.NewSectionReader(&p, 0, p.size))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes are not the same, %v", size, err)
		}
		for range 20 {
			at, n := random.Int64N(int64(size)+2), random.IntN(pieceSize+3)
			a, b := make([]byte, n), make([]byte, n)
			gotN, gotErr := p.ReadAt(a, at)
			wantN, wantErr := bytes.NewReader(want).ReadAt(b, at)
			if n > 0 && (gotN != wantN || gotErr != wantErr || !bytes.Equal(a[:gotN], b[:wantN])) {
				t.Errorf("%d bytes from %d of %d: %d, %v; want %d, %v", n, at, size, gotN, gotErr, wantN, wantErr)
			}
		}
	}
	if err := new(pieces).fill(bytes.NewReader(make([]byte, 100)), 99); err == nil {
		t.Error("more than the limit was read")
	}
}
