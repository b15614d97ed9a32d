package proto

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// Batches of bundled connectors need not go through a socket, which copies them six times: host and connector share some places of
// memory. The connector writes a batch into one that is free, and says in the stream which it is. The host copies the batch out before it
// looks at it, so that nobody can change what was checked, and says through a pipe that the place is free.

const (
	// MemoryEnv is the environment variable with the number of an inherited file descriptor: the memory that a host shares.
	MemoryEnv = "RECONCILE_MEMORY_FD"
	// FreedEnv is that of the pipe through which the host names places that are free again, a byte each.
	FreedEnv = "RECONCILE_FREED_FD"

	places    = 6
	placeSize = 1280 << 10 // a batch is hardly larger than 1 MiB; one that is goes through the socket
)

// SharedMemory is the host's side of the memory that it shares with one connector.
type SharedMemory struct {
	mu     sync.RWMutex
	memory []byte // mapped; nil once it was given up
	freed  *os.File
}

// errNotShared means that a connector has named memory that it was not given.
var errNotShared = errors.New("the batch is said to lie in memory that is not shared")

// Take returns a copy of what lies in a place, as Recycle takes it back, and tells the connector that the place is free.
func (m *SharedMemory) Take(place, size uint32) ([]byte, error) {
	if m == nil {
		return nil, errNotShared
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.memory == nil || place >= places || size > placeSize {
		return nil, errNotShared
	}
	b := append(takeBuffer(int(size)), m.memory[place*placeSize:][:size]...)
	// A connector that does not hear of it sends its next batches through the socket.
	_ = m.freed.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = m.freed.Write([]byte{byte(place)})
	return b, nil
}

// Close gives the memory up.
func (m *SharedMemory) Close() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.memory != nil {
		unmap(m.memory)
		m.memory = nil
		_ = m.freed.Close()
	}
}

// Places is the connector's side of shared memory.
type Places struct {
	memory []byte

	mu      sync.Mutex
	free    []byte         // the one that was freed last, which the processor may still hold, is the last
	owner   [places]*Owner // of those that are not free
	waiting []*Owner
}

// Owner is a stream that puts batches into places. Each is for one goroutine.
type Owner struct {
	places *Places
	news   chan struct{} // has room for one: a place was freed
}

// NewOwner returns an owner. One of nil Places never gets a place, nor does a nil Owner.
func (p *Places) NewOwner() *Owner { return &Owner{p, make(chan struct{}, 1)} }

func newPlaces(memory []byte, freed *os.File) *Places {
	p := &Places{memory: memory}
	for i := range places {
		p.free = append(p.free, byte(places-1-i))
	}
	fault.Go(func() { p.listen(freed) })
	return p
}

// listen takes places back, until the host is gone.
func (p *Places) listen(freed *os.File) {
	var names [places]byte
	for {
		n, err := freed.Read(names[:])
		for _, place := range names[:n] {
			p.release(place)
		}
		if err != nil {
			return
		}
	}
}

func (p *Places) release(place byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if int(place) < places && p.owner[place] != nil {
		p.owner[place] = nil
		p.free = append(p.free, place)
	}
	for _, o := range p.waiting {
		select {
		case o.news <- struct{}{}:
		default:
		}
	}
}

// Put writes a batch into a place, and returns what the stream says of it. It waits for a free place only where this owner will get one
// back. It returns false if the batch is to go through the socket.
func (o *Owner) Put(ctx context.Context, e *Encoded) (place, size uint32, ok bool) {
	if o == nil || o.places == nil || e.size > placeSize {
		return 0, 0, false
	}
	p := o.places
	at, own := p.take(o, places)
	if at < 0 && own > 0 {
		at = p.await(ctx, o, own/2)
	}
	if at < 0 {
		return 0, 0, false
	}
	e.appendTo(p.memory[at*placeSize:][:0:placeSize])
	return uint32(at), uint32(e.size), true
}

// await waits until the owner has at most so many places, and takes a free one; -1 if there is none. To wait for the first place that
// is freed would have the process go to sleep and wake up for each batch, which takes time.
func (p *Places) await(ctx context.Context, o *Owner, most int) (place int) {
	p.mu.Lock()
	p.waiting = append(p.waiting, o)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.waiting = slices.DeleteFunc(p.waiting, func(w *Owner) bool { return w == o })
	}()
	for {
		at, own := p.take(o, most)
		if at >= 0 || own == 0 {
			return at
		}
		select {
		case <-o.news:
		case <-ctx.Done():
			return -1
		}
	}
}

// take takes a free place for an owner that has at most so many; -1 if there is none, or it has more. own is how many it had.
func (p *Places) take(o *Owner, most int) (place, own int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, owner := range p.owner {
		if owner == o {
			own++
		}
	}
	last := len(p.free) - 1
	if last < 0 || own > most {
		return -1, own
	}
	place = int(p.free[last])
	p.free, p.owner[place] = p.free[:last], o
	return place, own
}
