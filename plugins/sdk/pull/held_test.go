package pull_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/pack"
	"github.com/reconcilehq/reconcile/plugins/sdk/pull"
)

// lamps is a platform, and a connector for it: brands, which are listed whole each time, and lamps, each with some bulbs, of which it
// tells what has changed. It never tells what was deleted.
type lamps struct {
	brands  map[int64]bool
	bulbs   map[int64]int64 // by lamp
	changed map[int64]bool

	checkpoint bool // the next pull breaks off behind its brands
}

var errBrokeOff = errors.New("the line is cut")

func (*lamps) CopyRules() sdk.CopyRules {
	return sdk.CopyRules{Kinds: []string{"brand", "lamp"}, Version: 1}
}

func (*lamps) Assemble(context.Context, sdk.ReadRequest, *sdk.Records, *sdk.Writer) error {
	return nil
}

func lampKey(id int64) string { return strconv.FormatInt(id, 10) }

func lampID(key string) (int64, error) { return strconv.ParseInt(key, 10, 64) }

func (l *lamps) Pull(ctx context.Context, req sdk.PullRequest, out *sdk.CopyUpdate) error {
	brands, counter := pull.NewTracker(req, out), pull.NewCounter("lamp", lampKey, pack.FirstWhole)
	if req.Cursor != nil && !req.Resumed {
		if _, err := fmt.Sscan(string(req.Cursor), &counter.Records, &counter.Parts); err != nil {
			return err
		}
	}
	if req.Resumed { // its cursor does not say how many there are
		if err := count(ctx, req, counter); err != nil {
			return err
		}
	}
	for id := range l.brands {
		if err := brands.Put("brand", lampKey(id), nil); err != nil {
			return err
		}
	}
	if l.checkpoint {
		l.checkpoint = false
		if err := out.Checkpoint([]byte("behind the brands")); err != nil {
			return err
		}
		return errBrokeOff
	}
	if err := brands.Sweep(ctx, "brand"); err != nil {
		return err
	}
	ask := slices.Sorted(maps.Keys(l.changed))
	if req.Cursor == nil || req.Resumed {
		ask = slices.Sorted(maps.Keys(l.bulbs))
	}
	if err := l.take(ctx, req, out, counter, ask); err != nil {
		return err
	}
	if counter.Records != int64(len(l.bulbs)) {
		differ, err := pull.Differ(ctx, req, "lamp", slices.Collect(maps.Keys(l.bulbs)), lampID)
		if err != nil {
			return err
		}
		if err := l.take(ctx, req, out, counter, slices.Sorted(maps.Keys(differ))); err != nil {
			return err
		}
	}
	l.changed = map[int64]bool{}
	out.SetCursor(fmt.Appendf(nil, "%d %d", counter.Records, counter.Parts))
	out.Expect("lamp", counter.Records)
	return nil
}

// count counts what the copy holds.
func count(ctx context.Context, req sdk.PullRequest, counter *pull.Counter[int64]) error {
	for record, err := range req.Records(ctx, "lamp") {
		if err != nil {
			return err
		}
		id, err := lampID(record.Key)
		if err != nil {
			return err
		}
		bulbs, err := pack.FirstWhole(record.Value)
		if err != nil {
			return err
		}
		counter.Put(id, bulbs)
	}
	return nil
}

// take asks for lamps: it puts those that there are, and drops the others.
func (l *lamps) take(ctx context.Context, req sdk.PullRequest, out *sdk.CopyUpdate, counter *pull.Counter[int64], ids []int64) error {
	if err := counter.LookUp(ctx, req, ids); err != nil {
		return err
	}
	var gone []int64
	for _, id := range ids {
		bulbs, there := l.bulbs[id]
		if !there {
			gone = append(gone, id)
			continue
		}
		counter.Put(id, bulbs)
		if err := out.Put("lamp", lampKey(id), pack.Write(&bulbs, func(n *int64, r *pack.Record) { r.Whole(n) })); err != nil {
			return err
		}
	}
	return counter.Drop(out, gone)
}

// TestCopyFollows changes a platform in any way between pulls, some of which break off. The copy holds what the platform has, and the
// counter counts it, though only what changed is asked for.
func TestCopyFollows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &lamps{brands: map[int64]bool{}, bulbs: map[int64]int64{}, changed: map[int64]bool{}}
		held := &sdk.MemoryCopy{}
		some := rapid.Int64Range(1, 12)
		for range rapid.IntRange(1, 8).Draw(t, "pulls") {
			for range rapid.IntRange(0, 4).Draw(t, "changes") {
				id := some.Draw(t, "id")
				switch rapid.SampledFrom([]string{"lamp", "no lamp", "brand", "no brand"}).Draw(t, "change") {
				case "lamp":
					l.bulbs[id], l.changed[id] = some.Draw(t, "bulbs"), true
				case "no lamp":
					delete(l.bulbs, id)
				case "brand":
					l.brands[id] = true
				case "no brand":
					delete(l.brands, id)
				}
			}
			l.checkpoint = rapid.IntRange(0, 3).Draw(t, "how it goes") == 0
			broken := l.checkpoint
			err := held.Pull(t.Context(), l, sdk.NewPullRequest([]string{"sku"}, func(string) {}), false)
			if broken {
				if !errors.Is(err, errBrokeOff) {
					t.Fatalf("error %v", err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			l.holds(t, held)
		}
	})
}

// holds compares a copy, and the counts in its cursor, with the platform.
func (l *lamps) holds(t *rapid.T, held *sdk.MemoryCopy) {
	bulbs, brands, all := map[int64]int64{}, map[int64]bool{}, int64(0)
	for _, record := range held.Records("lamp") {
		id, err := lampID(record.Key)
		if err != nil {
			t.Fatal(err)
		}
		if bulbs[id], err = pack.FirstWhole(record.Value); err != nil {
			t.Fatal(err)
		}
		all += bulbs[id]
	}
	for _, record := range held.Records("brand") {
		id, err := lampID(record.Key)
		if err != nil {
			t.Fatal(err)
		}
		brands[id] = true
	}
	if diff := cmp.Diff(l.bulbs, bulbs) + cmp.Diff(l.brands, brands); diff != "" {
		t.Error(diff)
	}
	if want := fmt.Sprintf("%d %d", len(bulbs), all); string(held.Cursor) != want {
		t.Errorf("it counts %s, want %s", held.Cursor, want)
	}
}
