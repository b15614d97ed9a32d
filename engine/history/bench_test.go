package history

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// benchmarked returns the runs of two days of a shop: seven of a hundred items have a finding, some of them other ones on the second
// day, when the files are in another order. $RECONCILE_BENCH_ITEMS says how many items, 100,000 if it is not set.
func benchmarked(b *testing.B) (results [2]*report.Result, runs [2]*Run) {
	b.Helper()
	n, err := strconv.Atoi(os.Getenv("RECONCILE_BENCH_ITEMS"))
	if err != nil {
		n = 100_000
	}
	program := compile(b, shopRules)
	random := rand.New(rand.NewPCG(24, 25))
	pos, store := make(shelf, 0, n), make(shelf, 0, n)
	for i := range n {
		g := good{sku: fmt.Sprintf("SKU-%08d", i*7), name: fmt.Sprintf("Classic Bell, folding %d", random.IntN(9000)), price: strconv.Itoa(random.IntN(999)), qoh: strconv.Itoa(random.IntN(99)), tracked: 2}
		other := g
		if i%15 == 0 {
			other.price += "1"
		}
		pos, store = append(pos, g), append(store, other)
	}
	for day := range results {
		for range n / 200 {
			store[random.IntN(n)].qoh = "100"
		}
		random.Shuffle(n, func(i, j int) { pos[i], pos[j] = pos[j], pos[i] })
		results[day] = runJob(b, engine.Job{Program: program, All: true, Brief: true}, pos, store)
		runs[day] = keep(b, results[day])
	}
	return results, runs
}

// BenchmarkRun measures what a page asks of a run that is open, and what keeping one takes.
func BenchmarkRun(b *testing.B) {
	results, runs := benchmarked(b)
	r := runs[1]
	differs, err := r.Filter(Filter{Classes: []verdict.Class{verdict.Differs}})
	if err != nil || len(differs) == 0 {
		b.Fatal(len(differs), err)
	}
	all, err := r.Filter(Filter{})
	if err != nil {
		b.Fatal(err)
	}
	for name, do := range map[string]func() error{
		"keep": func() error {
			w, err := Create(filepath.Join(b.TempDir(), "run"), results[1])
			if err != nil {
				return err
			}
			w.Follow()
			return w.Close()
		},
		"open": func() error {
			opened, err := Open(r.path)
			if err != nil {
				return err
			}
			return opened.Close()
		},
		"filter": func() error {
			_, err := r.Filter(Filter{Cells: []Cells{{Rule: 3, Marks: []Mark{Red}}}})
			return err
		},
		"sort all by name": func() error {
			_, err := r.Sort(all, By{Column: Name})
			return err
		},
		"first sort by name": func() error {
			_, err := r.makeOrder(1)
			return err
		},
		"search": func() error {
			_, err := r.Search("folding 77")
			return err
		},
		"page": func() error {
			_, err := r.Rows(all[len(all)/2:][:50])
			return err
		},
		"item": func() error {
			_, err := r.Item(int(differs[len(differs)/2]))
			return err
		},
		"compare": func() error {
			_, err := Compare(runs[0], r)
			return err
		},
		"csv": func() error { return report.CSV().Write(io.Discard, r.Result(), report.Options{}) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
