package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// serveSandbox starts a sandbox of a catalogue and returns its address and a function that stops it and returns all that
// it printed.
func serveSandbox(t *testing.T, dir string, args ...string) (address string, stop func() string) {
	t.Helper()
	cmd := program(t, dir, append([]string{"sandbox", "bigcommerce"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var printed, said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for address == "" && lines.Scan() {
		fmt.Fprintln(&printed, lines.Text())
		if found := regexp.MustCompile(`answers at (\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			address = found[1]
		}
	}
	if address == "" {
		t.Fatalf("it names no address: %s%s", printed.String(), said.String())
	}
	return address, func() string {
		if runtime.GOOS == "windows" {
			_ = cmd.Process.Kill()
		} else if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		for lines.Scan() {
			fmt.Fprintln(&printed, lines.Text())
		}
		if err := cmd.Wait(); err != nil && runtime.GOOS != "windows" {
			t.Errorf("it ends with %v", err)
		}
		return printed.String() + said.String()
	}
}

// TestSandboxStore serves a store from a file, which is read with the source block that is printed, edited, and read again.
func TestSandboxStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) string {
		t.Helper()
		out, err := program(t, dir, args...).CombinedOutput()
		if _, failed := err.(*exec.ExitError); err != nil && !failed {
			t.Fatal(err)
		}
		return string(out)
	}
	write("store.json", `{"store": {"name": "Bells"}, "products": [{"sku": "A", "name": "Bell", "stock": 3}]}`)
	address, stop := serveSandbox(t, dir, "--catalog", "store.json", "--fault", "catalog/products@1=bare-429", "--store-hash", "bells")
	write("inventory.csv", "sku,name,qoh\nA,Bell,3\nB,Pedal,1\n")
	write("reconcile.hcl", fmt.Sprintf(`
source "file" "pos" {
  path = "inventory.csv"
}
source "bigcommerce" "web" {
  api_url      = %q
  store_hash   = "bells"
  access_token = "sandbox-token"
}
reconciliation "web" {
  pos   = source.file.pos
  store = source.bigcommerce.web
}
rule "Q" {
  title = "Quantity"
  when  = pos.qoh != store.qoh
}
`, address))
	if out := run("sources", "web"); !strings.Contains(out, "store           Bells") {
		t.Errorf("sources:\n%s", out)
	}
	out := run("run", "--format", "csv", "--all", "--data", "data")
	if !strings.Contains(out, "\nA,Bell,matched,S,3,3\n") || !strings.Contains(out, "\nB,Pedal,pos_only") {
		t.Errorf("run:\n%s", out)
	}
	write("store.json", `{"store": {"name": "Bells"}, "products": [{"sku": "A", "name": "Bell", "stock": 2}, {"sku": "B", "name": "Pedal", "stock": 1}]}`)
	out = run("run", "--format", "csv", "--all", "--data", "data")
	if !strings.Contains(out, "\nA,Bell,matched,N,3,2\n") || !strings.Contains(out, "\nB,Pedal,matched,S,1,1\n") {
		t.Errorf("run after an edit:\n%s", out)
	}
	write("store.json", `{"store": `)
	run("sources", "web")
	said := stop()
	for _, want := range []string{"store.json has changed: 2 SKUs.", "store.json: the emulator's catalogue: unexpected EOF; the store stays as it was", "requests were answered, 0 of them 429"} {
		if !strings.Contains(said, want) && runtime.GOOS != "windows" {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
}
