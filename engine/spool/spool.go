// Package spool keeps the items that will be reported until all of them are known. They lie in sorted runs: in memory and, if
// that is not enough, on disk. They can be read back in the order of the report, any number of times.
package spool

import (
	"slices"
	"sync"

	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/spill"
)

// Spool holds items. Writers fill it; once all of them are closed, it can be read.
type Spool struct {
	memory int64 // bytes that a writer may hold; 0: any number
	pool   *chunk.Pool
	folder func() (*spill.Folder, error)

	mu     sync.Mutex
	runs   []*run
	closed bool
}

// New returns an empty spool. Each of its writers takes at most memory bytes from the pool; 0 is no limit. What does not fit
// goes to the folder. The function folder is called when that is needed, from several goroutines.
func New(memory int64, pool *chunk.Pool, folder func() (*spill.Folder, error)) *Spool {
	return &Spool{memory: memory, pool: pool, folder: folder}
}

// Close puts the memory of the items back into the pool. What was read of them is not to be used any more, and nothing can be read.
func (s *Spool) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.runs {
		s.pool.Put(r.chunks...)
	}
	s.runs, s.closed = nil, true
}

// run is some of the items, sorted: in memory, or in a file.
type run struct {
	chunks [][]byte
	index  []entry
	file   *spill.File
	level  int // of merging: a file that was merged from others has their level plus one
}

// entry says where in the chunks an item is.
type entry struct {
	order       uint64
	chunk, from uint32
	size        uint32
}

// Writer fills a spool. It is for one goroutine.
type Writer struct {
	spool *Spool
	run   *run
	index [][]entry // of the run, in pieces, so that none is copied as it grows
	items int       // how many there are in it
	size  int64
}

// indexPiece is how many entries a piece of an index has.
const indexPiece = 4 << 10

// Writer returns another writer of the spool.
func (s *Spool) Writer() *Writer { return &Writer{spool: s, run: &run{}} }

// Add keeps an item; it copies its rows.
func (w *Writer) Add(it *Item) error {
	size := head + len(it.Rows[0]) + len(it.Rows[1])
	last := len(w.run.chunks) - 1
	if last < 0 || len(w.run.chunks[last])+size > cap(w.run.chunks[last]) {
		if size <= chunk.Size {
			w.run.chunks = append(w.run.chunks, w.spool.pool.Get())
		} else {
			w.run.chunks = append(w.run.chunks, make([]byte, 0, size))
		}
		last++
		w.size += int64(cap(w.run.chunks[last]))
	}
	chunk := w.run.chunks[last]
	from := len(chunk)
	chunk = chunk[:from+size]
	it.put(chunk[from:])
	w.run.chunks[last] = chunk
	w.note(entry{it.order(), uint32(last), uint32(from), uint32(size)})
	const indexed = 24 + 24 // an entry, and what sorting them takes
	if w.spool.memory > 0 && w.size+indexed*int64(w.items) > w.spool.memory {
		return w.flush()
	}
	return nil
}

// note adds an entry to the index.
func (w *Writer) note(e entry) {
	if w.items%indexPiece == 0 {
		room := indexPiece
		if w.items == 0 {
			room = 0 // for few items a piece would be much
		}
		w.index = append(w.index, make([]entry, 0, room))
	}
	piece := &w.index[len(w.index)-1]
	*piece = append(*piece, e)
	w.items++
}

// sort gives the run its index, in order.
func (w *Writer) sort() {
	w.run.index = slices.Concat(w.index...)
	w.index, w.items = nil, 0
	w.run.sort()
}

func (r *run) item(p entry) []byte { return r.chunks[p.chunk][p.from : p.from+p.size] }

// flush writes the run to disk and begins a new one.
func (w *Writer) flush() error {
	folder, err := w.spool.folder()
	if err != nil {
		return err
	}
	file, err := folder.Create(buffer)
	if err != nil {
		return err
	}
	w.sort()
	for _, p := range w.run.index {
		if err := file.Append(w.run.item(p)); err != nil {
			return err
		}
	}
	if err := file.Flush(); err != nil {
		return err
	}
	w.spool.pool.Put(w.run.chunks...)
	w.run, w.size = &run{}, 0
	return w.spool.addFile(&run{file: file})
}

// buffer is the buffer of a file of a run, in bytes.
const buffer = 64 << 10

// Close passes the writer's items to the spool. The writer must not be used after that.
func (w *Writer) Close() {
	w.sort()
	w.spool.mu.Lock()
	defer w.spool.mu.Unlock()
	w.spool.runs = append(w.spool.runs, w.run)
	w.run = nil
}

// maxFiles is the most files of one level. Each of them is open, and needs a buffer when they are read.
const maxFiles = 16

// addFile adds a run that is on disk. If there are maxFiles of its level, they are merged into one of the next level.
func (s *Spool) addFile(r *run) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		var alike, others []*run
		for _, other := range s.runs {
			if other.file != nil && other.level == r.level {
				alike = append(alike, other)
			} else {
				others = append(others, other)
			}
		}
		if len(alike) < maxFiles {
			s.runs = append(s.runs, r)
			return nil
		}
		made, err := s.mergeFiles(append(alike, r))
		if err != nil {
			return err
		}
		s.runs, r = others, made
	}
}

// mergeFiles merges several files into one, and removes them.
func (s *Spool) mergeFiles(runs []*run) (*run, error) {
	folder, err := s.folder()
	if err != nil {
		return nil, err
	}
	made := &run{level: runs[0].level + 1}
	if made.file, err = folder.Create(buffer); err != nil {
		return nil, err
	}
	m, err := newReader(runs)
	if err != nil {
		return nil, err
	}
	for m.more() {
		if err := made.file.Append(m.first().next); err != nil {
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
