package session_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// TestFingerprint is another one once a file has changed that a comparison reads, and the same until then.
func TestFingerprint(t *testing.T) {
	o := shop(t, `
intentional "as we found it" {
  skus_file = "accepted.csv"
  reason    = "as we found it"
}
`)
	dir := filepath.Dir(o.ConfigPath)
	s := session.New(o)
	seen := map[string]string{}
	look := func(after string) {
		t.Helper()
		is := s.Fingerprint()
		if before, known := seen[is]; known {
			t.Errorf("after %s it is the same as after %s", after, before)
		}
		seen[is] = after
		if again := s.Fingerprint(); again != is {
			t.Errorf("after %s it is another one though nothing has changed", after)
		}
	}
	look("nothing")
	for _, name := range []string{"accepted.csv", "shop.csv", "web.csv", "reconcile.accepted.hcl", "reconcile.hcl"} {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(text, "# more\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
		look("a change of " + name)
	}
}
