package row

import (
	"encoding/binary"
	"sync"
)

// few are the maps that items refer to in place of holding them: a catalogue has few sets of options that differ, and many
// items. A map is written as the number of its entries, twice that, and the entries; or as its number here, twice that and
// one. It is for many goroutines.
//
// Whether an item refers to a map or holds it is not part of its value, but items of both sides are alike only if both do
// the same. So all maps are looked up here; those that come once this is full are held.
type few struct {
	mu    sync.RWMutex
	ids   map[string]uint32 // by how they are written
	list  []string
	bytes int
}

const (
	mostFew      = 1 << 14
	mostFewBytes = 1 << 20
	leastShared  = 4   // bytes of a map: of a shorter one a number is no shorter
	mostShared   = 256 // bytes of a map: so long a one hardly comes up again
)

// id returns the number of a map that is written as b.
func (f *few) id(b []byte) (uint32, bool) {
	if len(b) < leastShared || len(b) > mostShared {
		return 0, false
	}
	f.mu.RLock()
	id, ok := f.ids[string(b)]
	full := f.full(len(b))
	f.mu.RUnlock()
	if ok || full {
		return id, ok
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if id, ok := f.ids[string(b)]; ok {
		return id, true
	}
	if f.full(len(b)) {
		return 0, false
	}
	if f.ids == nil {
		f.ids = map[string]uint32{}
	}
	text := string(b)
	id = uint32(len(f.list))
	f.ids[text], f.list, f.bytes = id, append(f.list, text), f.bytes+len(b)
	return id, true
}

// full reports whether there is no room for a map of n bytes.
func (f *few) full(n int) bool { return len(f.list) == mostFew || f.bytes+n > mostFewBytes }

// at returns how the map with the number is written.
func (f *few) at(id uint32) string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.list[id]
}

// share puts a reference in the place of a map that was written last, from a place in dst on, if there can be one.
func (f *few) share(dst []byte, from int) []byte {
	id, ok := f.id(dst[from:])
	if !ok {
		return dst
	}
	return binary.AppendUvarint(dst[:from], uint64(id)<<1|1)
}
