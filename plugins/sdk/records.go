package sdk

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
)

// Records hands the records that the host holds to Assemble: kind by kind, in the order of CopyRules.
type Records struct {
	kinds []string
	// next returns some records of one kind, kinds in order; io.EOF when there are no more.
	next func() (kind string, records []Record, err error)

	received int64    // records
	at       int      // in kinds: those before were read
	kind     int      // in kinds: of ahead
	ahead    []Record // received, and not handed over yet
	err      error
	yielded  bool // within All
}

// All returns the records of a kind, in the order of their keys' bytes. Kinds are read in the order of CopyRules; each
// may be read once, and may be left out. An error ends it early: the SDK fails the read then, whatever Assemble returns.
func (r *Records) All(kind string) iter.Seq2[string, []byte] {
	return func(yield func(key string, value []byte) bool) {
		i := slices.Index(r.kinds, kind)
		switch {
		case i < 0:
			r.fail(mistaken("the kind %q of records is not among those of CopyRules: %q", kind, r.kinds))
		case r.yielded || i < r.at:
			r.fail(mistaken("records of kind %q are read twice, or out of the order of CopyRules", kind))
		}
		r.yielded = true
		defer func() { r.yielded = false }()
		r.at = max(i, 0) + 1
		for r.receive() && r.kind <= i {
			records := r.ahead
			r.ahead = nil
			if r.kind < i {
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

// Err returns what ended reading early, if anything did.
func (r *Records) Err() error { return r.err }

// receive makes sure that there is something ahead; false at the end, or after an error.
func (r *Records) receive() bool {
	for r.err == nil && len(r.ahead) == 0 {
		kind, records, err := r.next()
		if errors.Is(err, io.EOF) {
			return false
		}
		r.fail(err)
		i := slices.Index(r.kinds, kind)
		if r.err == nil && i < r.kind {
			r.fail(fmt.Errorf("the host sent records of kind %q out of order", kind))
		}
		r.kind, r.ahead = i, records
		r.received += int64(len(records))
	}
	return r.err == nil
}

// drain reads what Assemble left over.
func (r *Records) drain() error {
	for r.receive() {
		r.ahead = nil
	}
	return r.err
}

func (r *Records) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}
