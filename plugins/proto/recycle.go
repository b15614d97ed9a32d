package proto

// Memory of batches that nobody needs any more. There are as many batches as a source has items for, and new memory for
// each costs more than copying what goes there: the system has to clear it, and the collector to find it.
var spare = make(chan []byte, 8)

const (
	mostSpare = 2 << 20 // of what is larger too much would lie idle
	roomStep  = 256 << 10
)

// room returns an empty slice with room for n bytes.
func room(n int) []byte {
	select {
	case b := <-spare:
		if cap(b) >= n {
			return b[:0]
		}
	default:
	}
	if n <= mostSpare {
		n = (n + roomStep - 1) / roomStep * roomStep // those to come may be a little larger
	}
	return make([]byte, 0, n)
}

// Recycle takes back the memory of a message, or of the Arrow data in one that was received. Nobody may look at it, or at
// a batch that was decoded from it, any more.
func Recycle(arrow []byte) {
	if n := cap(arrow); n < roomStep || n > mostSpare {
		return
	}
	scribble(arrow)
	select {
	case spare <- arrow[:0]:
	default:
	}
}
