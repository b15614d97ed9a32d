package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// npmEnv names the environment variable that lets the tests run npm, which may ask the network for packages.
const npmEnv = "RECONCILE_TEST_NPM"

// needNPM skips a test where npm is not to be run.
func needNPM(t *testing.T) {
	t.Helper()
	if os.Getenv(npmEnv) == "" {
		t.Skipf("connectors in TypeScript are built with npm, which may ask the network: set %s=1 to test them, as .ci/run does", npmEnv)
	}
}

// TestNewPlugin builds a new connector as it was written and compares with it. In Go it needs no network.
func TestNewPlugin(t *testing.T) {
	tests := []struct {
		lang  string
		build [][]string
	}{
		{"go", [][]string{{"go", "build"}, {"go", "vet"}}},
		{"typescript", [][]string{{"npm", "ci"}, {"npm", "run", "build"}}},
	}
	for _, tt := range tests {
		t.Run(tt.lang, func(t *testing.T) {
			if tt.lang == "typescript" {
				needNPM(t)
			}
			t.Parallel()
			dir := t.TempDir()
			if out, err := program(t, dir, "plugin", "new", "lantern-shop", "shop", "--lang", tt.lang).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			dir = filepath.Join(dir, "shop")
			for _, args := range tt.build {
				cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
				}
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
		})
	}
}
