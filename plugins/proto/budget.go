package proto

import "github.com/apache/arrow-go/v18/arrow/memory"

// budget is an allocator for one batch. The lengths in an Arrow stream are the sender's word; a damaged or hostile one
// would have us allocate without bounds. What is over the budget panics, which DecodeBatch makes an error.
type budget struct {
	memory.GoAllocator
	left int
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
	if b.left -= size; size < 0 || b.left < 0 {
		panic("a length that no batch has")
	}
}
