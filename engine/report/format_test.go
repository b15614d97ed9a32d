package report

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

func TestFormats(t *testing.T) {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
		if f.Doc == "" || f.open == nil {
			t.Errorf("format %q lacks its doc or its writer", f.Name)
		}
	}
	if diff := cmp.Diff([]string{"table", "json", "ndjson", "csv", "markdown", "html", "xlsx"}, names); diff != "" {
		t.Errorf("formats (-want +got):\n%s", diff)
	}
}

// TestFormatOf says which format a file's suffix speaks of, and that no suffix speaks of two.
func TestFormatOf(t *testing.T) {
	for file, want := range map[string]string{
		"a.xlsx": "xlsx", "b/A.CSV": "csv", "a.json": "json", "a.jsonl": "ndjson", "a.ndjson": "ndjson", "a.htm": "html", "a.md": "markdown",
		"a.txt": "", "csv": "", "": "", "a.": "", "a.csv.gz": "",
	} {
		if got, ok := FormatOf(file); got.Name != want || ok != (want != "") {
			t.Errorf("%q is of format %q, want %q", file, got.Name, want)
		}
	}
	seen := map[string]bool{"": true}
	for _, f := range Formats() {
		for _, suffix := range []string{f.Suffix, f.Other} {
			if suffix != "" && seen[suffix] {
				t.Errorf("two formats have the suffix %s", suffix)
			}
			seen[suffix] = true
		}
	}
}

// format returns the format of that name.
func format(t testing.TB, name string) Format {
	t.Helper()
	for _, f := range Formats() {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("there is no format %q", name)
	return Format{}
}

// text returns the result as the format shows it.
func text(t testing.TB, name string, r *Result, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := format(t, name).Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// fullDisk takes room bytes and then fails.
type fullDisk struct{ room int }

var errFull = errors.New("no space left on device")

func (w *fullDisk) Write(p []byte) (int, error) {
	if len(p) > w.room {
		n := w.room
		w.room = 0
		return n, errFull
	}
	w.room -= len(p)
	return len(p), nil
}

// TestWriterFails holds every format to returning its writer's error, wherever in the output that happens.
func TestWriterFails(t *testing.T) {
	r := sample(t)
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			whole := &fullDisk{1 << 30}
			if err := f.Write(whole, r, Options{All: true}); err != nil {
				t.Fatal(err)
			}
			size := 1<<30 - whole.room
			for room := 0; room < size; room += max(1, min(max(97, size/50), size-1-room)) { // the last byte too
				if err := f.Write(&fullDisk{room}, r, Options{All: true}); !errors.Is(err, errFull) {
					t.Fatalf("with room for %d bytes of %d: error %v, want %v", room, size, err, errFull)
				}
			}
		})
	}
}

// shop returns a result of n items of which every tenth has a difference, as after an ordinary day.
func shop(b *testing.B, n int) *Result {
	b.Helper()
	var pos, store []item
	for i := range n {
		it := item{sku: fmt.Sprintf("SKU-%06d", i), name: fmt.Sprintf("An ordinary product, number %d", i), brand: "Brand",
			price: "19.99", qoh: "5", variation: []string{"Size=L|M"}, options: []catalog.Entry{{Key: "Size", Value: "M"}}}
		pos = append(pos, it)
		if i%10 == 0 {
			it.price = "18.5"
		}
		store = append(store, it)
	}
	r := &Result{Rules: shopRules(), PosFields: fields("sku", "name", "brand", "price", "qoh", "variation"),
		StoreFields: fields("name", "brand", "price", "qoh", "variation")}
	var items []Item
	same, differs := outcome("SSSSSSSS"), outcome("SSSSSSSN")
	posRows, storeRows := side(b, pos...), side(b, store...)
	for i := range n {
		o := same
		if i%10 == 0 {
			o = differs
		}
		items = append(items, Item{Status: verdict.Matched, Pos: posRows[i], Store: storeRows[i], Outcome: o})
	}
	r.Items = itemsOf(items)
	summarize(r)
	return r
}

func benchmark(b *testing.B, f Format) {
	r := shop(b, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := f.Write(io.Discard, r, Options{All: true}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(r.Summary.Items), "ns/item")
}

// The time for 10,000 items; a catalogue of a million is a hundred times that.
func BenchmarkCSV(b *testing.B)  { benchmark(b, format(b, "csv")) }
func BenchmarkJSON(b *testing.B) { benchmark(b, format(b, "json")) }

func BenchmarkNDJSON(b *testing.B) { benchmark(b, format(b, "ndjson")) }
func BenchmarkHTML(b *testing.B)   { benchmark(b, format(b, "html")) }
func BenchmarkXLSX(b *testing.B)   { benchmark(b, format(b, "xlsx")) }

// The table is for people: this is why its rows are limited.
func BenchmarkTable(b *testing.B) { benchmark(b, format(b, "table")) }

// TestItemsFail holds every format to returning the error of reading items back: what was written until then is no result.
func TestItemsFail(t *testing.T) {
	failed := errors.New("the disk is gone")
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			r := sample(t)
			items := r.Items
			r.Items = func(yield func(*Item, error) bool) {
				for it := range items {
					if !yield(it, nil) {
						return
					}
				}
				yield(nil, failed)
			}
			if err := f.Write(io.Discard, r, Options{SKUs: []string{"none of them"}}); !errors.Is(err, failed) {
				t.Errorf("error %v, want %v", err, failed)
			}
			if _, err := r.List(); !errors.Is(err, failed) {
				t.Errorf("List: error %v, want %v", err, failed)
			}
		})
	}
}
