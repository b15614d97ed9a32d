package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/spill"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestReadsInOrder has two writers keep items in any order, in memory and on disk, and reads them back in the order of the
// report, twice.
func TestReadsInOrder(t *testing.T) {
	for _, c := range []struct {
		name   string
		memory int64
		count  int
	}{
		{"none", 0, 0},
		{"in memory", 0, 300},
		{"the rest in memory", 3 * chunk.Size, 300},
		{"files of files", 1, 40}, // one each: more than maxFiles
	} {
		t.Run(c.name, func(t *testing.T) {
			folder, err := spill.Open(filepath.Join(t.TempDir(), "spool")) // made by Open, for its user alone
			if err != nil {
				t.Fatal(err)
			}
			defer folder.Close()
			s := New(c.memory, &chunk.Pool{}, func() (*spill.Folder, error) { return folder, nil })
			writers := []*Writer{s.Writer(), s.Writer()}
			for _, n := range rand.New(rand.NewPCG(1, 2)).Perm(c.count) {
				it := itemOf(n)
				if err := writers[n*7%2].Add(&it); err != nil {
					t.Fatal(err)
				}
			}
			for _, w := range writers {
				w.Close()
			}
			want, rest := []Item{}, []Item{} // the pos side's come first, both in their order
			for n := range c.count {
				if it := itemOf(n); it.Rows[verdict.Pos] != nil {
					want = append(want, it)
				} else {
					rest = append(rest, it)
				}
			}
			want = append(want, rest...)
			for range 2 {
				if diff := cmp.Diff(want, all(t, s), cmp.Comparer(bytes.Equal)); diff != "" {
					t.Fatalf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

// TestClose says that what is closed gives its memory to whoever asks for some next, and cannot be read as if it were empty.
func TestClose(t *testing.T) {
	pool := &chunk.Pool{}
	s := New(0, pool, func() (*spill.Folder, error) { return nil, errors.New("there is no disk") })
	w := s.Writer()
	it := itemOf(1)
	if err := w.Add(&it); err != nil {
		t.Fatal(err)
	}
	w.Close()
	held := s.runs[0].chunks[0]
	for range 2 {
		s.Close()
	}
	if r, err := s.Read(); err == nil {
		t.Errorf("what is closed is read: %v", r)
	}
	if got := pool.Get(); unsafe.SliceData(got) != unsafe.SliceData(held) {
		t.Error("its memory was not put back")
	}
	if got := pool.Get(); unsafe.SliceData(got) == unsafe.SliceData(held) {
		t.Error("its memory was put back twice")
	}
}

// itemOf makes up the item that is number n on the sides where it is.
func itemOf(n int) Item {
	it := Item{Status: verdict.Statuses[n%len(verdict.Statuses)], Outcome: int32(n%5) - 1, Brief: n%7 == 0}
	for _, side := range verdict.Sides {
		if n%3 != int(side) { // so that each third item is on both
			it.Rows[side] = bytes.Repeat(fmt.Appendf(nil, "%s %d.", side, n), 1+n%50*40)
			it.Ordinals[side] = uint32(n)
			if n%4 < 2 { // it comes right before the next that was read, in the order of those numbers
				it.Unreadable[side] = true
				it.Ordinals[side] = uint32(n - n%4 + 2)
				it.Rows[side] = append(binary.LittleEndian.AppendUint32(nil, uint32(n)), it.Rows[side]...)
			}
		}
	}
	return it
}

func all(t *testing.T, s *Spool) []Item {
	t.Helper()
	r, err := s.Read()
	if err != nil {
		t.Fatal(err)
	}
	list := []Item{}
	for {
		page, err := r.Page(1 + len(list)%7)
		if err != nil {
			t.Fatal(err)
		}
		if page.Len() == 0 {
			return list
		}
		for i := range page.Len() {
			list = append(list, page.Item(i))
		}
	}
}
