package firstgc

import (
	"runtime"
	"runtime/metrics"
	"testing"
)

// TestPutOff has the first collection of garbage be the last that comes late.
func TestPutOff(t *testing.T) {
	percent := func() uint64 {
		sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	t.Setenv("GOGC", "50")
	before := percent()
	putOff()
	if percent() != before {
		t.Errorf("what GOGC says was changed to %d", percent())
	}
	t.Setenv("GOGC", "")
	putOff()
	if percent() != first {
		t.Errorf("at the start it is %d", percent())
	}
	for percent() != usual { // the cleanup runs soon after a collection
		runtime.GC()
	}
}
