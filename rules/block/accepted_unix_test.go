//go:build unix

package block_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/rules/block"
)

// TestOddAccepted has something else than a file in the place of what was accepted, beside a configuration and in its folder. It was
// left out without a word, so that everything accepted was a discrepancy again; a pipe in a folder was waited for.
func TestOddAccepted(t *testing.T) {
	for kind, place := range map[string]func(path string) error{
		"a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"a device": func(path string) error { return os.Symlink("/dev/zero", path) },
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "reconcile.hcl")
		if err := os.WriteFile(path, []byte("locals {\n  a = 1\n}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := place(filepath.Join(dir, "reconcile.accepted.hcl")); err != nil {
			t.Fatal(err)
		}
		for _, config := range []string{path, dir} {
			said := parsed(t, config)
			if !strings.Contains(said, "reconcile.accepted.hcl: it is "+kind+", not a file") {
				t.Errorf("%s, %s: %q", kind, config, said)
			}
		}
		tests := filepath.Join(dir, "x.test.hcl")
		if err := place(tests); err != nil {
			t.Fatal(err)
		}
		if said := saidBy(t, func() hcl.Diagnostics { _, diags := block.ParseAll([]string{tests}); return diags }); !strings.Contains(said, "it is "+kind) {
			t.Errorf("%s as a file of tests: %q", kind, said)
		}
	}
}

// parsed returns what is said of a configuration.
func parsed(t *testing.T, path string) string {
	t.Helper()
	return saidBy(t, func() hcl.Diagnostics { _, diags := block.ParseWith(path, "", nil, nil, nil); return diags })
}

// saidBy returns what is said by something that waits for nobody.
func saidBy(t *testing.T, parse func() hcl.Diagnostics) string {
	t.Helper()
	said := make(chan string, 1)
	go func() { said <- parse().Error() }()
	select {
	case text := <-said:
		return text
	case <-time.After(time.Minute):
		t.Fatal("nothing came of it in a minute")
	}
	return ""
}
