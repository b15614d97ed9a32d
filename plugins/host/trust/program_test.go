package trust

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("what makes a file a program is another matter there")
	}
	dir := t.TempDir()
	t.Setenv("PATH", filepath.Join(dir, "system"))
	for name, text := range map[string]string{"system/node": "\x7fELF", "bin/shop": "\x7fELF", "bin/tool.py": "#!/usr/bin/env python3\n",
		"plugin.mjs": "", "hook.mjs": "", "inventory.csv": "", "shop": "#!/bin/sh"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct {
		why      string
		words    []string
		files    []string
		platform string
	}{
		{"an interpreter is the system's", []string{"node", "plugin.mjs"}, []string{"plugin.mjs"}, "any"},
		{"the first file is the script", []string{"node", "--flag", "plugin.mjs", "inventory.csv"}, []string{"plugin.mjs"}, "any"},
		{"by its whole path, too", []string{filepath.Join(dir, "system/node"), filepath.Join(dir, "plugin.mjs")}, []string{"plugin.mjs"}, "any"},
		{"a program of the configuration's own is locked beside the script", []string{"./bin/shop", "plugin.mjs"}, []string{"bin/shop", "plugin.mjs"}, Platform()},
		{"a folder is no script", []string{"node", "bin"}, []string{"system/node"}, Platform()},
		{"nothing else to lock", []string{"node", "--version"}, []string{"system/node"}, Platform()},
		{"a script with its interpreter in it", []string{"./bin/tool.py"}, []string{"bin/tool.py"}, "any"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			p, err := Find(c.words, dir)
			if err != nil {
				t.Fatal(err)
			}
			var files []string
			for _, f := range p.Files {
				rel, err := filepath.Rel(dir, f)
				if err != nil {
					t.Fatal(err)
				}
				files = append(files, filepath.ToSlash(rel))
			}
			if diff := cmp.Diff(c.files, files); diff != "" || p.Platform != c.platform {
				t.Errorf("files (-want +got)\n%s platform %s", diff, p.Platform)
			}
		})
	}
	if p, err := FindFile("shop", dir); err != nil || p.Path != filepath.Join(dir, "shop") {
		t.Errorf("a path without a folder is %v, %v", p, err)
	}
	for _, word := range []string{"./plugin", "missing"} {
		if _, err := Find([]string{word}, dir); err == nil {
			t.Errorf("found %s", word)
		}
	}
}
