package fault_test

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// TestNoCoreDumps checks that the memory of a process that holds secrets is written to no file, whoever the kernel gives dumps to.
func TestNoCoreDumps(t *testing.T) {
	fault.Prepare("test")
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil || dumpable != 0 {
		t.Errorf("dumpable is %d, %v", dumpable, err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil || limit.Cur != 0 {
		t.Errorf("a core dump may have %d bytes, %v", limit.Cur, err)
	}
}
