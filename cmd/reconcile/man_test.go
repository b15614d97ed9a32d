package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

var manDir = flag.String("man", "", "write the man pages into this folder, for a release")

// TestManPages makes a man page of each command. It is a test so that what makes them is no part of the program.
func TestManPages(t *testing.T) {
	dir := *manDir
	if dir == "" {
		dir = t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	root := rootCommand(newCommandLine())
	root.DisableAutoGenTag = true // it says when: a release is the same whenever it is built
	header := &doc.GenManHeader{Title: "RECONCILE", Section: "1", Source: "reconcile " + version, Manual: "reconcile"}
	if err := doc.GenManTree(root, header, dir); err != nil {
		t.Fatal(err)
	}
	var commands func(*cobra.Command)
	commands = func(c *cobra.Command) {
		name := strings.ReplaceAll(c.CommandPath(), " ", "-")
		page, err := os.ReadFile(filepath.Join(dir, name+".1"))
		if err != nil {
			t.Error(err)
		}
		if !strings.Contains(string(page), c.Short) {
			t.Errorf("%s.1 does not say what the command is for:\n%s", name, page)
		}
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				commands(sub)
			}
		}
	}
	commands(root)
}
