package localcopy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// SQLite's write-ahead log, as https://www.sqlite.org/fileformat2.html has it: a header, and a frame for each page that was
// written. A frame that ends a transaction says how many pages the database has.
const (
	walMagic   = 0x377f0682 // the last bit is set where sums are of big-endian words
	walFormat  = 3007000
	walHeader  = 32
	walFrame   = 24 // bytes before the page of a frame
	maxPage    = 1 << 16
	minPage    = 512
	walSalts   = 16 // where the header has its two salts
	frameSalts = 8  // where a frame repeats them
)

// wal is what was committed of a write-ahead log.
type wal struct {
	pageSize int64
	pages    map[uint32]int64 // number of a page, from 1 -> where its latest content begins in the log
	count    int64            // how many pages the database has
}

// readWAL reads a log up to its last whole transaction, as SQLite does after a crash: what follows was never committed. The
// result is nil where nothing was.
func readWAL(in io.Reader) (*wal, error) {
	var header [walHeader]byte
	if _, err := io.ReadFull(in, header[:]); err != nil {
		return nil, notEnd(err)
	}
	magic, size := binary.BigEndian.Uint32(header[:]), binary.BigEndian.Uint32(header[8:])
	sums := walSums{order: binary.LittleEndian}
	if magic&1 == 1 {
		sums.order = binary.BigEndian
	}
	if magic&^1 != walMagic || binary.BigEndian.Uint32(header[4:]) != walFormat || size < minPage || size > maxPage || size&(size-1) != 0 {
		return nil, nil
	}
	if sums.add(header[:24]); !sums.are(header[24:]) {
		return nil, nil
	}
	w := &wal{pageSize: int64(size), pages: map[uint32]int64{}}
	frame := make([]byte, walFrame+int(size))
	pending := map[uint32]int64{} // of the transaction that is being read
	for at := int64(walHeader); ; at += int64(len(frame)) {
		if _, err := io.ReadFull(in, frame); err != nil {
			return w.committed(), notEnd(err)
		}
		page, count := binary.BigEndian.Uint32(frame), binary.BigEndian.Uint32(frame[4:])
		sums.add(frame[:8])
		sums.add(frame[walFrame:])
		if page == 0 || string(frame[frameSalts:16]) != string(header[walSalts:24]) || !sums.are(frame[16:]) {
			return w.committed(), nil
		}
		pending[page] = at + walFrame
		if count == 0 {
			continue
		}
		for page, at := range pending {
			w.pages[page] = at
		}
		clear(pending)
		w.count = int64(count)
	}
}

// committed returns the log, or nil where no transaction of it is whole.
func (w *wal) committed() *wal {
	if w.count == 0 {
		return nil
	}
	return w
}

// notEnd returns an error of reading that is not the end.
func notEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return fmt.Errorf("read the log beside the Local Copy: %w", err)
}

// walSums are the sums that run through a log.
type walSums struct {
	order  binary.ByteOrder
	a0, a1 uint32
}

// add takes in bytes, a multiple of eight.
func (s *walSums) add(data []byte) {
	for ; len(data) >= 8; data = data[8:] {
		s.a0 += s.order.Uint32(data) + s.a1
		s.a1 += s.order.Uint32(data[4:]) + s.a0
	}
}

// are reports whether the sums are those written at the beginning of data.
func (s *walSums) are(data []byte) bool {
	return s.a0 == binary.BigEndian.Uint32(data) && s.a1 == binary.BigEndian.Uint32(data[4:])
}
