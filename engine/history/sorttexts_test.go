package history

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestSortedTexts holds the order of texts that have much in common, end in each other, or have bytes 0, against a plain one.
func TestSortedTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{"", "a", "b", "\x00", "\x00\x00", "eight by", "common beginning of all", strings.Repeat("long ", 300), "\xff", "ä"})
		start := rapid.SampledFrom([]string{"", "item ", strings.Repeat("z", 1100)}).Draw(t, "start")
		var texts foldedTexts
		var want []uint32
		n := rapid.SampledFrom([]int{0, 1, 5, 60, 400}).Draw(t, "items")
		for i := range n {
			text := start
			for range rapid.IntRange(0, 3).Draw(t, "pieces") {
				text += piece.Draw(t, "piece")
			}
			texts.bytes = append(texts.bytes, text...)
			texts.ends = append(texts.ends, len(texts.bytes))
			want = append(want, uint32(i))
		}
		slices.SortStableFunc(want, func(a, b uint32) int { return bytes.Compare(texts.at(a), texts.at(b)) })
		if diff := cmp.Diff(append([]uint32{}, want...), texts.sorted()); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
	})
}
