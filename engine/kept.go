package engine

import (
	"encoding/binary"
	"slices"
	"sync"

	"github.com/reconcilehq/reconcile/engine/match"
	"github.com/reconcilehq/reconcile/engine/spill"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// kept is what will be reported, in runs that are sorted by the items' order. What exceeds the memory that it may take
// lies on disk.
type kept struct {
	memory int64 // bytes that a keeper may hold; 0: any number
	pool   *match.Pool
	folder func() (*spill.Folder, error)

	mu   sync.Mutex
	runs []*keptRun
}

// keptRun is some of the items, sorted: in memory, or in a file.
type keptRun struct {
	chunks [][]byte
	index  []keptPlace
	file   *spill.File
	level  int // how often runs were made one to make it
}

// keptPlace says where in the chunks an item lies.
type keptPlace struct {
	order       uint64
	chunk, from uint32
	size        uint32
}

// keptItem is an item as it is kept.
type keptItem struct {
	status   verdict.Status
	outcome  int32 // place in the outcomes; -1: none
	ordinals [2]uint32
	rows     [2][]byte // nil: it is not on that side
}

// order returns where an item comes in the report: those of the pos side come in its order, then the others in the
// store's.
func (it *keptItem) order() uint64 {
	if it.rows[0] != nil {
		return uint64(it.ordinals[0])
	}
	return 1<<32 | uint64(it.ordinals[1])
}

// keptHead is the status and which sides there are, the outcome, the two ordinals, and the first row's length.
const keptHead = 1 + 4 + 4 + 4 + 4

func (it *keptItem) put(b []byte) {
	b[0] = byte(it.status)
	for side, row := range it.rows {
		if row != nil {
			b[0] |= 0x40 << side
		}
	}
	binary.LittleEndian.PutUint32(b[1:], uint32(it.outcome))
	binary.LittleEndian.PutUint32(b[5:], it.ordinals[0])
	binary.LittleEndian.PutUint32(b[9:], it.ordinals[1])
	binary.LittleEndian.PutUint32(b[13:], uint32(len(it.rows[0])))
	n := copy(b[keptHead:], it.rows[0])
	copy(b[keptHead+n:], it.rows[1])
}

// get reads what put has written. The rows share its memory.
func (it *keptItem) get(b []byte) {
	it.status, it.outcome = verdict.Status(b[0]&0x3f), int32(binary.LittleEndian.Uint32(b[1:]))
	it.ordinals = [2]uint32{binary.LittleEndian.Uint32(b[5:]), binary.LittleEndian.Uint32(b[9:])}
	end := keptHead + binary.LittleEndian.Uint32(b[13:])
	it.rows = [2][]byte{}
	if b[0]&0x40 != 0 {
		it.rows[0] = b[keptHead:end]
	}
	if b[0]&0x80 != 0 {
		it.rows[1] = b[end:]
	}
}

// keeper fills a kept. It is for one goroutine.
type keeper struct {
	kept *kept
	run  *keptRun
	size int64
}

func (k *kept) keeper() *keeper { return &keeper{kept: k, run: &keptRun{}} }

// add keeps an item; it copies its rows.
func (k *keeper) add(it *keptItem) error {
	size := keptHead + len(it.rows[0]) + len(it.rows[1])
	last := len(k.run.chunks) - 1
	if last < 0 || len(k.run.chunks[last])+size > cap(k.run.chunks[last]) {
		if size <= match.ChunkSize {
			k.run.chunks = append(k.run.chunks, k.kept.pool.Get())
		} else {
			k.run.chunks = append(k.run.chunks, make([]byte, 0, size))
		}
		last++
		k.size += int64(cap(k.run.chunks[last]))
	}
	chunk := k.run.chunks[last]
	from := len(chunk)
	chunk = chunk[:from+size]
	it.put(chunk[from:])
	k.run.chunks[last] = chunk
	k.run.index = append(k.run.index, keptPlace{it.order(), uint32(last), uint32(from), uint32(size)})
	const indexed = 24 + 8 // a place, and what growing the index takes
	if k.kept.memory > 0 && k.size+indexed*int64(len(k.run.index)) > k.kept.memory {
		return k.putAside()
	}
	return nil
}

func (r *keptRun) sort() {
	slices.SortFunc(r.index, func(a, b keptPlace) int {
		switch {
		case a.order < b.order:
			return -1
		case a.order > b.order:
			return 1
		}
		return 0
	})
}

func (r *keptRun) item(p keptPlace) []byte { return r.chunks[p.chunk][p.from : p.from+p.size] }

// putAside writes the run to disk and begins another one.
func (k *keeper) putAside() error {
	folder, err := k.kept.folder()
	if err != nil {
		return err
	}
	file, err := folder.Create(keptBuffer)
	if err != nil {
		return err
	}
	k.run.sort()
	for _, p := range k.run.index {
		if err := file.Append(k.run.item(p)); err != nil {
			return err
		}
	}
	if err := file.Flush(); err != nil {
		return err
	}
	k.kept.pool.Put(k.run.chunks...)
	k.run, k.size = &keptRun{}, 0
	return k.kept.addFile(&keptRun{file: file})
}

// keptBuffer is the buffer of a file of a run, in bytes.
const keptBuffer = 64 << 10

// close hands over what the keeper holds.
func (k *keeper) close() {
	k.run.sort()
	k.kept.mu.Lock()
	defer k.kept.mu.Unlock()
	k.kept.runs = append(k.kept.runs, k.run)
	k.run = nil
}

// mostFiles is how many files of one level there are at most: each is open, and each has a buffer when all are read.
const mostFiles = 16

// addFile adds a run that lies on disk. Where there are many of its level they become one of the next.
func (k *kept) addFile(r *keptRun) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for {
		var alike, others []*keptRun
		for _, other := range k.runs {
			if other.file != nil && other.level == r.level {
				alike = append(alike, other)
			} else {
				others = append(others, other)
			}
		}
		if len(alike) < mostFiles {
			k.runs = append(k.runs, r)
			return nil
		}
		made, err := k.unite(append(alike, r))
		if err != nil {
			return err
		}
		k.runs, r = others, made
	}
}

// unite makes one file of several, and removes those.
func (k *kept) unite(runs []*keptRun) (*keptRun, error) {
	folder, err := k.folder()
	if err != nil {
		return nil, err
	}
	made := &keptRun{level: runs[0].level + 1}
	if made.file, err = folder.Create(keptBuffer); err != nil {
		return nil, err
	}
	m, err := mergeOf(runs)
	if err != nil {
		return nil, err
	}
	for len(*m) > 0 {
		if err := made.file.Append((*m)[0].next); err != nil {
			return nil, err
		}
		if err := m.advance(); err != nil {
			return nil, err
		}
	}
	for _, r := range runs {
		if err := r.file.Remove(); err != nil {
			return nil, err
		}
	}
	return made, made.file.Flush()
}
