package pull

import (
	"context"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Tracker puts records, and remembers which: those of a kind that was read in full and that were not put are gone. It is for one
// goroutine.
//
// CopyUpdate.Complete does not know it where a pull goes on from a checkpoint: what was put before may be gone by now.
type Tracker struct {
	req sdk.PullRequest
	out *sdk.CopyUpdate
	put map[string]map[string]bool
}

// NewTracker returns a Tracker for a pull that has put nothing yet.
func NewTracker(req sdk.PullRequest, out *sdk.CopyUpdate) *Tracker {
	return &Tracker{req, out, map[string]map[string]bool{}}
}

// Put puts a record, as CopyUpdate.Put does.
func (t *Tracker) Put(kind, key string, value []byte) error {
	if t.put[kind] == nil {
		t.put[kind] = map[string]bool{}
	}
	t.put[kind][key] = true
	return t.out.Put(kind, key, value)
}

// Keys returns the keys of the records of a kind that were put. The caller only reads it.
func (t *Tracker) Keys(kind string) map[string]bool { return t.put[kind] }

// Sweep deletes the records of a kind that the copy holds and that were not put.
func (t *Tracker) Sweep(ctx context.Context, kind string) error {
	var gone []string
	for key, err := range t.req.Keys(ctx, kind) {
		if err != nil {
			return err
		}
		if !t.put[kind][key] {
			gone = append(gone, key)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return t.out.Delete(kind, gone...)
}

// Counter counts the records of a kind while a pull puts and deletes them, and what is in them: products, and their variants. So a pull
// can hold both against what the platform counts, without reading the copy. It is for one goroutine.
type Counter[ID comparable] struct {
	Records int64 // that the copy holds: set it to what the last pull has left
	Parts   int64 // in all of them

	kind  string
	key   func(ID) string
	parts func(record []byte) (int64, error)
	held  map[ID]int64 // those that were put, or were looked up: how many parts they have now
}

// NewCounter returns a Counter for a kind. key makes a record's key, and parts says how many parts are in a record.
func NewCounter[ID comparable](kind string, key func(ID) string, parts func(record []byte) (int64, error)) *Counter[ID] {
	return &Counter[ID]{kind: kind, key: key, parts: parts, held: map[ID]int64{}}
}

// Put counts a record with so many parts, in place of one with that ID. Unless all are put anew, call LookUp before.
func (c *Counter[ID]) Put(id ID, parts int64) {
	before, held := c.held[id]
	if !held {
		c.Records++
	}
	c.held[id] = parts
	c.Parts += parts - before
}

// LookUp finds out which of the records the copy holds, and how many parts they have.
func (c *Counter[ID]) LookUp(ctx context.Context, req sdk.PullRequest, ids []ID) error {
	var unknown []ID
	var keys []string
	for _, id := range ids {
		if _, known := c.held[id]; !known {
			unknown, keys = append(unknown, id), append(keys, c.key(id))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	found, err := req.Get(ctx, c.kind, keys...)
	if err != nil {
		return err
	}
	for i, id := range unknown {
		if value, ok := found[keys[i]]; ok {
			if c.held[id], err = c.parts(value); err != nil {
				return err
			}
		}
	}
	return nil
}

// Drop deletes those of the records that the copy holds. Call LookUp for them before.
func (c *Counter[ID]) Drop(out *sdk.CopyUpdate, ids []ID) error {
	var keys []string
	for _, id := range ids {
		if parts, held := c.held[id]; held {
			c.Records--
			c.Parts -= parts
			delete(c.held, id)
			keys = append(keys, c.key(id))
		}
	}
	return out.Delete(c.kind, keys...)
}

// Differ compares the records of a kind that the copy holds with those that the platform lists, by their IDs. It returns the IDs that are
// only in one of them. id reads a record's key.
func Differ[ID comparable](ctx context.Context, req sdk.PullRequest, kind string, listed []ID, id func(key string) (ID, error)) (map[ID]bool, error) {
	differ := map[ID]bool{}
	for _, of := range listed {
		differ[of] = true
	}
	for key, err := range req.Keys(ctx, kind) {
		if err != nil {
			return nil, err
		}
		held, err := id(key)
		if err != nil {
			return nil, err
		}
		if differ[held] {
			delete(differ, held)
		} else {
			differ[held] = true
		}
	}
	return differ, nil
}
