package history

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/engine/report"
)

// The layout: see the package comment.
const (
	head       = "reconcile-run\n"
	ending     = "end-of-run\n"
	version    = 1
	blockItems = 256       // items of a block: their texts, and their values
	cellsItems = 256 * 256 // items whose cells lie together
	headSize   = len(head) + 2
	tailSize   = 3*12 + 8 + 2 + 4 + len(ending)
)

// Writer writes a run's file. It is for one goroutine at a time. What it holds in memory does not grow with the number of items, but
// for a few bytes for each block.
type Writer struct {
	path   string
	file   *replace.File
	result *report.Result
	err    error // the first one; nothing is written after it

	follows, followed bool  // whether Follow was called, and whether the items have been appended
	failed            error // what ended the items early

	items    int
	learned  *learned
	encoders []*itemEncoder
	scratch  []byte

	outcomes []*report.Outcome // by place: in the order in which items have them
	marks    [][]Mark          // by place
	places   []int             // by number: the outcome's place; -1 where no item has had it

	block struct {
		outcomes, skuSizes, nameSizes, keySizes []byte // varints
		skus, names, keys                       []byte
		values                                  []byte
	}
	states []byte
	cells  [][]byte // by rule: four bits an item

	blocks  []section // texts and values in turn
	packs   []section // of cells
	written []byte    // a section that is being made
}

// section is how long a section is, and its checksum.
type section struct {
	size uint64
	sum  uint32
}

// Create begins the file of a run. It gets its name when it is closed: until then no file is there, or the one that was. The result has
// to be Whole: of a run that leaves items out, another could not tell what became of them.
func Create(path string, result *report.Result) (*Writer, error) {
	if !result.Whole {
		return nil, fmt.Errorf("keep a run in %s: the result was made without the items that are synchronized", path)
	}
	file, err := replace.OpenPlain(path, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep a run in %w", err)
	}
	w := &Writer{path: path, file: file, result: result, learned: newLearned(), cells: make([][]byte, len(result.Rules))}
	w.write(binary.LittleEndian.AppendUint16([]byte(head), version))
	return w, w.err
}

func (w *Writer) write(b []byte) section {
	s := section{uint64(len(b)), checksum(b)}
	if s.size > math.MaxUint32 {
		w.err = fmt.Errorf("keep a run: %d items take %d bytes, more than a file of runs has room for", blockItems, s.size)
	}
	if w.err == nil {
		if _, err := w.file.Writer.Write(b); err != nil {
			w.err = fmt.Errorf("keep a run: %w", err)
		}
	}
	return s
}

// Append adds the next item.
func (w *Writer) Append(it *report.Item) error {
	if len(w.encoders) == 0 {
		w.newEncoder()
	}
	w.scratch = w.encoders[0].append(w.scratch[:0], it)
	return w.add(w.scratch)
}

// newEncoder returns what encodes items in one goroutine.
func (w *Writer) newEncoder() *itemEncoder {
	e := &itemEncoder{result: w.result, learned: w.learned, numbers: map[*report.Outcome]uint64{}}
	w.encoders = append(w.encoders, e)
	return e
}

// add adds items as an encoder has made them.
func (w *Writer) add(items []byte) error {
	if w.err == nil {
		w.err = w.learned.failed()
	}
	for c := (cursor{b: items}); len(c.b) > 0 && w.err == nil; {
		w.addItem(&c)
	}
	return w.err
}

// addItem adds the next item of those that an encoder has made.
func (w *Writer) addItem(c *cursor) {
	b, place := &w.block, w.place(int(c.uvarint()))
	b.outcomes = binary.AppendUvarint(b.outcomes, uint64(place))
	state := c.byte()
	sku, name, key := c.uvarint(), c.uvarint(), c.uvarint()
	b.skuSizes, b.nameSizes, b.keySizes = binary.AppendUvarint(b.skuSizes, sku), binary.AppendUvarint(b.nameSizes, name), binary.AppendUvarint(b.keySizes, key)
	b.skus, b.names, b.keys = append(b.skus, c.bytes(int(sku))...), append(b.names, c.bytes(int(name))...), append(b.keys, c.bytes(max(int(key)-1, 0))...)
	if state&hasValues != 0 {
		size := c.uvarint()
		b.values = append(binary.AppendUvarint(b.values, size), c.bytes(int(size))...)
	}
	w.states = append(w.states, state)
	half := (len(w.states) - 1) / 2
	for rule, m := range w.marks[place] {
		if half == len(w.cells[rule]) {
			w.cells[rule] = append(w.cells[rule], byte(m))
		} else {
			w.cells[rule][half] |= byte(m) << 4
		}
	}
	w.items++
	if w.items%blockItems == 0 {
		w.endBlock()
	}
	if w.items%cellsItems == 0 {
		w.endCells()
	}
}

// place returns the place, among the outcomes that the file has, of that with a number.
func (w *Writer) place(number int) int {
	for len(w.places) <= number {
		w.places = append(w.places, -1)
	}
	if w.places[number] < 0 {
		o := w.learned.outcome(number)
		w.places[number] = len(w.outcomes)
		w.outcomes, w.marks = append(w.outcomes, o), append(w.marks, marksOf(o, len(w.result.Rules)))
	}
	return w.places[number]
}

// endBlock writes the block.
func (w *Writer) endBlock() {
	b := &w.block
	if len(b.outcomes) == 0 {
		return
	}
	w.written = w.written[:0]
	for _, part := range []*[]byte{&b.outcomes, &b.skuSizes, &b.nameSizes, &b.keySizes, &b.skus, &b.names, &b.keys} {
		w.written = append(w.written, *part...)
		*part = (*part)[:0]
	}
	w.blocks = append(w.blocks, w.write(w.written), w.write(b.values))
	b.values = b.values[:0]
}

// endCells writes the cells of the items since the last ones.
func (w *Writer) endCells() {
	if len(w.states) == 0 {
		return
	}
	w.written = append(w.written[:0], w.states...)
	w.states = w.states[:0]
	for rule, cells := range w.cells {
		w.written = append(w.written, cells...)
		w.cells[rule] = cells[:0]
	}
	w.packs = append(w.packs, w.write(w.written))
}

// Discard removes what was written. After Close it does nothing.
func (w *Writer) Discard() error { return w.file.Discard() }

// Close writes the rest, and gives the file its name when all of it is on disk. After an error there is no such file.
func (w *Writer) Close() error {
	err := w.finish()
	if err == nil {
		err = w.file.Commit()
	}
	if err != nil {
		return errors.Join(err, w.file.Discard())
	}
	return nil
}

func (w *Writer) finish() error {
	if w.follows && !w.followed {
		w.appendAll()
	}
	if w.failed != nil {
		return w.failed
	}
	if w.err == nil && w.items != w.result.Summary.Items {
		w.err = fmt.Errorf("keep a run: %d items were appended, and the summary counts %d", w.items, w.result.Summary.Items)
	}
	if w.err != nil {
		return w.err
	}
	w.endBlock()
	w.endCells()
	var outcomes []byte
	for _, o := range w.outcomes {
		if o == nil {
			outcomes = append(outcomes, noOutcome...)
			continue
		}
		var err error
		if outcomes, err = appendOutcome(outcomes, o); err != nil {
			return err
		}
	}
	about, err := json.Marshal(aboutOf(w.result, w.learned.schemas))
	if err != nil {
		return fmt.Errorf("keep a run: %w", err)
	}
	var index []byte
	for _, s := range append(w.blocks, w.packs...) {
		index = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(index, uint32(s.size)), s.sum)
	}
	var tail []byte
	for _, part := range [][]byte{outcomes, about, index} {
		s := w.write(part)
		tail = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(tail, s.size), s.sum)
	}
	tail = binary.LittleEndian.AppendUint64(tail, uint64(w.items))
	tail = binary.LittleEndian.AppendUint16(tail, version)
	tail = binary.LittleEndian.AppendUint32(tail, checksum(tail))
	w.write(append(tail, ending...))
	return w.err
}
