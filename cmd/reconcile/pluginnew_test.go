package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNewPluginInGo builds a new connector as it was written, without the network, and compares with it.
func TestNewPluginInGo(t *testing.T) {
	dir := t.TempDir()
	if out, err := program(t, dir, "plugin", "new", "lantern-shop", "shop").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dir = filepath.Join(dir, "shop")
	build := exec.CommandContext(t.Context(), "go", "build")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	out, err := program(t, dir, "run", "--format", "csv").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"\nLAMP-2,Reading Lamp,matched,S,S,N,", "\nSHADE-S,Lamp Shade,matched,N,S,S,", "\nCORD-3,Lamp Cord 3 m,pos_only,", "\nGIFT-25,Gift Card 25,store_only,"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}
