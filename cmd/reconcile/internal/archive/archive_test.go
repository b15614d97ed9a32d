package archive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store/storetest"
)

var keepAll = rules.History{Runs: 1000}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// onBoth runs a test with a store on SQLite, and with one on PostgreSQL.
func onBoth(t *testing.T, test func(t *testing.T, a *Archive)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newArchive(t, "")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, newArchive(t, storetest.URL(t))) })
}

func newArchive(t *testing.T, url string) *Archive {
	t.Helper()
	s, err := store.Open(t.Context(), t.TempDir())
	if url != "" {
		s, err = store.OpenShared(t.Context(), t.TempDir(), url)
	}
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	a, err := New(s, "reconcile.hcl", "")
	must(t, err)
	return a
}

// resultOf makes a result with the rules P and Q. Each item is its SKU and the two cells: "A-1 NS".
func resultOf(items ...string) *report.Result {
	schema := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "name", Type: catalog.String})
	b := catalog.NewBuilder(schema)
	r := &report.Result{Reconciliation: "shop", Whole: true, MadeAt: time.Now(), Rules: []report.Rule{{Code: "P", Title: "Price"}, {Code: "Q", Title: "Quantity"}}}
	r.Summary.Rules = []map[verdict.Cell]int{{}, {}}
	var list []*report.Item
	for _, text := range items {
		sku, cells, _ := strings.Cut(text, " ")
		b.SetString(0, sku)
		b.SetString(1, "name of "+sku)
		b.End()
		o := &report.Outcome{Cells: []verdict.Cell{verdict.Cell(cells[0]), verdict.Cell(cells[1])}, Class: verdict.Agrees}
		if strings.Contains(cells, "N") {
			o.Class = verdict.Differs
		}
		for i, c := range o.Cells {
			r.Summary.Rules[i][c]++
		}
		r.Pos.Items++
		r.Store.Items++
		r.Summary.Items++
		r.Summary.Status[verdict.Matched]++
		r.Summary.Classes[o.Class]++
		list = append(list, &report.Item{Outcome: o})
	}
	batch := b.Batch()
	for i, it := range list {
		it.Pos, it.Store = report.Row{Batch: batch, I: i}, report.Row{Batch: batch, I: i}
	}
	r.Items = func(yield func(*report.Item, error) bool) {
		for _, it := range list {
			if !yield(it, nil) {
				return
			}
		}
	}
	return r
}

func (a *Archive) keep(t *testing.T, keep rules.History, items ...string) store.Run {
	t.Helper()
	d, err := a.Begin(resultOf(items...), time.Now())
	must(t, err)
	r, err := d.Keep(t.Context(), keep)
	must(t, err)
	return r
}

// since returns since which run each finding is there, as text.
func (a *Archive) sinceOf(t *testing.T, r store.Run, runs ...store.Run) string {
	t.Helper()
	c, err := a.Changes(r)
	must(t, err)
	text := fmt.Sprintf("new %v, resolved %d:", c.New, c.Resolved)
	for _, s := range c.since {
		for i, run := range runs {
			if run.Ended.UnixMilli() == s.at {
				text += fmt.Sprintf(" %d/%d:%d", s.position, s.rule, i)
				break
			}
		}
	}
	return text
}

func TestSince(t *testing.T) { onBoth(t, testSince) }

func testSince(t *testing.T, a *Archive) {
	wait := func() { // the times of two runs differ
		for before := time.Now().UnixMilli(); time.Now().UnixMilli() == before; {
		}
	}
	first := a.keep(t, keepAll, "A-1 NS", "A-2 SS", "A-3 NN")
	wait()
	second := a.keep(t, keepAll, "A-0 SS", "A-1 NN", "A-2 NS", "A-3 SN")
	wait()
	third := a.keep(t, keepAll, "A-1 NN", "A-2 SS", "A-3 SN")
	runs := []store.Run{first, second, third}
	want := []string{
		"new [], resolved 0: 0/0:0 2/0:0 2/1:0",
		"new [1 2], resolved 1: 1/0:0 1/1:1 2/0:1 3/1:0",
		"new [], resolved 1: 0/0:0 0/1:1 2/1:0",
	}
	for i, r := range runs {
		if diff := cmp.Diff(want[i], a.sinceOf(t, r, runs...)); diff != "" {
			t.Errorf("run %d: -want +got\n%s", i, diff)
		}
	}
	c, err := a.Changes(third)
	must(t, err)
	if at, ok := c.Since(0); !ok || at.UnixMilli() != first.Ended.UnixMilli() {
		t.Errorf("A-1 is red since %v, %v", at, ok)
	}
	if at, ok := c.Since(1); ok {
		t.Errorf("A-2, which is synchronized, is red since %v", at)
	}
	if second.Previous != first.ID || third.Counts.New != 0 || second.Counts.New != 2 {
		t.Errorf("%v, %v", second, third)
	}
}

func TestPrune(t *testing.T) { onBoth(t, testPrune) }

func testPrune(t *testing.T, a *Archive) {
	var last store.Run
	for range 4 {
		last = a.keep(t, rules.History{Runs: 2}, "A-1 NS")
	}
	must(t, a.Fail(t.Context(), "shop", time.Now(), "the store is away"))
	list, err := a.List(t.Context(), "shop", 0)
	must(t, err)
	files, err := filepath.Glob(filepath.Join(a.dir, "2*"))
	must(t, err)
	if len(list) != 2 || list[0].ID != last.ID || len(files) != 4 {
		t.Errorf("%d runs, %d files", len(list), len(files))
	}
	run, failed, err := a.Last(t.Context(), "shop")
	if err != nil || run == nil || run.ID != last.ID || failed == nil || failed.Failure != "the store is away" {
		t.Errorf("%v, %v, %v", run, failed, err)
	}
	// However old it is, the last one stays.
	last = a.keep(t, rules.History{Runs: 1, Age: time.Nanosecond}, "A-1 NS")
	if list, err = a.List(t.Context(), "shop", 0); err != nil || len(list) != 1 || list[0].ID != last.ID {
		t.Errorf("%v, %v", list, err)
	}
	// So does the last one that compared something, and what comes next is compared with that.
	var bad store.Run
	for range 3 {
		bad = a.keep(t, rules.History{Runs: 1, Age: time.Nanosecond})
	}
	if list, err = a.List(t.Context(), "shop", 0); err != nil || len(list) != 2 || list[0].ID != bad.ID || list[1].ID != last.ID || bad.Previous != "" {
		t.Errorf("%v, %v", list, err)
	}
	next := a.keep(t, rules.History{Runs: 1, Age: time.Nanosecond}, "A-1 NS", "A-2 NS")
	if list, err = a.List(t.Context(), "shop", 0); err != nil || len(list) != 1 || next.Previous != last.ID || next.Counts.New != 1 || next.Counts.Resolved != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

// TestNoHalfRun leaves the folder as a process does that is killed at each moment of keeping a run.
func TestNoHalfRun(t *testing.T) { onBoth(t, testNoHalfRun) }

func testNoHalfRun(t *testing.T, a *Archive) {
	other := newArchive(t, "") // whose run is what is left
	text, err := os.ReadFile(other.Path(other.keep(t, keepAll, "A-1 NS").ID))
	must(t, err)
	must(t, os.MkdirAll(a.dir, 0o700))
	for _, left := range []string{"20200101-000000-aaaaaa.run", "20200101-000000-bbbbbb.run", "20200101-000000-bbbbbb.changes"} {
		must(t, os.WriteFile(filepath.Join(a.dir, left), text, 0o600))
	}
	temp := filepath.Join(a.dir, ".20200101-000000-cccccc.run.ABC.tmp")
	must(t, os.WriteFile(temp, text[:100], 0o600))
	fresh := filepath.Join(a.dir, ".20260101-000000-dddddd.run.ABC.tmp")
	must(t, os.WriteFile(fresh, text[:100], 0o600))
	old := time.Now().Add(-2 * abandoned)
	must(t, os.Chtimes(temp, old, old))
	if list, err := a.List(t.Context(), "", 0); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	a.keep(t, keepAll, "A-1 NS")
	var names []string
	list, err := os.ReadDir(a.dir)
	must(t, err)
	for _, f := range list {
		if f.Name() != lockName {
			names = append(names, f.Name())
		}
	}
	if got := strings.Join(names, " "); len(names) != 3 || strings.Contains(got, "20200101") || !strings.Contains(got, "dddddd") {
		t.Errorf("there are %s", got)
	}
}

// TestDamagedPrevious keeps a run although the one before it cannot be read.
func TestDamagedPrevious(t *testing.T) {
	for _, name := range []string{"", runSuffix, changesSuffix} {
		a := newArchive(t, "")
		first := a.keep(t, keepAll, "A-1 NS")
		path := filepath.Join(a.dir, first.ID)
		if name == "" {
			must(t, errors.Join(os.Remove(path+runSuffix), os.Remove(path+changesSuffix)))
		} else {
			must(t, os.Truncate(path+name, 30))
		}
		second := a.keep(t, keepAll, "A-1 NS", "A-2 NS")
		c, err := a.Changes(second)
		must(t, err)
		if second.Previous != "" || c.Before || len(c.New) > 0 {
			t.Errorf("%q: compared with a run that cannot be read: %v, %v", name, second, c)
		}
	}
}

func TestFind(t *testing.T) { onBoth(t, testFind) }

func testFind(t *testing.T, a *Archive) {
	r := a.keep(t, keepAll, "A-1 NS")
	if got, err := a.Find(t.Context(), r.ID[:len(r.ID)-1]); err != nil || got.ID != r.ID {
		t.Errorf("%v, %v", got, err)
	}
	a.keep(t, keepAll, "A-1 NS")
	if _, err := a.Find(t.Context(), r.ID[:4]); err == nil || errors.Is(err, store.ErrNoRun) {
		t.Errorf("two begin so: %v", err)
	}
	for _, id := range []string{"", "x", "../" + r.ID} {
		if _, err := a.Find(t.Context(), id); !errors.Is(err, store.ErrNoRun) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// TestDamagedChanges says that no damage is taken for other changes.
func TestDamagedChanges(t *testing.T) {
	c := &Changes{Before: true, Resolved: 3, New: []int32{1, 5}, since: []since{{1, -1, 1000}, {5, 0, 2000}, {5, 2, 3000}}}
	b := c.encode()
	got, ok := decodeChanges(b)
	if diff := cmp.Diff(c, got, cmp.AllowUnexported(Changes{}, since{})); !ok || diff != "" {
		t.Fatalf("%v: -want +got\n%s", ok, diff)
	}
	for i := range b {
		spoilt := append([]byte{}, b...)
		spoilt[i] ^= 0x11
		if _, ok := decodeChanges(spoilt); ok {
			t.Errorf("byte %d is another, and nobody notices", i)
		}
		if _, ok := decodeChanges(b[:i]); ok {
			t.Errorf("cut at %d, and nobody notices", i)
		}
	}
}

// TestShopOfRun says that a run tells which shop it is of.
func TestShopOfRun(t *testing.T) {
	all := newArchive(t, "")
	of, err := New(all.store, "reconcile.hcl", "toronto")
	must(t, err)
	for a, want := range map[*Archive]string{all: "", of: "toronto"} {
		run, err := a.Open(a.keep(t, rules.History{Runs: 5}, "A-1 NS"))
		must(t, err)
		if got := run.Result().Shop; got != want {
			t.Errorf("%q, not %q", got, want)
		}
		must(t, run.Close())
	}
}
