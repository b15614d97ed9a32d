package keep_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk/keep"
)

// TestEachConfigurationKeepsItsOwn writes to the sandboxes of two configurations, and edits what one of them is made of.
func TestEachConfigurationKeepsItsOwn(t *testing.T) {
	folder, shops := filepath.Join(t.TempDir(), "sandboxes"), []string{t.TempDir(), t.TempDir()}
	in := func(shop, catalogue string) *keep.File {
		t.Helper()
		t.Chdir(shop)
		if err := os.WriteFile("shop.json", []byte(catalogue), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := keep.In(folder, "shop.json")
		if err != nil || file.Folder != folder {
			t.Fatalf("%+v, error %v", file, err)
		}
		return file
	}
	first := in(shops[0], "{}")
	if err := first.Keep(map[string]int{"bells": 3}); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(first.Path); err != nil || string(text) != `{"bells":3}` {
		t.Errorf("%s, error %v", text, err)
	}
	if again := in(shops[0], "{}"); again.Path != first.Path {
		t.Errorf("%s, and then %s", first.Path, again.Path)
	}
	for name, other := range map[string]*keep.File{"another configuration": in(shops[1], "{}"), "an edited catalogue": in(shops[0], "{ }")} {
		if other.Path == first.Path {
			t.Errorf("%s has the same file", name)
		}
	}
}

// TestKeptNowhere has no folder, or one that cannot be made.
func TestKeptNowhere(t *testing.T) {
	file, err := keep.In("", "")
	if err != nil || file != nil || file.Keep(1) != nil {
		t.Errorf("%+v, error %v", file, err)
	}
	plain := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err = keep.In(filepath.Join(plain, "sandboxes"), "")
	if err != nil || file.Folder != "" || file.Keep(1) == nil {
		t.Errorf("%+v, error %v", file, err)
	}
	if _, err := keep.In(t.TempDir(), "there is no such file"); err == nil {
		t.Error("a catalogue that is not there is none")
	}
}
