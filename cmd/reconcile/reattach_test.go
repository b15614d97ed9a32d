//go:build !windows

package main

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReattach runs a connector as a person does who debugs it, and has runs attach to it.
func TestReattach(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// The path is nobody's, and a start would take longer than the timeout: what works here was not started.
	config := `
plugin "prying" {
  path = "./not-built-yet"
}
source "file" "pos" {
  path = "pos.csv"
}
source "prying" "web" {
  read_timeout = "1ms"
}
source "prying" "other" {}
reconciliation "x" {
  pos   = source.file.pos
  store = source.prying.web
}
reconciliation "both" {
  pos   = source.prying.other
  store = source.prying.web
}
rule "N" {
  when = pos.name != store.name
}
`
	for name, text := range map[string]string{"reconcile.hcl": config, "pos.csv": "sku,name\nenvironment,x\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	debugged := program(t, dir, "-debug")
	debugged.Args[0] = "prying-connector"
	stdout, err := debugged.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := debugged.Start(); err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`export (RECONCILE_REATTACH)='(prying=unix:(.*))'`)
	var variable, address string
	for lines := bufio.NewScanner(stdout); variable == "" && lines.Scan(); {
		if m := said.FindStringSubmatch(lines.Text()); m != nil {
			variable, address = m[1]+"="+m[2], m[3]
		}
	}
	if variable == "" {
		t.Fatal("the connector does not say how to attach to it")
	}
	run := func(env string, args ...string) (string, string, error) {
		cmd := program(t, dir, args...)
		cmd.Env = append(cmd.Env, env)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		err := cmd.Run()
		return out.String(), errs.String(), err
	}
	for range 2 { // it outlives a run, and is configured anew
		out, errs, err := run(variable, "run", "x", "--format", "csv", "--all")
		if err != nil || !strings.Contains(out, "environment,") {
			t.Fatalf("%v\n%s\n%s", err, out, errs)
		}
		if strings.Count(errs, "neither locked nor confined") != 1 {
			t.Errorf("the warning is %q", errs)
		}
	}
	if _, errs, err := run(variable, "run", "both"); err == nil || !strings.Contains(errs, "One process for two sources") {
		t.Errorf("two sources: %v\n%s", err, errs)
	}
	if _, errs, err := run("RECONCILE_REATTACH=pryin=unix:x", "validate", "--config", "reconcile.hcl"); err == nil || !strings.Contains(errs, "names pryin, which is no plugin") {
		t.Errorf("a slip of the pen: %v\n%s", err, errs)
	}
	for _, bad := range []string{"prying", "prying=", "prying=pipe:x", "prying=tcp:10.0.0.1:80@f", "prying=tcp:127.0.0.1:80"} {
		if _, errs, err := run("RECONCILE_REATTACH="+bad, "run", "x"); err == nil || !strings.Contains(errs, "Cannot attach") {
			t.Errorf("%s: %v\n%s", bad, err, errs)
		}
	}
	if err := debugged.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := debugged.Wait(); err != nil {
		t.Errorf("interrupted, the connector ends with %v", err)
	}
	if _, err := os.Stat(filepath.Dir(address)); err == nil {
		t.Error("it left its socket behind")
	}
	if _, errs, err := run(variable, "run", "x"); err == nil || !strings.Contains(strings.Join(strings.Fields(errs), " "), "nobody answers") || !strings.Contains(errs, "unset RECONCILE_REATTACH") {
		t.Errorf("when it is gone: %v\n%s", err, errs)
	}
	if _, err := os.Stat(filepath.Join(dir, "reconcile.lock.hcl")); err == nil {
		t.Error("it was locked")
	}
}
