package fault_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// TestHalt checks that what is ended on purpose is an error of whoever started it, and no fault.
func TestHalt(t *testing.T) {
	want := errors.New("too large")
	if got := fault.CaughtError(func() error { fault.Halt(want); return nil })(); !errors.Is(got, want) {
		t.Errorf("%v", got)
	}
	if got := fault.CaughtError(func() error { return want })(); !errors.Is(got, want) {
		t.Errorf("%v", got)
	}
}

// TestReport checks that a report has the place, and the text of a panic only where that is the Go runtime's.
func TestReport(t *testing.T) {
	report := func(f func()) (text string) {
		defer func() {
			var b strings.Builder
			fault.Report(&b, recover())
			text = b.String()
		}()
		f()
		return ""
	}
	if got := report(func() { panic("the price is 5") }); strings.Contains(got, "price") || !strings.Contains(got, "fault_test.TestReport") || !strings.Contains(got, "panic (string)") {
		t.Error(got)
	}
	if got := report(func() { _ = []int{}[len(got())] }); !strings.Contains(got, "index out of range [1] with length 0") {
		t.Error(got)
	}
}

func got() string { return "x" }
