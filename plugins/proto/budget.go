package proto

import "github.com/apache/arrow-go/v18/arrow/memory"

// budget is an allocator with a limit, for one batch. The lengths in an Arrow stream come from the connector: a damaged or
// hostile stream could make us allocate any amount of memory. An allocation over the limit panics; DecodeBatch turns the
// panic into an error.
type budget struct {
	memory.GoAllocator
	bytesLeft int
}

func (b *budget) Allocate(size int) []byte {
	b.spend(size)
	return b.GoAllocator.Allocate(size)
}

func (b *budget) Reallocate(size int, old []byte) []byte {
	b.spend(size - len(old))
	return b.GoAllocator.Reallocate(size, old)
}

func (b *budget) spend(size int) {
	if b.bytesLeft -= size; size < 0 || b.bytesLeft < 0 {
		panic("a length that no batch has")
	}
}
