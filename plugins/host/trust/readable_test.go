//go:build !windows

package trust

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestReadable says what a plugin may read of its own, and that a folder which holds other things as well is not its own.
func TestReadable(t *testing.T) {
	root := resolveLinks(t.TempDir())
	t.Setenv("HOME", filepath.Join(root, "home"))
	config := filepath.Join(root, "home", "shop")
	node := filepath.Join(root, "opt", "node", "bin", "node")
	t.Setenv("PATH", filepath.Dir(node))
	for _, name := range []string{node, filepath.Join(config, "plugin.mjs"), filepath.Join(config, "plugins", "a.mjs"),
		filepath.Join(root, "home", "b.mjs"), filepath.Join(root, "c.mjs"), filepath.Join(root, "tools", "d")} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("#!/usr/bin/env -S node --flag\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	lib := filepath.Join(root, "opt", "node", "lib")
	cases := []struct {
		why      string
		words    []string
		yes, not []string
	}{
		{"a script in a folder of its own", []string{"node", "plugins/a.mjs"},
			[]string{filepath.Join(config, "plugins"), filepath.Join(config, "node_modules"), filepath.Join(root, "package.json"), node, lib}, []string{config}},
		{"beside the configuration", []string{"node", "plugin.mjs"}, []string{node, filepath.Join(config, "node_modules")}, []string{config}},
		{"in the home folder", []string{"node", "../b.mjs"}, nil, []string{config, filepath.Join(root, "home")}},
		{"above it", []string{"node", "../../c.mjs"}, nil, []string{root, config}},
		{"a script that is a program", []string{filepath.Join(root, "tools", "d")}, []string{filepath.Join(root, "tools"), node, lib, "/usr/bin/env"}, []string{config}},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			p, err := Find(c.words, config)
			if err != nil {
				t.Fatal(err)
			}
			got := p.Readable()
			for _, path := range c.yes {
				if !slices.Contains(got, path) {
					t.Errorf("%s is not in %v", path, got)
				}
			}
			for _, path := range got {
				for _, not := range c.not {
					if contains(path, not) {
						t.Errorf("%s holds %s", path, not)
					}
				}
			}
		})
	}
}
