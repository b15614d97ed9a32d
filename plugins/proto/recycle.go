package proto

// spareBuffers are buffers of earlier batches, to be used again. A read has many batches. New memory for each of them would
// cost more time than the copying: the system has to clear it, and the garbage collector has to find it.
var spareBuffers = make(chan []byte, 8)

const (
	maxSpareBytes = 2 << 20 // larger buffers are not kept: they would hold too much unused memory
	bufferStep    = 256 << 10
)

// takeBuffer returns an empty slice with a capacity of at least n bytes.
func takeBuffer(n int) []byte {
	select {
	case b := <-spareBuffers:
		if cap(b) >= n {
			return b[:0]
		}
	default:
	}
	if n <= maxSpareBytes {
		n = (n + bufferStep - 1) / bufferStep * bufferStep // the next batches may be a little larger
	}
	return make([]byte, 0, n)
}

// Recycle keeps the memory of a message, or of the Arrow data in a received message, to use it again. After this call nobody
// may read that memory, nor a batch that was decoded from it.
func Recycle(arrow []byte) {
	if n := cap(arrow); n < bufferStep || n > maxSpareBytes {
		return
	}
	overwrite(arrow)
	select {
	case spareBuffers <- arrow[:0]:
	default:
	}
}
