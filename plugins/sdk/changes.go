package sdk

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Changes takes what a Pull has to tell. Its methods may be called from several goroutines. An error that one of them
// returns means that the pull is to stop: return it.
type Changes struct {
	ctx    context.Context
	kinds  []string
	keeper keeper
	schema *catalog.Schema // of PutItem

	mu       sync.Mutex
	err      error
	cursor   []byte
	readAt   time.Time
	fullDue  time.Time
	expected map[string]int64
	puts     int64
	deletes  int64
	pending  map[string][]Record // by kind, not handed on yet
	size     int                 // of pending, in bytes
}

// keeper is where changes go: the host, or memory.
type keeper interface {
	full() error
	put(kind string, records []Record) error
	delete(kind string, keys []string) error
	complete(kind string) error
	checkpoint(cursor []byte) error
}

// recordBytes is about how much is handed to the keeper at once.
const recordBytes = 1 << 20

// Full starts anew: what the host holds is replaced, when the pull ends well, by what is put from now on. A pull without
// a cursor is full from its start. What was put before in this pull counts no more.
func (c *Changes) Full() error {
	return c.do("", nil, func() error {
		c.pending, c.size, c.puts, c.deletes, c.expected = nil, 0, 0, 0, nil
		return c.keeper.full()
	})
}

// Put adds a record, or gives the one with that key another value. Putting what is held already is no mistake. The value
// is kept until it was sent: do not change it.
func (c *Changes) Put(kind, key string, value []byte) error {
	return c.do(kind, []string{key}, func() error {
		if c.pending == nil {
			c.pending = map[string][]Record{}
		}
		c.puts++
		c.pending[kind] = append(c.pending[kind], Record{key, value})
		if c.size += len(key) + len(value) + 16; c.size >= recordBytes {
			return c.flush()
		}
		return nil
	})
}

// Delete takes records away. Keys that are not held are no mistake.
func (c *Changes) Delete(kind string, keys ...string) error {
	return c.do(kind, keys, func() error {
		c.deletes += int64(len(keys))
		if err := c.flush(); err != nil || len(keys) == 0 {
			return err
		}
		return c.keeper.delete(kind, keys)
	})
}

// Complete says that all records of the kind were put in this pull (before a Checkpoint that it resumed, too): the host
// takes the others away.
func (c *Changes) Complete(kind string) error {
	return c.do(kind, nil, func() error {
		if err := c.flush(); err != nil {
			return err
		}
		return c.keeper.complete(kind)
	})
}

// Checkpoint says that what was put and deleted so far is whole: if this pull breaks off, the next one may go on from
// cursor, and holds what came before. Nobody gets to see it until a pull has ended well. A cursor is not empty.
func (c *Changes) Checkpoint(cursor []byte) error {
	return c.do("", nil, func() error {
		if len(cursor) == 0 {
			return mistaken("a checkpoint needs a cursor")
		}
		if err := c.flush(); err != nil {
			return err
		}
		return c.keeper.checkpoint(cursor)
	})
}

// SetCursor sets where the next pull is to begin. A pull without a cursor makes the next one a full one.
func (c *Changes) SetCursor(cursor []byte) { c.set(func() { c.cursor = cursor }) }

// ReadAt sets when the data were as they now are: not later than the first request of this pull, and of what a resumed
// pull does not read again, not later than the first request of that. PullRequest.BeganAt if it is not called.
func (c *Changes) ReadAt(t time.Time) { c.set(func() { c.readAt = t }) }

// FullDue sets from when on the host is to read everything anew, by itself; never if it is not called.
func (c *Changes) FullDue(t time.Time) { c.set(func() { c.fullDue = t }) }

// Expect says how many records of a kind there must be when this pull has ended, as the platform itself counts them. The
// host fails the pull where it arrives at another number.
func (c *Changes) Expect(kind string, n int64) {
	c.set(func() {
		if c.expected == nil {
			c.expected = map[string]int64{}
		}
		c.expected[kind] = n
		if !slices.Contains(c.kinds, kind) {
			c.fail(c.unknown(kind))
		}
	})
}

func (c *Changes) set(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// do runs f under the lock unless something went wrong before, and remembers its error. kind is "" or one of the kinds;
// keys are not empty.
func (c *Changes) do(kind string, keys []string, f func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
	case c.ctx.Err() != nil:
		c.fail(context.Cause(c.ctx))
	case kind != "" && !slices.Contains(c.kinds, kind):
		c.fail(c.unknown(kind))
	case slices.Contains(keys, ""):
		c.fail(mistaken("a record of kind %q has an empty key", kind))
	default:
		c.fail(f())
	}
	return c.err
}

func (c *Changes) unknown(kind string) error {
	return mistaken("the kind %q of records is not among those of CopyRules: %q", kind, c.kinds)
}

func (c *Changes) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// flush hands on what is pending; the lock is held.
func (c *Changes) flush() error {
	pending := c.pending
	c.pending, c.size = nil, 0
	for _, kind := range c.kinds {
		if len(pending[kind]) > 0 {
			if err := c.keeper.put(kind, pending[kind]); err != nil {
				return err
			}
		}
	}
	return nil
}

// settle hands on what is pending, so that what the host answers includes it.
func (c *Changes) settle() error { return c.do("", nil, c.flush) }

// pulled is what a pull that has ended well amounts to.
type pulled struct {
	cursor          []byte
	readAt, fullDue time.Time // zero: not said
	expected        map[string]int64
	puts, deletes   int64
}

// pull runs a source's Pull; the result counts only without an error.
func pull(ctx context.Context, source Incremental, req PullRequest, c *Changes) (pulled, error) {
	err := source.Pull(ctx, req, c)
	if err == nil {
		err = c.settle() // with an error that the connector has passed over
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return pulled{cursor: c.cursor, readAt: c.readAt, fullDue: c.fullDue, expected: maps.Clone(c.expected),
		puts: c.puts, deletes: c.deletes}, err
}
