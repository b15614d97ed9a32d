package engine

import (
	"runtime/metrics"
	"testing"
)

// TestCollectSooner says when the collector's pace is changed, and that it is as before when the result is closed.
func TestCollectSooner(t *testing.T) {
	percent := func() uint64 {
		sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	before := percent()
	for _, c := range []struct {
		items int64
		gogc  string
		want  uint64
	}{{manyItems, "", growth}, {manyItems - 1, "", before}, {manyItems, "80", before}} {
		t.Setenv("GOGC", c.gogc)
		restore := collectSooner(c.items)
		if got := percent(); got != c.want {
			t.Errorf("with %d items and GOGC=%s it is %d, want %d", c.items, c.gogc, got, c.want)
		}
		restore()
		if got := percent(); got != before {
			t.Errorf("with %d items and GOGC=%s it stays %d", c.items, c.gogc, got)
		}
	}
}
