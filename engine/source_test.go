package engine

import (
	"context"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// memorySource is a source that lies in memory.
type memorySource struct {
	batches []*catalog.Batch
	unread  [][]catalog.Unreadable // told before the batch of that place, and behind the last
	err     error
}

// before returns what is told before the batch of a place.
func (s *memorySource) before(batch int) []catalog.Unreadable {
	if batch >= len(s.unread) {
		return nil
	}
	return s.unread[batch]
}

func (s *memorySource) Read(ctx context.Context, asked *catalog.Schema, w ReadWatcher, sink func(*catalog.Batch) error) (Read, error) {
	var done Read
	for i, b := range s.batches {
		if err := w.Unreadable(s.before(i)); err != nil {
			return done, err
		}
		columns := make([]catalog.Column, asked.Len())
		for i := range columns {
			columns[i] = b.Column(b.Schema().Index(asked.Field(i).Name))
		}
		if err := sink(catalog.NewBatch(asked, b.Len(), columns)); err != nil {
			return done, err
		}
		done.Items += int64(b.Len())
	}
	if err := w.Unreadable(s.before(len(s.batches))); err != nil {
		return done, err
	}
	return done, s.err
}

// drawSources returns two sources. They have few keys that come again and again, or each key once on both sides, and values that are
// mostly the same there: then there are enough pairs for what is said of few of them.
func drawSources(t *rapid.T) (pos, store *memorySource) {
	if rapid.Bool().Draw(t, "by chance") {
		return drawSource(t, "pos"), drawSource(t, "store")
	}
	skus := []string{"A", "B", "C", "D", "E", "F", "G", "H", "i", "J", "K", "L"}
	var builders [2]*catalog.Builder
	for side := range builders {
		builders[side] = catalog.NewBuilder(testSchema)
	}
	price := rapid.SampledFrom([]int64{-1, 0, 1, 2, 3, 3, 3})
	values := map[string][5]any{}
	for side, b := range builders {
		for _, sku := range rapid.Permutation(skus).Draw(t, "skus") {
			own, there := values[sku]
			redraw := func(label string) bool { return !there || rapid.IntRange(0, 3).Draw(t, label) == 0 }
			if redraw("name anew") {
				own[0] = rapid.SampledFrom([]string{"Bell", "Bell A", "Bell B"}).Draw(t, "name")
			}
			for f := 2; f < 4; f++ {
				if !redraw("number anew") {
					continue
				}
				own[f] = nil
				if rapid.IntRange(0, 3).Draw(t, "known") > 0 {
					own[f] = price.Draw(t, "number")
				}
			}
			values[sku] = own
			if side == 1 && rapid.IntRange(0, 7).Draw(t, "left out") == 0 {
				continue
			}
			b.SetString(0, own[0].(string))
			b.SetString(1, sku)
			for f := 2; f < 4; f++ {
				if n, ok := own[f].(int64); ok {
					b.SetNumber(f, catalog.Int(n))
				}
			}
			b.End()
		}
	}
	return &memorySource{batches: []*catalog.Batch{builders[0].Batch()}}, &memorySource{batches: []*catalog.Batch{builders[1].Batch()}}
}

func drawSource(t *rapid.T, label string) *memorySource {
	s := &memorySource{}
	for range rapid.IntRange(0, 4).Draw(t, label) {
		b := catalog.NewBuilder(testSchema)
		for range rapid.IntRange(0, 6).Draw(t, "items") {
			b.SetString(0, rapid.SampledFrom([]string{"Bell", "Bell A", "Bell B", "Bell", "Bell"}).Draw(t, "name"))
			b.SetString(1, rapid.SampledFrom([]string{"A", "B", "C", "D", "E", "F", "G", "a", "", " ", "\u00a0"}).Draw(t, "sku"))
			for f := 2; f < 4; f++ {
				if n := rapid.IntRange(-1, 4).Draw(t, "number"); n < 4 {
					b.SetNumber(f, catalog.Int(int64(n)))
				}
			}
			b.SetString(4, rapid.SampledFrom([]string{"", "", "A", "b", "C", "D", "E", "f", " "}).Draw(t, "parent"))
			b.End()
		}
		s.batches = append(s.batches, b.Batch())
	}
	for range len(s.batches) + 1 {
		s.unread = append(s.unread, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) catalog.Unreadable {
			return catalog.Unreadable{SKU: rapid.SampledFrom([]string{"A", "B", "C", "D", "a", "Z"}).Draw(t, "sku"), Reason: rapid.SampledFrom([]string{"line 1", "line 2", ""}).Draw(t, "reason")}
		}), 0, 2).Draw(t, "unreadable"))
	}
	return s
}
