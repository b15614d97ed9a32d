package sdk

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
)

// Records gives the records that the host holds to Assemble, kind by kind in the order of CopyRules.
type Records struct {
	kinds []string
	// next returns the next records, all of one kind; io.EOF when there are no more.
	next func() (kind string, records []Record, err error)

	received     int64    // records
	nextKind     int      // in kinds: those before were read
	bufferedKind int      // in kinds: of ahead
	buffered     []Record // received, and not handed over yet
	err          error
	inAll        bool // within All
}

// All returns the records of a kind, in the order of their keys' bytes. Read the kinds in the order of CopyRules, each at
// most once; you may leave some out. An error ends the sequence; the SDK then fails the read, whatever Assemble returns.
func (r *Records) All(kind string) iter.Seq2[string, []byte] {
	return func(yield func(key string, value []byte) bool) {
		i := slices.Index(r.kinds, kind)
		switch {
		case i < 0:
			r.setErr(misuse("the kind %q of records is not among those of CopyRules: %q", kind, r.kinds))
		case r.inAll || i < r.nextKind:
			r.setErr(misuse("records of kind %q are read twice, or out of the order of CopyRules", kind))
		}
		r.inAll = true
		defer func() { r.inAll = false }()
		r.nextKind = max(i, 0) + 1
		for r.receive() && r.bufferedKind <= i {
			records := r.buffered
			r.buffered = nil
			if r.bufferedKind < i {
				continue // of a kind that was left out
			}
			for _, record := range records {
				if !yield(record.Key, record.Value) {
					return
				}
			}
		}
	}
}

// Err returns the error that has ended a sequence of All; nil if there was none.
func (r *Records) Err() error { return r.err }

// receive fills the buffer if it is empty. It returns false at the end and after an error.
func (r *Records) receive() bool {
	for r.err == nil && len(r.buffered) == 0 {
		kind, records, err := r.next()
		if errors.Is(err, io.EOF) {
			return false
		}
		r.setErr(err)
		i := slices.Index(r.kinds, kind)
		if r.err == nil && i < r.bufferedKind {
			r.setErr(fmt.Errorf("the host sent records of kind %q out of order", kind))
		}
		r.bufferedKind, r.buffered = i, records
		r.received += int64(len(records))
	}
	return r.err == nil
}

// drain reads the records that Assemble has left.
func (r *Records) drain() error {
	for r.receive() {
		r.buffered = nil
	}
	return r.err
}

func (r *Records) setErr(err error) {
	if r.err == nil {
		r.err = err
	}
}
