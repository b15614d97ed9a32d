package engine

import (
	"os"
	"runtime/debug"
	"sync"

	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/near"
	"github.com/reconcilehq/reconcile/engine/spill"
)

// Limits on memory, in bytes. The process itself, what is on its way from the sources and what the collector has not
// collected yet take about ownMemory; the rest of the limit is for items.
const (
	ownMemory   = 96 << 20
	leastMemory = 64 << 10 // of items, whatever the limit
)

// memory says how much memory items may take, in bytes. 0 is no limit.
type memory struct {
	matching int64 // what waits for its partner, and what was paired
	parents  int64 // names of parents, and what may be one
	keeping  int64 // what will be reported, for each writer of the spool
	process  int64
	keys     int // how many keys of either side are remembered to look for near ones
}

// divide divides a limit for the whole process between pairing and the writers of the spool; 0 is no limit.
func divide(limit int64, writers int) memory {
	if limit <= 0 {
		return memory{keys: near.MostKeys}
	}
	items := max((limit-ownMemory)/8*5, leastMemory)
	return memory{matching: items / 16 * 9, parents: items / 16, keeping: max(items/4/int64(writers), 2*chunk.Size), process: limit,
		keys: int(items / 16 / near.KeySize)}
}

// pace sets the garbage collector's memory limit for the time of a run. restore puts the limit back that was set before.
func (m memory) pace() (restore func()) {
	if m.process <= 0 {
		return func() {}
	}
	before := debug.SetMemoryLimit(max(m.process-ownMemory/2, 32<<20))
	return func() { debug.SetMemoryLimit(before) }
}

// growth is by how many percent memory may grow before the garbage collector looks at it, from when many items have been read until the
// result is closed. Nearly all that there is then has no pointers: looking at it often costs less than the new memory that what is
// thrown away meanwhile would take.
const (
	growth    = 50
	manyItems = 200_000 // on both sides; with fewer there is little to save
)

// collectSooner sets that pace, unless the user has set one. restore sets the one from before.
func collectSooner(items int64) (restore func()) {
	if items < manyItems || os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(growth)
	return func() { debug.SetGCPercent(before) }
}

// disk is the folder for what does not fit in memory. It is made when it is first needed.
type disk struct {
	mu     sync.Mutex
	folder *spill.Folder
}

func (d *disk) open() (*spill.Folder, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.folder == nil {
		var err error
		if d.folder, err = spill.Open(spill.Root()); err != nil {
			return nil, err
		}
	}
	return d.folder, nil
}

// Close removes the folder.
func (d *disk) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.folder.Close()
}
