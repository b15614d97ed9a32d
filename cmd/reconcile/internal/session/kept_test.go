package session

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/reconcilehq/reconcile/rules"
)

// TestAcceptedChangedMeanwhile says that nothing is written over what somebody else has accepted since the configuration was read.
func TestAcceptedChangedMeanwhile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "reconcile.hcl")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(path, "source \"file\" \"a\" {\n  path = \"a.csv\"\n}\n")
	accepted := filepath.Join(dir, "reconcile.accepted.hcl")
	for _, text := range []string{"", "# somebody\n", "# somebody else\n"} {
		config, _ := rules.Load(path, rules.Options{Bundled: []string{"file"}})
		p := &Prepared{Sources: &Sources{Config: config}}
		unlock, err := p.lockAccepted()
		if err != nil {
			t.Fatalf("unchanged: %v", err)
		}
		unlock()
		write(accepted, text+"# changed\n")
		if _, err := p.lockAccepted(); !errors.Is(err, ErrChanged) {
			t.Errorf("changed: %v", err)
		}
		write(accepted, text)
	}
}
