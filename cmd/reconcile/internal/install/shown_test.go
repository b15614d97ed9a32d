package install

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShownCommand(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "plugin.mjs"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got := shown([]string{"node", "plugin.mjs", filepath.Join(dir, "plugin.mjs"), "--fast", "--token=abc", "--token", "abc", "-pabc", "-p", "."}, dir)
	want := []string{"node", "plugin.mjs", filepath.Join(dir, "plugin.mjs"), "--fast", "--token=…", "--token", "…", "…", "…", "…"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
