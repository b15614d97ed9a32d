package sdk

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// CopyUpdate sends what a Pull has found to the host. Its methods may be called from several goroutines. If one of them returns
// an error, Pull must stop and return that error.
type CopyUpdate struct {
	ctx    context.Context
	kinds  []string
	writer copyWriter
	schema *catalog.Schema // of PutItem

	mu       sync.Mutex
	err      error
	cursor   []byte
	readAt   time.Time
	fullDue  time.Time
	expected map[string]int64
	puts     int64
	deletes  int64
	pending  map[string][]Record // records that were not written yet, by kind
	size     int                 // the size of pending, in bytes
}

// copyWriter writes changes into a Local Copy: the host's, or a MemoryCopy.
type copyWriter interface {
	full() error
	put(kind string, records []Record) error
	delete(kind string, keys []string) error
	complete(kind string) error
	checkpoint(cursor []byte) error
}

// recordBytes is about how many bytes of records are written at once.
const recordBytes = 1 << 20

// Full makes this a full pull: if it succeeds, the records that are put from now on replace all that the host holds. What
// this pull has put before is dropped. A pull without a cursor is a full one from the beginning.
func (c *CopyUpdate) Full() error {
	return c.locked("", nil, func() error {
		c.pending, c.size, c.puts, c.deletes, c.expected = nil, 0, 0, 0, nil
		return c.writer.full()
	})
}

// Put adds a record, or replaces the value of the record with that key. The value may be the same as before. Put keeps the
// slice until it is sent: do not change it.
func (c *CopyUpdate) Put(kind, key string, value []byte) error {
	return c.locked(kind, []string{key}, func() error {
		if c.pending == nil {
			c.pending = map[string][]Record{}
		}
		c.puts++
		c.pending[kind] = append(c.pending[kind], Record{key, value})
		if c.size += len(key) + len(value) + 16; c.size >= recordBytes {
			return c.flushLocked()
		}
		return nil
	})
}

// deletesInMessage is how many keys a message has at most.
const deletesInMessage = 10_000

// Delete removes records. Keys that the host does not hold are ignored.
func (c *CopyUpdate) Delete(kind string, keys ...string) error {
	return c.locked(kind, keys, func() error {
		c.deletes += int64(len(keys))
		if err := c.flushLocked(); err != nil || len(keys) == 0 {
			return err
		}
		for some := range slices.Chunk(keys, deletesInMessage) {
			if err := c.writer.delete(kind, some); err != nil {
				return err
			}
		}
		return nil
	})
}

// Complete says that this pull has put all records of the kind, including what was put before the Checkpoint that it
// resumes. The host removes all others.
func (c *CopyUpdate) Complete(kind string) error {
	return c.locked(kind, nil, func() error {
		if err := c.flushLocked(); err != nil {
			return err
		}
		return c.writer.complete(kind)
	})
}

// Checkpoint saves what this pull has done so far. If this pull fails later, the next one may resume at cursor, with all
// changes before the checkpoint. They become visible only when a pull has succeeded. The cursor must not be empty.
func (c *CopyUpdate) Checkpoint(cursor []byte) error {
	return c.locked("", nil, func() error {
		if len(cursor) == 0 {
			return misuse("a checkpoint needs a cursor")
		}
		if err := c.flushLocked(); err != nil {
			return err
		}
		return c.writer.checkpoint(cursor)
	})
}

// SetCursor sets where the next pull begins. If this pull does not call it, the next pull is a full one.
func (c *CopyUpdate) SetCursor(cursor []byte) { c.lockedSet(func() { c.cursor = cursor }) }

// ReadAt sets the time at which the platform had these data. It must not be later than the first request of this pull; if
// this pull resumes another, not later than the first request of that one. The default is PullRequest.BeganAt.
func (c *CopyUpdate) ReadAt(t time.Time) { c.lockedSet(func() { c.readAt = t }) }

// FullDue sets the time from which on the host asks for a full pull by itself. The default is never.
func (c *CopyUpdate) FullDue(t time.Time) { c.lockedSet(func() { c.fullDue = t }) }

// Expect sets how many records of a kind there must be after this pull, according to the platform. If the copy then has
// another number, the host fails the pull.
func (c *CopyUpdate) Expect(kind string, n int64) {
	c.lockedSet(func() {
		if c.expected == nil {
			c.expected = map[string]int64{}
		}
		c.expected[kind] = n
		if !slices.Contains(c.kinds, kind) {
			c.setErr(c.unknownKind(kind))
		}
	})
}

func (c *CopyUpdate) lockedSet(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// locked runs f with the lock held, unless there was an error before, and keeps its error. It checks that kind is "" or one
// of the kinds, and that no key is empty.
func (c *CopyUpdate) locked(kind string, keys []string, f func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
	case c.ctx.Err() != nil:
		c.setErr(context.Cause(c.ctx))
	case kind != "" && !slices.Contains(c.kinds, kind):
		c.setErr(c.unknownKind(kind))
	case slices.Contains(keys, ""):
		c.setErr(misuse("a record of kind %q has an empty key", kind))
	default:
		c.setErr(f())
	}
	return c.err
}

func (c *CopyUpdate) unknownKind(kind string) error {
	return misuse("the kind %q of records is not among those of CopyRules: %q", kind, c.kinds)
}

func (c *CopyUpdate) setErr(err error) {
	if c.err == nil {
		c.err = err
	}
}

// flushLocked writes the pending records. The caller holds the lock.
func (c *CopyUpdate) flushLocked() error {
	pending := c.pending
	c.pending, c.size = nil, 0
	for _, kind := range c.kinds {
		if len(pending[kind]) > 0 {
			if err := c.writer.put(kind, pending[kind]); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush writes the pending records.
func (c *CopyUpdate) flush() error { return c.locked("", nil, c.flushLocked) }

// pullResult is the outcome of a pull that has succeeded.
type pullResult struct {
	cursor          []byte
	readAt, fullDue time.Time // zero: not set
	expected        map[string]int64
	puts, deletes   int64
}

// runPull calls a source's Pull. Use the result only if there is no error.
func runPull(ctx context.Context, source Incremental, req PullRequest, c *CopyUpdate) (pullResult, error) {
	err := source.Pull(ctx, req, c)
	if err == nil {
		err = c.flush() // returns also an earlier error that the connector has ignored
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return pullResult{cursor: c.cursor, readAt: c.readAt, fullDue: c.fullDue, expected: maps.Clone(c.expected),
		puts: c.puts, deletes: c.deletes}, err
}
