package webapi

import (
	"testing"
	"time"
)

// TestBucket counts points where answers come in another order than that in which the platform counted.
func TestBucket(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	told := func(left int64) Limits { return Limits{Quota: 1000, Left: left, PerSecond: 50, Cost: 180} }
	var b bucket
	b.note(told(820), &turn{}, now, true)
	first, second := &turn{}, &turn{}
	if ok, _ := b.admit(second, now, []*turn{first}, 0.95); !ok {
		t.Error("820 points are not enough for two")
	}
	b.note(told(460), second, now, false)
	b.note(told(640), first, now, false)
	if left := b.full(now); left > 460 {
		t.Errorf("%v points are left, want at most 460", left)
	}
	// 230 are wanted: the cost, and a twentieth of the bucket.
	ok, wait := b.admit(&turn{}, now, []*turn{first, second}, 0.95)
	if seconds := (230 - (b.full(now) - 360)) / 50; ok || wait < time.Duration(seconds*float64(time.Second)) || wait > time.Duration((seconds+1)*float64(time.Second)) {
		t.Errorf("it waits %s, want %v s", wait, seconds)
	}
	if ok, wait := b.admit(&turn{}, now, []*turn{{}, {}, {}, {}, {}}, 0.95); ok || wait != 0 {
		t.Errorf("beside five, for which a full bucket is hardly enough: %v, it waits %s", ok, wait)
	}
	if ok, _ := b.admit(&turn{cost: 5000}, now.Add(time.Hour), nil, 0.95); !ok {
		t.Error("what costs more than a bucket holds waits for ever")
	}
}
