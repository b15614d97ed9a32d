package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/devkit/conformance"
)

// TestConformance builds the connector and holds it against what reconcile asks of every connector. With -v it says what
// was seen. conformance.hcl has the sources: an empty one and a large one show more than one alone.
func TestConformance(t *testing.T) {
	program := filepath.Join(t.TempDir(), "connector.exe")
	if out, err := exec.Command("go", "build", "-o", program).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	conformance.Test(t, conformance.Target{Command: []string{program}, Config: "conformance.hcl"})
}
