package history

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestFormats writes a result and the run that was kept of it in each format, with each option that a kept run can follow: the bytes
// are the same.
func TestFormats(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pos, store := drawShop(random, 600)
	result := runShop(t, compile(t, shopRules), pos, store)
	for _, status := range verdict.Statuses {
		if result.Summary.Status[status] == 0 {
			t.Errorf("no item is %s: the test has nothing to say of those", status)
		}
	}
	if s := &result.Summary; s.MeantToBe() == 0 || s.AreParents() == 0 || slices.Contains(s.Classes[:], 0) || result.Near == nil || len(result.Unused) == 0 {
		t.Errorf("the run has too little in it: %+v", s)
	}
	run := keep(t, result)
	options := map[string]report.Options{
		"plain": {}, "unchecked": {Unchecked: true}, "problems": {Problems: true}, "details": {Details: true}, "rule": {Rules: []string{"P"}, Unchecked: true},
		"sku": {SKUs: []string{pos[3].sku, store[4].sku, "no such"}}, "all": {All: true}, "rows": {MaxRows: 10},
	}
	for name, o := range options {
		for _, f := range report.Formats() {
			t.Run(name+"/"+f.Name, func(t *testing.T) {
				var want, got bytes.Buffer
				if err := f.Write(&want, result, o); err != nil {
					t.Fatal(err)
				}
				err := f.Write(&got, run.Result(), o)
				if o.All && (f.Name == "csv" || f.Name == "xlsx") {
					if !errors.Is(err, report.ErrNoValues) {
						t.Fatalf("values that were not kept: %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if f.Name == "xlsx" { // zipped: where they are the same, nothing else matters
					if !bytes.Equal(want.Bytes(), got.Bytes()) {
						t.Error("the workbooks differ")
					}
					return
				}
				if diff := cmp.Diff(strings.Split(want.String(), "\n"), strings.Split(got.String(), "\n")); diff != "" {
					t.Errorf("(-run +kept):\n%s", diff)
				}
			})
		}
	}
}

// TestRows holds the rows, cells and values of a run against the result's items, one by one.
func TestRows(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pos, store := drawShop(random, 700)
	result := runShop(t, compile(t, shopRules), pos, store)
	run := keep(t, result)
	items, err := result.List()
	if err != nil {
		t.Fatal(err)
	}
	if run.Items() != len(items) {
		t.Fatalf("%d items, want %d", run.Items(), len(items))
	}
	without := 0
	for i, it := range items {
		row, err := run.Row(i)
		if err != nil {
			t.Fatal(err)
		}
		key := strings.ToUpper(strings.TrimSpace(it.SKU()))
		want := Row{Position: i, SKU: it.SKU(), Name: it.Name(), Key: key, Status: it.Status, Class: verdict.Agrees, Parent: it.Parent,
			Intended: it.Intended() != nil, Values: row.Values, Outcome: row.Outcome, Marks: marksOf(it.Outcome, len(result.Rules))}
		if it.Outcome != nil {
			want.Class = it.Outcome.Class
		}
		if diff := cmp.Diff(want, row, cmp.AllowUnexported(Row{}), cmp.Comparer(func(a, b *report.Outcome) bool { return a == b })); diff != "" {
			t.Fatalf("item %d (-want +got):\n%s", i, diff)
		}
		kept, err := run.Item(i)
		if errors.Is(err, report.ErrNoValues) && !row.Values {
			without++
			if !it.Quiet() || it.Status != verdict.Matched {
				t.Errorf("item %q has no values", it.SKU())
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if want, got := said(it, result), said(kept, run.Result()); want != got {
			t.Errorf("item %d is\n%s\nwant\n%s", i, got, want)
		}
	}
	if without == 0 || without == len(items) {
		t.Errorf("%d of %d items are without values", without, len(items))
	}
	if _, err := run.Row(len(items)); err == nil {
		t.Error("there is a row behind the last one")
	}
	if _, err := run.Item(-1); err == nil {
		t.Error("there is an item before the first one")
	}
}

// said writes all that is known of an item.
func said(it *report.Item, r *report.Result) string {
	text := fmt.Sprintf("%s %q %v", it.Status, it.Key, it.Parent)
	for _, side := range verdict.Sides {
		row := it.Row(side)
		if row.Has() {
			text += fmt.Sprintf("\n%s %d", side, row.Place)
			for _, f := range row.Batch.Schema().Fields() {
				text += " " + f.Name + "=" + row.Value(f.Name).Text() + fmt.Sprint(row.Value(f.Name).IsNull())
			}
		}
		if u := it.Unreadable[side]; u != nil {
			text += fmt.Sprintf("\n%s %+v", side, *u)
		}
	}
	if o := it.Outcome; o != nil {
		text += fmt.Sprintf("\n%v %v %v %v", o.Cells, o.Class, o.Unknown, o.Explains)
		for i := range o.Cells {
			if in := o.Intents[i]; in != nil {
				text += fmt.Sprintf(" %d:%+v", i, *in)
			}
			text += fmt.Sprint(r.WhyUnknown(it, i))
		}
		if o.Intended != nil {
			text += fmt.Sprintf(" %+v", *o.Intended)
		}
	}
	return text
}

// TestNoHalfRun checks that a run that was not kept to its end leaves no file, and that a result without all items is not kept.
func TestNoHalfRun(t *testing.T) {
	result := runShop(t, compile(t, shopRules), shelf{{sku: "A", name: "Bell"}}, shelf{{sku: "A", name: "Bull"}})
	dir := t.TempDir()
	path := filepath.Join(dir, "run")
	w, err := Create(path, result)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err == nil {
		t.Error("a run without its items was kept")
	}
	if w, err = Create(path, result); err != nil {
		t.Fatal(err)
	}
	if err := w.Discard(); err != nil {
		t.Fatal(err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("%v is left, %v", list, err)
	}
	result.Whole = false
	if _, err := Create(path, result); err == nil {
		t.Error("a result was kept that leaves items out")
	}
}

// TestFollow keeps a run while it is written: the file is what Append makes of it, however the items are asked for.
func TestFollow(t *testing.T) {
	pos, store := drawShop(rand.New(rand.NewPCG(20, 21)), 1200)
	result := runShop(t, compile(t, shopRules), pos, store)
	want, err := os.ReadFile(keepFile(t, result))
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the disk is gone")
	for _, c := range []struct {
		name string
		read func(*report.Result)
		want error
	}{
		{"nobody asks", func(*report.Result) {}, nil},
		{"written, twice", func(r *report.Result) {
			for range 2 {
				var plain, followed bytes.Buffer
				if err := errors.Join(report.CSV().Write(&plain, result, report.Options{}), report.CSV().Write(&followed, r, report.Options{})); err != nil {
					t.Fatal(err)
				}
				if plain.String() != followed.String() {
					t.Error("another CSV is written")
				}
			}
		}, nil},
		{"cut short", func(r *report.Result) {
			for range r.Items {
				break
			}
		}, nil},
		{"an error", func(r *report.Result) {
			items := result.Items
			t.Cleanup(func() { result.Items = items })
			result.Items = func(yield func(*report.Item, error) bool) {
				for it := range items {
					yield(it, nil)
					break
				}
				yield(nil, broken)
			}
			for range r.Items {
				continue
			}
		}, broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "run")
			w, err := Create(path, result)
			if err != nil {
				t.Fatal(err)
			}
			c.read(w.Follow())
			if err := w.Close(); !errors.Is(err, c.want) {
				t.Fatalf("closing it: %v, want %v", err, c.want)
			}
			got, err := os.ReadFile(path)
			switch {
			case c.want != nil:
				if !errors.Is(err, os.ErrNotExist) {
					t.Errorf("there is a file, %v", err)
				}
			case err != nil:
				t.Fatal(err)
			case !bytes.Equal(want, got):
				t.Error("another file is written")
			}
		})
	}
}

// TestBrief keeps runs that leave out what is not kept: in memory and on disk, paired by the SKU and by a key, the files are those of runs
// that have all of it.
func TestBrief(t *testing.T) {
	pos, store := drawShop(rand.New(rand.NewPCG(22, 23)), 1500)
	bySKU := strings.Replace(shopRules, "key   = upper(trimspace(item.sku))", "", 1)
	for name, text := range map[string]string{"by a key": shopRules, "by SKU": bySKU} {
		for _, limit := range []int64{0, 1} {
			t.Run(fmt.Sprint(name, limit), func(t *testing.T) {
				program := compile(t, text)
				var files [2][]byte
				for i, brief := range []bool{false, true} {
					result := runJob(t, engine.Job{Program: program, All: true, Brief: brief, MemoryLimit: limit}, pos, store)
					var err error
					if files[i], err = os.ReadFile(keepFile(t, result)); err != nil {
						t.Fatal(err)
					}
					if err := report.CSV().Write(io.Discard, result, report.Options{All: true}); errors.Is(err, report.ErrNoValues) != brief {
						t.Errorf("all values of a result that is brief, %v: %v", brief, err)
					}
				}
				if !bytes.Equal(files[0], files[1]) {
					t.Error("the files differ")
				}
			})
		}
	}
}

// TestSizes keeps runs of as many items as end a part of the file, and of none: all is found again.
func TestSizes(t *testing.T) {
	program := compile(t, shopRules)
	for _, n := range []int{0, 1, blockItems, cellsItems, cellsItems + blockItems + 1} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			pos, store := make(shelf, n), make(shelf, n)
			for i := range pos {
				pos[i] = good{sku: fmt.Sprintf("S%06d", i), name: "Bell", price: "1", qoh: "1", tracked: 2}
				store[i] = pos[i]
				if i%100 == 0 || i == n-1 {
					store[i].price = "2"
				}
			}
			result := runJob(t, engine.Job{Program: program, All: true, Brief: true}, pos, store)
			run := keep(t, result)
			red, err := run.Filter(Filter{Cells: []Cells{{Rule: 4, Marks: []Mark{Red}}}})
			if err != nil {
				t.Fatal(err)
			}
			var want []int32
			for i := range store {
				if store[i].price == "2" {
					want = append(want, int32(i))
				}
			}
			if !slices.Equal(red, want) {
				t.Errorf("%d items are red, want %d", len(red), len(want))
			}
			var a, b bytes.Buffer
			if err := errors.Join(report.CSV().Write(&a, result, report.Options{}), report.CSV().Write(&b, run.Result(), report.Options{})); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Errorf("another CSV is written, %v", err)
			}
			found, err := run.Search(fmt.Sprintf("s%06d", n-1))
			if err != nil || n > 0 && !slices.Equal(found, []int32{int32(n - 1)}) {
				t.Errorf("the last item is %v, %v", found, err)
			}
			if sorted, err := run.Sort(red, By{Column: SKU, Descending: true}); err != nil || len(sorted) != len(red) || n > 0 && sorted[0] != int32(n-1) {
				t.Errorf("sorted: %v, %v", sorted, err)
			}
			if c, err := Compare(run, run); err != nil || c.Count(Persisting, "P") != len(red) {
				t.Errorf("compared: %v", err)
			}
		})
	}
}
