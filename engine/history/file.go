package history

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/strict"
)

// Run is a run that was kept. Several goroutines may use it at once. It holds in memory where its parts are and, once they were asked
// for, all cells and the order of the items by a column.
type Run struct {
	path    string
	file    io.ReaderAt
	close   func() error
	items   int
	result  *report.Result // without items
	twins   *twins
	blocks  []part // texts and values in turn
	packs   []part // of cells
	results part   // the outcomes

	outcomes func() ([]*report.Outcome, error)
	cells    func() (*cells, error)
	orders   [2]func() ([]uint32, error) // by SKU, by name
	prints   func() ([]uint16, error)    // fingerprints of SKUs
	print    func(sku []byte) uint16     // makes one
}

// part is where a section is.
type part struct {
	from int64
	section
}

// Open opens a run's file. It looks at what the file says of itself; each other part is checked when it is read.
func Open(path string) (*Run, error) {
	file, err := replace.OpenToRead(path)
	if errors.Is(err, replace.ErrNotFile) {
		return nil, &DamageError{path, replace.ErrNotFile.Error()}
	}
	if err != nil {
		return nil, fmt.Errorf("read a run: %w", err)
	}
	r, err := openFile(path, file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return r, nil
}

func openFile(path string, file *os.File) (*Run, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read a run: %w", err)
	}
	r, err := read(path, file, info.Size())
	if err == nil {
		r.close = file.Close
	}
	return r, err
}

// read reads what a file of that size says of itself.
func read(path string, file io.ReaderAt, size int64) (*Run, error) {
	r := &Run{path: path, file: file, close: func() error { return nil }}
	if err := r.readVersion(size); err != nil {
		return nil, err
	}
	tail, err := r.readTail(size)
	if err != nil {
		return nil, err
	}
	text, err := r.read(tail.about, "what was compared")
	if err != nil {
		return nil, err
	}
	var a about
	if err := strict.Decode(text, &a); err != nil {
		return nil, r.damage("what was compared: %v", err)
	}
	var schemas [2]*catalog.Schema
	if r.result, schemas, err = a.result(); err != nil {
		return nil, r.damage("what was compared: %v", err)
	}
	if r.items != r.result.Summary.Items {
		return nil, r.damage("it has %d items, and counts %d", r.items, r.result.Summary.Items)
	}
	r.twins = newTwins(schemas)
	r.results = tail.outcomes
	if err := r.readIndex(tail); err != nil {
		return nil, err
	}
	r.outcomes = sync.OnceValues(r.readOutcomes)
	r.cells = sync.OnceValues(r.readCells)
	seed := maphash.MakeSeed()
	r.print = func(sku []byte) uint16 { return uint16(maphash.Bytes(seed, sku)) }
	r.prints = sync.OnceValues(r.makePrints)
	for i := range r.orders {
		r.orders[i] = sync.OnceValues(func() ([]uint32, error) { return r.makeOrder(i) })
	}
	return r, nil
}

func (r *Run) readVersion(size int64) error {
	b := make([]byte, headSize)
	if size < int64(headSize+tailSize) {
		return r.damage("it is too short")
	}
	if err := r.readAt(b, 0); err != nil {
		return err
	}
	if string(b[:len(head)]) != head {
		return r.damage("it does not begin as runs do")
	}
	return r.checkVersion(binary.LittleEndian.Uint16(b[len(head):]))
}

func (r *Run) checkVersion(v uint16) error {
	switch {
	case v > version:
		return fmt.Errorf("read the run %s: its format is %d, this version knows %d: %w", r.path, v, version, ErrNewer)
	case v < version:
		return r.damage("there is no format %d", v)
	}
	return nil
}

// tail is what the end of a file says.
type tail struct{ outcomes, about, index part }

func (r *Run) readTail(size int64) (t tail, err error) {
	b := make([]byte, tailSize)
	if err := r.readAt(b, size-int64(tailSize)); err != nil {
		return t, err
	}
	if string(b[tailSize-len(ending):]) != ending {
		return t, r.damage("its end is missing")
	}
	b = b[:tailSize-len(ending)]
	if checksum(b[:len(b)-4]) != binary.LittleEndian.Uint32(b[len(b)-4:]) {
		return t, r.damage("what stands at its end is not what was written")
	}
	at := uint64(size - int64(tailSize))
	for i, to := range []*part{&t.index, &t.about, &t.outcomes} { // the last one first
		field := b[12*(2-i):]
		to.section = section{binary.LittleEndian.Uint64(field), binary.LittleEndian.Uint32(field[8:])}
		if to.size > at {
			return t, r.damage("it is too short")
		}
		at -= to.size
		to.from = int64(at)
	}
	items := binary.LittleEndian.Uint64(b[36:])
	if items > at { // each takes a byte at least
		return t, r.damage("it is too short")
	}
	r.items = int(items)
	return t, r.checkVersion(binary.LittleEndian.Uint16(b[44:]))
}

// readIndex finds the blocks and the cells.
func (r *Run) readIndex(t tail) error {
	b, err := r.read(t.index, "the index")
	if err != nil {
		return err
	}
	blocks, packs := (r.items+blockItems-1)/blockItems, (r.items+cellsItems-1)/cellsItems
	if len(b) != 8*(2*blocks+packs) {
		return r.damage("its index is not that of %d items", r.items)
	}
	r.blocks, r.packs = make([]part, 2*blocks), make([]part, packs)
	at := int64(headSize)
	place := func(to *part, i int) {
		to.from, to.section = at, section{uint64(binary.LittleEndian.Uint32(b[8*i:])), binary.LittleEndian.Uint32(b[8*i+4:])}
		at += int64(to.size)
	}
	for i := range blocks {
		place(&r.blocks[2*i], 2*i)
		place(&r.blocks[2*i+1], 2*i+1)
		if (i+1)%(cellsItems/blockItems) == 0 || i+1 == blocks {
			pack := i / (cellsItems / blockItems)
			place(&r.packs[pack], 2*blocks+pack)
		}
	}
	if at != t.outcomes.from {
		return r.damage("its index does not fit the file")
	}
	return nil
}

func (r *Run) readOutcomes() ([]*report.Outcome, error) {
	text, err := r.read(r.results, "what the rules said")
	if err != nil {
		return nil, err
	}
	list, err := outcomesOf(text, len(r.result.Rules))
	if err != nil {
		return nil, r.damage("what the rules said: %v", err)
	}
	return list, nil
}

// read returns a section. what says what it is.
func (r *Run) read(p part, what string) ([]byte, error) {
	b := make([]byte, p.size)
	return b, r.readInto(b, p, what)
}

func (r *Run) readInto(b []byte, p part, what string) error {
	if err := r.readAt(b, p.from); err != nil {
		return err
	}
	if checksum(b) != p.sum {
		return r.damage("%s, from byte %d on, is not what was written", what, p.from)
	}
	return nil
}

func (r *Run) readAt(b []byte, from int64) error {
	_, err := r.file.ReadAt(b, from)
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return r.damage("it ends before byte %d", from+int64(len(b)))
	case err != nil:
		return fmt.Errorf("read a run: %w", err)
	}
	return nil
}

func (r *Run) damage(format string, args ...any) error {
	return &DamageError{r.path, fmt.Sprintf(format, args...)}
}

// Close lets go of the file. The run is not to be used after that.
func (r *Run) Close() error { return r.close() }

// Items returns how many items there are.
func (r *Run) Items() int { return r.items }

// About returns what the run says as a whole, without items: sources, rules, summary, warnings. It must not be changed.
func (r *Run) About() *report.Result { return r.result }
