package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFileAgainstFile runs the example of two files in docs/configuration.md as it stands there.
func TestFileAgainstFile(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(strings.ReplaceAll(string(page), "\r\n", "\n"), "\n### A file against a file\n")
	section, _, _ = strings.Cut(section, "\n### ")
	blocks := regexp.MustCompile("(?s)\n```(csv|hcl|console)\n(.*?)```").FindAllStringSubmatch(section, -1)
	if len(blocks) != 4 {
		t.Fatalf("%d blocks of text", len(blocks))
	}
	dir := t.TempDir()
	for i, name := range []string{"shop.csv", "web.csv", "reconcile.hcl"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(blocks[i][2]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command, want, _ := strings.Cut(blocks[3][2], "\n")
	got, err := program(t, dir, strings.Fields(strings.TrimPrefix(command, "$ reconcile "))...).Output()
	if diff := cmp.Diff(want, string(got)); err != nil || diff != "" {
		t.Errorf("%v (-page +run):\n%s", err, diff)
	}
}
