package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/setup"
)

// TestInitTriesTheStore runs reconcile init against a store that asks for credentials.
func TestInitTriesTheStore(t *testing.T) {
	t.Parallel()
	catalog, err := emulator.Sample()
	if err != nil {
		t.Fatal(err)
	}
	catalog.Products[0].Variants[0].Stock = emulator.Stock{1: {OnHand: 5, SafetyStock: 2}}
	const hash, token = "abc123", "tok-9f2c7d"
	server, err := emulator.New(catalog, emulator.WithCredentials(hash, token))
	if err != nil {
		t.Fatal(err)
	}
	store, err := server.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	export, err := os.ReadFile(filepath.Join("..", "..", "docs", "sample", "inventory.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		env    []string
		args   []string
		stdout []string
		stderr string
		absent []string
	}{
		{name: "the right token", env: []string{setup.TokenVariable + "=" + token}, args: []string{"--store-hash", hash},
			stdout: []string{"The store lets us in: Chain & Chord, currency CAD", "Its safety stock: 1 item, 2 units in all; the qoh of these is not known until quantity is set", "reconcile.hcl is written and valid",
				"export BIGCOMMERCE_STORE_HASH=abc123\n", "export BIGCOMMERCE_ACCESS_TOKEN=...\n", `$env:BIGCOMMERCE_STORE_HASH = "abc123"`, "Next: reconcile run\n"}},
		{name: "all in the environment", env: []string{setup.TokenVariable + "=" + token, setup.HashVariable + "=" + hash},
			stdout: []string{"reconcile.hcl is written and valid"}, absent: []string{"export "}},
		{name: "a wrong token", env: []string{setup.TokenVariable + "=tok-wrong"}, args: []string{"--store-hash", hash},
			stderr: "the store cannot be used, so nothing was written (--no-check writes without trying it): "},
		{name: "a wrong token, not tried", env: []string{setup.TokenVariable + "=tok-wrong"}, args: []string{"--store-hash", hash, "--no-check"},
			stdout: []string{"reconcile.hcl is written and valid"}, absent: []string{"lets us in"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "inventory.csv"), export, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := program(t, dir, append([]string{"init", "--pos", "inventory.csv", "--store", "bigcommerce", "--api-url", store.URL, "--imported-through", "1000"}, c.args...)...)
			cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool { return strings.HasPrefix(v, "BIGCOMMERCE_") })
			cmd.Env = append(cmd.Env, c.env...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			err := cmd.Run()
			written, _ := os.ReadFile(filepath.Join(dir, "reconcile.hcl"))
			if failed := c.stderr != ""; failed != (err != nil) || failed != (len(written) == 0) || !strings.Contains(stderr.String(), c.stderr) {
				t.Errorf("%v; written: %d bytes; stderr:\n%s", err, len(written), &stderr)
			}
			for _, want := range c.stdout {
				if !strings.Contains(stdout.String(), want) {
					t.Errorf("stdout has no %q:\n%s", want, &stdout)
				}
			}
			for _, absent := range c.absent {
				if strings.Contains(stdout.String(), absent) {
					t.Errorf("stdout has %q:\n%s", absent, &stdout)
				}
			}
			for _, where := range []string{stdout.String(), stderr.String(), string(written)} {
				if strings.Contains(where, "tok-") {
					t.Errorf("the token is told:\n%s", where)
				}
			}
			if strings.Contains(string(written), hash) {
				t.Error("the hash stands in the file")
			}
			if left, err := filepath.Glob(filepath.Join(dir, ".reconcile-*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			if len(written) > 0 && c.name == "the right token" {
				run := program(t, dir, "run", "--format", "csv")
				run.Env = append(run.Env, setup.HashVariable+"="+hash, setup.TokenVariable+"="+token)
				if out, err := run.CombinedOutput(); err != nil || !strings.Contains(string(out), "LIGHT-F,") {
					t.Errorf("%v\n%s", err, out)
				}
			}
		})
	}
}
