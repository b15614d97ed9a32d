package archive

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/replace"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// Changes say since when the findings of a run are there, and which are new.
type Changes struct {
	Before   bool    // there was a run before that this one could be compared with; otherwise all findings are as old as this run
	New      []int32 // the positions of items with a finding that the run before had not, in ascending order
	Resolved int     // how many findings of the run before are none any more

	since []since // by position, then by rule
}

// since is one finding.
type since struct {
	position int32
	rule     int32 // by its place in the run; -1: it is the item's status
	at       int64 // milliseconds since 1970
}

func (s since) compare(o since) int {
	return cmp.Or(cmp.Compare(s.position, o.position), cmp.Compare(s.rule, o.rule))
}

// Since returns since when an item has its oldest finding; false if it has none.
func (c *Changes) Since(position int) (time.Time, bool) {
	from, _ := slices.BinarySearchFunc(c.since, since{int32(position), -1, 0}, since.compare)
	oldest := int64(0)
	for _, s := range c.since[from:] {
		if s.position != int32(position) {
			break
		}
		if oldest == 0 || s.at < oldest {
			oldest = s.at
		}
	}
	return time.UnixMilli(oldest), oldest != 0
}

// SinceOf returns since when a rule's cell of an item is N; -1 is the item's status. It is false if that is no finding.
func (c *Changes) SinceOf(position, rule int) (time.Time, bool) {
	at, found := slices.BinarySearchFunc(c.since, since{int32(position), int32(rule), 0}, since.compare)
	if !found {
		return time.Time{}, false
	}
	return time.UnixMilli(c.since[at].at), true
}

// Before returns the newest run of a reconciliation that compared something, of those before a run; all, if that is not among them. A run
// that compared nothing, since an export went wrong, says nothing of what was resolved or is new: skipped are those that are newer than what
// is returned, the newest first. There is none where found is false.
func (a *Archive) Before(ctx context.Context, of store.Run) (before store.Run, skipped []store.Run, found bool, err error) {
	list, err := a.List(ctx, of.Reconciliation, 0)
	if err != nil {
		return before, nil, false, err
	}
	if at := slices.IndexFunc(list, func(r store.Run) bool { return r.ID == of.ID }); at >= 0 {
		list = list[at+1:]
	}
	for i, r := range list {
		if r.Counts.Nothing == "" {
			return r, list[:i], true, nil
		}
	}
	return before, list, false, nil
}

// compare compares a run whose file was written with the last one that compared something, and writes what has changed. If it has compared
// nothing itself, it is compared with none.
func (a *Archive) compare(ctx context.Context, r *store.Run) error {
	last, _, found, err := a.Before(ctx, *r)
	if err != nil {
		return err
	}
	run, err := a.Open(*r)
	if err != nil {
		return err
	}
	defer run.Close()
	var c *Changes
	if found && r.Counts.Nothing == "" {
		// A file that is gone, damaged, or of a newer version is as if there were none: that must not keep this run from being kept.
		if before, err := a.Open(last); err == nil {
			if c, err = a.since(last, before, run, r.Ended); err == nil {
				r.Previous = last.ID
			} else {
				c = nil
			}
			_ = before.Close() // it was only read
		}
	}
	if c == nil {
		if c, err = firstSeen(run, r.Ended); err != nil {
			return err
		}
	}
	r.Counts.New, r.Counts.Resolved = len(c.New), c.Resolved
	return replace.WritePlain(filepath.Join(a.dir, r.ID+changesSuffix), c.encode(), 0o600)
}

// firstSeen returns the changes of a run that has none before it: each finding is as old as the run.
func firstSeen(run *history.Run, at time.Time) (*Changes, error) {
	filters := []history.Filter{{Open: true}} // that of the status, then those of the rules
	for rule := range run.About().Rules {
		filters = append(filters, history.Filter{Cells: []history.Cells{{Rule: rule, Marks: []history.Mark{history.Red}}}})
	}
	found, all := make([][]int32, len(filters)), 0
	for i, f := range filters {
		var err error
		if found[i], err = run.Filter(f); err != nil {
			return nil, err
		}
		all += len(found[i])
	}
	c := &Changes{since: make([]since, 0, all)}
	for position := range int32(run.Items()) {
		for i, next := range found {
			if len(next) > 0 && next[0] == position {
				c.since = append(c.since, since{position, int32(i) - 1, at.UnixMilli()})
				found[i] = next[1:]
			}
		}
	}
	return c, nil
}

// since returns the changes of a run since the one before it.
func (a *Archive) since(of store.Run, before, run *history.Run, at time.Time) (*Changes, error) {
	old, err := a.Changes(of)
	if err != nil {
		return nil, err
	}
	comparison, err := history.Compare(before, run)
	if err != nil {
		return nil, err
	}
	open, err := run.Filter(history.Filter{Open: true})
	if err != nil {
		return nil, err
	}
	places := [2]map[string]int{placesOf(before), placesOf(run)}
	c := &Changes{Before: true, New: comparison.Positions(history.New)}
	for _, f := range comparison.Findings {
		if f.Change == history.Resolved {
			c.Resolved++
		}
		if f.After < 0 {
			continue
		}
		if is, err := holds(f, run, places[1], open); err != nil {
			return nil, err
		} else if !is {
			continue
		}
		began := at
		if f.Before >= 0 {
			if rule, there := places[0][f.Rule]; there {
				if t, known := old.SinceOf(int(f.Before), rule); known {
					began = t
				}
			}
		}
		c.since = append(c.since, since{f.After, int32(places[1][f.Rule]), began.UnixMilli()})
	}
	slices.SortFunc(c.since, since.compare)
	return c, nil
}

// placesOf returns the places of rules by their codes; that of the status is -1.
func placesOf(r *history.Run) map[string]int {
	places := map[string]int{"": -1}
	for i, rule := range r.About().Rules {
		places[rule.Code] = i
	}
	return places
}

// holds reports whether a finding is one of the run after, and not only of the one before. open are the items of the run after whose
// status is one.
func holds(f history.Finding, run *history.Run, places map[string]int, open []int32) (bool, error) {
	switch f.Change {
	case history.New, history.Updated, history.Persisting:
		return true, nil
	case history.Rejudged: // it may be one now, or have been one before
		rule, there := places[f.Rule]
		if !there {
			return false, nil
		}
		if rule < 0 {
			_, is := slices.BinarySearch(open, f.After)
			return is, nil
		}
		mark, err := run.Cell(int(f.After), rule)
		return mark == history.Red, err
	}
	return false, nil
}

// The form of the file: this line, varints, and a checksum of both.
const changesHead = "reconcile-changes 1\n"

func (c *Changes) encode() []byte {
	b := []byte(changesHead)
	flag := uint64(0)
	if c.Before {
		flag = 1
	}
	b = binary.AppendUvarint(b, flag)
	b = binary.AppendUvarint(b, uint64(c.Resolved))
	b = binary.AppendUvarint(b, uint64(len(c.New)))
	last := int32(0)
	for _, p := range c.New {
		b = binary.AppendUvarint(b, uint64(p-last))
		last = p
	}
	b = binary.AppendUvarint(b, uint64(len(c.since)))
	last = 0
	for _, s := range c.since {
		b = binary.AppendUvarint(b, uint64(s.position-last))
		b = binary.AppendUvarint(b, uint64(s.rule+1))
		b = binary.AppendUvarint(b, uint64(s.at))
		last = s.position
	}
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

// Changes returns what has changed in a run since the one before it.
func (a *Archive) Changes(r store.Run) (*Changes, error) {
	path := filepath.Join(a.dir, r.ID+changesSuffix)
	b, err := replace.Read(path)
	if err != nil {
		return nil, fmt.Errorf("read what has changed in a run: %w", err)
	}
	c, ok := decodeChanges(b)
	if !ok {
		return nil, fmt.Errorf("read what has changed in a run: %s is damaged, or of another version", path)
	}
	return c, nil
}

func decodeChanges(b []byte) (c *Changes, ok bool) {
	if len(b) < len(changesHead)+4 || string(b[:len(changesHead)]) != changesHead {
		return nil, false
	}
	body := b[:len(b)-4]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(b[len(b)-4:]) {
		return nil, false
	}
	body = body[len(changesHead):]
	next := func() uint64 {
		n, size := binary.Uvarint(body)
		if size <= 0 {
			body, ok = nil, false
			return 0
		}
		body = body[size:]
		return n
	}
	ok = true
	c = &Changes{Before: next() == 1, Resolved: int(next())}
	last := int32(0)
	for n := next(); n > 0 && ok; n-- {
		last += int32(next())
		c.New = append(c.New, last)
	}
	last = 0
	for n := next(); n > 0 && ok; n-- {
		last += int32(next())
		c.since = append(c.since, since{position: last, rule: int32(next()) - 1, at: int64(next())})
	}
	return c, ok && len(body) == 0
}
