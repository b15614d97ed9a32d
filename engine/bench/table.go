package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

// table prints results as Markdown.
type table struct {
	w      *tabwriter.Writer
	shares []string
}

func newTable() *table {
	t := &table{w: tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)}
	fmt.Fprintln(t.w, "| \t| wall, s \t| ratio \t| CPU, s \t| memory of all processes, MiB \t| ratio \t| first process, MiB \t|")
	fmt.Fprintln(t.w, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	return t
}

// add adds a line about runs, with ratios to others, if there are any.
func (t *table) add(name string, runs, others []run) {
	wall := func(r run) (time.Duration, bool) { return r.wall, r.peak == 0 }
	cpu := func(r run) (time.Duration, bool) { return r.cpu, r.peak == 0 }
	peak := func(r run) (int64, bool) { return r.peak, r.peak > 0 }
	own := func(r run) (int64, bool) { return r.own, r.peak > 0 }
	fmt.Fprintf(t.w, "| %s \t| %.2f \t| %s \t| %.2f \t| %d \t| %s \t| %d \t|\n", name,
		median(runs, wall).Seconds(), ratio(median(runs, wall), median(others, wall)), median(runs, cpu).Seconds(),
		median(runs, peak)>>20, ratio(median(runs, peak), median(others, peak)), median(runs, own)>>20)
	last := runs[len(runs)-1]
	for _, r := range runs {
		if len(r.shares) > 0 {
			last = r
		}
	}
	line := name + ":"
	for _, s := range last.shares {
		line += fmt.Sprintf(" %s %.2f s;", s.name, s.cpu.Seconds())
	}
	t.shares = append(t.shares, line)
}

// end prints the table, and the processor time of each process in the last run of each that was looked at.
func (t *table) end() error {
	if err := t.w.Flush(); err != nil {
		return err
	}
	fmt.Println("\nProcessor time by process, in one run of each:")
	for _, line := range t.shares {
		fmt.Println("- " + line)
	}
	return nil
}

// median returns the median of what the runs have, those left out that have none.
func median[T cmp.Ordered](runs []run, of func(run) (T, bool)) T {
	var values []T
	for _, r := range runs {
		if v, ok := of(r); ok {
			values = append(values, v)
		}
	}
	var none T
	if len(values) == 0 {
		return none
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func ratio[T ~int64](a, b T) string {
	if b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", float64(a)/float64(b))
}
