package guard

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"
)

// TestMayBeConfined says when a bundled connector's failure may come of what it has given up: a filter of system calls answers EPERM.
// A database or an API says that permission is denied, too.
func TestMayBeConfined(t *testing.T) {
	if host.SandboxLevel() == host.Unconfined {
		t.Skip("this system cannot confine a program")
	}
	g := &Guard{config: &rules.Config{Config: &source.Config{}}}
	for _, c := range []struct {
		err  error
		hint bool
	}{
		{fmt.Errorf("read: chmod shop.db: %w", syscall.EPERM), true},
		{errors.New("permission denied for table items"), false},
		{errors.New("no such file"), false},
	} {
		if hint := g.MayBeConfined(&source.Source{Connector: "file"}, c.err); strings.Contains(hint, "docs/trust.md") != c.hint || (hint == "") == c.hint {
			t.Errorf("of %q it says %q", c.err, hint)
		}
	}
}
