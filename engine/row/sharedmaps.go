package row

import (
	"encoding/binary"
	"sync"
)

// sharedMaps holds maps that many items have, such as options: items refer to them by number. An item has either such a
// reference, written as 2*number+1, or the map itself, written as 2*(number of entries) and the entries. Several goroutines
// may use it.
//
// The same map must have the same bytes on both sides, so each map is looked up here. Once this is full, new maps are
// written into their items.
type sharedMaps struct {
	mu    sync.RWMutex
	ids   map[string]uint32 // by how they are written
	list  []string
	bytes int
}

const (
	maxShared      = 1 << 14
	maxSharedBytes = 1 << 20
	minMapBytes    = 4   // bytes of a map: of a shorter one a number is no shorter
	maxMapBytes    = 256 // bytes of a map: so long a one hardly comes up again
)

// id returns the number of the map that is written as b. It reports false if that is not shared.
func (f *sharedMaps) id(b []byte) (uint32, bool) {
	if len(b) < minMapBytes || len(b) > maxMapBytes {
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
func (f *sharedMaps) full(n int) bool { return len(f.list) == maxShared || f.bytes+n > maxSharedBytes }

// at returns the map with the number, as it is written.
func (f *sharedMaps) at(id uint32) string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.list[id]
}

// share replaces the map at dst[from:] with a reference to it, if the map can be shared.
func (f *sharedMaps) share(dst []byte, from int) []byte {
	id, ok := f.id(dst[from:])
	if !ok {
		return dst
	}
	return binary.AppendUvarint(dst[:from], uint64(id)<<1|1)
}
