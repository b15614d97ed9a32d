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

// TestTwoStores runs the example of two stores in docs/configuration.md: rules are shared, key and rules are each store's own, and
// what is meant to be in one of them is not meant in the other.
func TestTwoStores(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(strings.ReplaceAll(string(page), "\r\n", "\n"), "\n### Two stores in one configuration\n")
	section, _, _ = strings.Cut(section, "\n### ")
	block := regexp.MustCompile("(?s)\n```hcl\n(.*?)```").FindStringSubmatch(section)
	if block == nil {
		t.Fatal("the section has no configuration")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"reconcile.hcl": block[1],
		"shop.csv":      "sku,name,price,qoh\nA-1,Bell,10,5\nCA-2,Drum,20,1\n",
		"web-ca.csv":    "sku,name,price,qoh\nA-1,Bell,11,5\n",
		"web-us.csv":    "sku,name,price,qoh\n a-1,Bell,9,4\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"ca": "sku,name,status,P,Q,pos.price,pos.qoh,store.price,store.qoh\nA-1,Bell,matched,N,S,10,5,11,5\nCA-2,Drum,pos_only,,,20,1,,\n",
		"us": "sku,name,status,Q,pos.qoh,store.qoh\nA-1,Bell,matched,N,5,4\n",
	} {
		got, err := program(t, dir, "run", name, "--format", "csv").Output()
		if diff := cmp.Diff(want, string(got)); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +run):\n%s", name, err, diff)
		}
	}
}
