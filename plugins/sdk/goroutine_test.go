package sdk_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// TestGoroutines has goroutines of a connector's program panic: the report says that the connector is at fault, not reconcile, and where, and
// the panic's value is in none of it.
func TestGoroutines(t *testing.T) {
	const how = "RECONCILE_TEST_GOROUTINE"
	switch os.Getenv(how) {
	case "go":
		sdk.Go(func() { panic(errors.New("the token is 123")) })
		select {}
	case "group":
		var group sync.WaitGroup
		group.Go(sdk.Caught(func() { panic("the token is 123") }))
		group.Wait()
		os.Exit(0)
	}
	for _, way := range []string{"go", "group"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestGoroutines$")
		cmd.Env = append(os.Environ(), how+"="+way)
		said, _ := cmd.CombinedOutput()
		if status := cmd.ProcessState.ExitCode(); status != 70 {
			t.Errorf("%s: status %d, want 70", way, status)
		}
		if text := string(said); !strings.HasPrefix(text, "Error: this is a fault of the connector") || !strings.Contains(text, "TestGoroutines.func") || strings.Contains(text, "123") {
			t.Errorf("%s: it says:\n%s", way, text)
		}
	}
}
