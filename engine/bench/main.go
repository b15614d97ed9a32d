// Bench measures whole runs of reconcile: two files with many items are read by two connectors, compared by rules, and
// reported. It measures a general tool with the same comparison too. README.md says how to run it, and shows results.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	var b bench
	flag.IntVar(&b.items, "n", 1_000_000, "items on each side")
	flag.IntVar(&b.pairs, "pairs", 5, "runs of each, taken in turn")
	flag.IntVar(&b.big, "big", 0, "items on each side of a second, larger measurement, such as 10000000; 0: none")
	flag.StringVar(&b.limit, "memory-limit", "512MiB", "memory limit of a run of the larger measurement")
	flag.StringVar(&b.dir, "dir", filepath.Join(os.TempDir(), "reconcile-bench"), "folder for the files")
	flag.StringVar(&b.program, "program", "", "the program to measure; left out, it is built from this module")
	flag.StringVar(&b.peer, "peer", filepath.Join("engine", "bench", "duckdb"), "folder with the peer, where npm install was run; empty: no peer")
	only := flag.String("only", "peer,formats,kept,big", "what to measure")
	flag.Parse()
	b.only = strings.Split(*only, ",")
	if err := b.measure(); err != nil {
		log.Fatal(err)
	}
}

// bench is a measurement.
type bench struct {
	items, big, pairs  int
	limit              string
	dir, program, peer string
	only               []string
}

func (b *bench) measure() error {
	if err := b.prepare(); err != nil {
		return err
	}
	fmt.Printf("%s, %d processors, %s/%s. %d runs of each, in turn; medians; ratios to the peer.\n\n",
		runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, b.pairs)
	t := newTable()
	parts := map[string]func(*table) error{
		"peer": b.compareForms, "formats": b.write, "kept": b.keep,
		"big":    func(t *table) error { return b.grow(t, forms[0]) },
		"bigred": func(t *table) error { return b.grow(t, red) },
	}
	for _, name := range b.only {
		part, there := parts[name]
		if !there {
			return fmt.Errorf("-only %s: there are peer, formats, kept, big and bigred", name)
		}
		if err := part(t); err != nil {
			return err
		}
	}
	return t.end()
}

// prepare builds the program and finds the peer.
func (b *bench) prepare() (err error) {
	if b.dir, err = filepath.Abs(b.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return err
	}
	if b.program == "" {
		b.program = filepath.Join(b.dir, "reconcile")
		build := exec.Command("go", "build", "-o", b.program, "github.com/reconcilehq/reconcile/cmd/reconcile")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("build reconcile: %w", err)
		}
	}
	if b.program, err = filepath.Abs(b.program); err != nil || b.peer == "" {
		return err
	}
	if b.peer, err = filepath.Abs(b.peer); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(b.peer, "node_modules")); err != nil {
		return fmt.Errorf("the peer is not there: npm install --prefix %s, or give -peer \"\"", b.peer)
	}
	return nil
}

// files makes sure that a catalogue is there, and returns its folder and its truth.
func (b *bench) files(n int, f form) (string, truth, error) {
	if f.items > 0 {
		n = f.items
	}
	dir := filepath.Join(b.dir, fmt.Sprint(n), f.name)
	c := newCatalogue(n, f.differing)
	if _, err := os.Stat(filepath.Join(dir, "truth.json")); errors.Is(err, os.ErrNotExist) {
		log.Printf("writing %d items, %s", n, f.name)
		if err := c.write(dir, f); err != nil {
			return "", nil, err
		}
	}
	return dir, c.truth(), os.WriteFile(filepath.Join(dir, "reconcile.hcl"), []byte(configurationOf(f)), 0o644)
}

// ours runs reconcile so that it keeps nothing.
func (b *bench) ours(dir string, sample bool, want truth, flags ...string) (run, error) {
	return b.run(dir, sample, want, append(flags, "--no-history")...)
}

func (b *bench) run(dir string, sample bool, want truth, flags ...string) (run, error) {
	out := filepath.Join(dir, "ours.csv")
	r, err := execute(dir, sample, append([]string{b.program, "run", "--format", "csv", "--output", out}, flags...)...)
	if err != nil {
		return r, err
	}
	return r, checkOurs(out, want)
}

func (b *bench) theirs(dir string, sample bool, want truth, f form) (run, error) {
	out, key := filepath.Join(dir, "theirs.csv"), "%.sku"
	if f.keyed {
		key = peerKey
	}
	r, err := execute(dir, sample, "node", filepath.Join(b.peer, "compare.js"),
		filepath.Join(dir, "left.csv"), filepath.Join(dir, "right.csv"), out, "2", key)
	if err != nil {
		return r, err
	}
	return r, checkPeer(out, want)
}

// compareForms measures reconcile and the peer with each form of the catalogue.
func (b *bench) compareForms(t *table) error {
	for _, f := range append(forms[:len(forms):len(forms)], red) {
		if err := b.compare(t, f); err != nil {
			return err
		}
	}
	return nil
}

// compare measures reconcile and the peer in turn, with one form of the catalogue.
func (b *bench) compare(t *table, f form) error {
	dir, want, err := b.files(b.items, f)
	if err != nil {
		return err
	}
	var ours, theirs []run
	for range b.pairs {
		for _, sample := range []bool{false, true} { // timed, then looked at
			r, err := b.ours(dir, sample, want)
			if err != nil {
				return err
			}
			ours = append(ours, r)
			if b.peer == "" {
				continue
			}
			if r, err = b.theirs(dir, sample, want, f); err != nil {
				return err
			}
			theirs = append(theirs, r)
		}
	}
	name := fmt.Sprintf("%d items, %s", cmp.Or(f.items, b.items), f.name)
	if b.peer != "" {
		t.add(name+", DuckDB with 2 threads", theirs, theirs)
	}
	t.add(name+", reconcile", ours, theirs)
	return nil
}

// grow measures reconcile with fewer and with many items, and with little memory; with many, the peer in turn.
func (b *bench) grow(t *table, f form) error {
	if b.big == 0 {
		return nil
	}
	few, wantFew, err := b.files(b.items, f)
	if err != nil {
		return err
	}
	many, wantMany, err := b.files(b.big, f)
	if err != nil {
		return err
	}
	name := func(n int) string { return fmt.Sprintf("%d items, %s, reconcile", n, f.name) }
	measured := []struct {
		name string
		do   func(sample bool) (run, error)
		runs []run
	}{
		{name: name(b.items), do: func(sample bool) (run, error) { return b.ours(few, sample, wantFew) }},
		{name: name(b.big), do: func(sample bool) (run, error) { return b.ours(many, sample, wantMany) }},
		{name: name(b.big) + " --memory-limit " + b.limit, do: func(sample bool) (run, error) { return b.ours(many, sample, wantMany, "--memory-limit", b.limit) }},
		{name: fmt.Sprintf("%d items, %s, DuckDB with 2 threads", b.big, f.name), do: func(sample bool) (run, error) { return b.theirs(many, sample, wantMany, f) }},
	}
	if b.peer == "" {
		measured = measured[:len(measured)-1]
	}
	for range b.pairs {
		for _, sample := range []bool{false, true} {
			for i := range measured {
				r, err := measured[i].do(sample)
				if err != nil {
					return err
				}
				measured[i].runs = append(measured[i].runs, r)
			}
		}
	}
	for _, m := range measured {
		t.add(m.name, m.runs, measured[0].runs)
	}
	return nil
}
