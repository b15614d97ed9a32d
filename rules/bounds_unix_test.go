//go:build unix

package rules_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPipeAsConfiguration checks that nobody waits for a pipe into which nobody writes, and that what never ends is not read for ever.
func TestPipeAsConfiguration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe.hcl")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	stop := make(chan struct{})
	close(stop)
	if diags := compiled(path, stop); !diags.HasErrors() || !strings.Contains(diags[0].Detail, "interrupted") {
		t.Error(diags)
	}
	if diags := compiled("/dev/zero", nil); !diags.HasErrors() || !strings.Contains(diags[0].Detail, "max_config") {
		t.Error(diags)
	}
}
