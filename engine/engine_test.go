package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/spill"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// testRules are about all kinds of items; the key is no plain field in half of the tests.
const testRules = `
source "file" "a" { path = "a.csv" }
source "file" "b" { path = "b.csv" }
reconciliation "r" {
  pos   = source.file.a
  store = source.file.b
  %s
}
rule "N" { when = pos.name != store.name }
rule "NS" {
  explains = ["N"]
  when     = store.name == "${pos.name} ${pos.sku}"
}
rule "P" { when = pos.price != store.price }
rule "QN" {
  when     = pos.qoh < 0
  severity = "warning"
}
rule "Q" {
  when    = pos.qoh > store.qoh
  applies = pos.price >= 0
}
rule "I" {
  when     = pos.price == 3
  severity = "info"
}
rule "W" {
  when     = pos.name == store.name && pos.qoh == store.qoh
  applies  = store.price != 2
  severity = "warning"
}
rule "D" {
  when       = pos.qoh == 2
  applies    = pos.price != store.qoh
  severity   = "info"
  doubt      = store.price == pos.qoh
  doubt_note = "."
}
rule "NEW" {
  on   = "pos_only"
  when = pos.qoh > 1
}
rule "TWICE" {
  on   = "duplicate"
  when = store.price > 1
}
intentional "dear" {
  rules  = ["P"]
  where  = pos.price > store.price
  reason = "."
}
intentional "elsewhere" {
  reconciliations = ["other"]
  rules           = ["P", "W"]
  reason          = "."
}
intentional "here" {
  reconciliations = ["r", "other"]
  rules           = ["W", "D", "I"]
  where           = pos.qoh >= store.qoh || pos.price == 3
  reason          = "."
}
intentional "by key" {
  rules  = ["N"]
  skus   = ["A", "B"]
  reason = "."
}
intentional "labour" {
  status = ["pos_only"]
  where  = pos.qoh >= 1
  reason = "."
}
intentional "store's own" {
  status = ["pos_only", "store_only"]
  skus   = ["c", "D"]
  reason = "."
}
intentional "never" {
  rules  = ["N"]
  skus   = ["absent"]
  reason = "."
}
reconciliation "other" {
  pos   = source.file.b
  store = source.file.a
}
`

var testSchema = catalog.MustSchema(
	catalog.Field{Name: "name", Type: catalog.String}, catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "price", Type: catalog.Number}, catalog.Field{Name: "qoh", Type: catalog.Number},
	catalog.Field{Name: "parent_sku", Type: catalog.String})

func testProgram(t testing.TB, key string) *rules.Program {
	t.Helper()
	return programOf(t, fmt.Sprintf(testRules, key))
}

// programOf compiles a configuration's only reconciliation for sources with the fields of testSchema.
func programOf(t testing.TB, text string) *rules.Program {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reconcile.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, diags := rules.Load(path, rules.Options{Bundled: []string{"file"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	p, diags := config.Compile(config.Reconciliations[0], testSchema, testSchema, time.Now())
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

// tempDir makes a folder the one for temporary files, and returns the one for all runs in it.
func tempDir(t *testing.T) string {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	return spill.Root()
}

// TestRunAgainstPlainRun holds runs with and without limits against the plainest way to the result.
func TestRunAgainstPlainRun(t *testing.T) {
	root := tempDir(t)
	programs := []struct {
		*rules.Program
		keyOf func(sku string) string // nil: it reads more than the SKU
	}{
		{testProgram(t, ""), func(sku string) string { return sku }},
		{testProgram(t, "key = upper(item.sku)"), strings.ToUpper},
		{testProgram(t, `key = "${item.sku}${item.name}"`), nil},
		// Of these, most pairs are decided by what is known of them, whether something is found or not.
		{testProgram(t, `rules = ["N", "QN", "P", "D", "NEW"]`), func(sku string) string { return sku }},
	}
	rapid.Check(t, func(t *rapid.T) {
		pos, store := drawSources(t)
		program := programs[rapid.IntRange(0, len(programs)-1).Draw(t, "program")]
		job := Job{Program: program.Program, All: rapid.Bool().Draw(t, "all"), Unchecked: rapid.Bool().Draw(t, "unchecked"),
			Pos: Side{Source: pos}, Store: Side{Source: store}, MemoryLimit: rapid.SampledFrom([]int64{0, 1}).Draw(t, "limit")}
		result, err := Run(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		want, unused, doubts := plainRun(job, program.keyOf, pos, store)
		got := linesOf(t, job.Program, result)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-plain +run)\n%s", diff)
		}
		if diff := cmp.Diff(got, linesOf(t, job.Program, result)); diff != "" {
			t.Fatalf("items differ when they are read once more\n%s", diff)
		}
		var names []string
		for _, in := range result.Unused {
			names = append(names, in.Name)
		}
		if diff := cmp.Diff(unused, names); diff != "" {
			t.Fatalf("unused (-plain +run)\n%s", diff)
		}
		if diff := cmp.Diff(doubts, result.Doubts); diff != "" {
			t.Fatalf("doubts (-plain +run)\n%s", diff)
		}
		checkSummary(t, result, job.All)
		skipped := 0
		for _, list := range pos.unread {
			if program.keyOf == nil {
				skipped += len(list)
			}
		}
		if result.Pos.Skipped != int64(skipped) {
			t.Fatalf("%d rows were skipped, want %d", result.Pos.Skipped, skipped)
		}
		if err := result.Close(); err != nil {
			t.Fatal(err)
		}
		if left, err := filepath.Glob(filepath.Join(root, "*")); err != nil || len(left) > 0 {
			t.Fatalf("left on disk: %v %v", left, err)
		}
	})
}

// checkSummary counts the items that are there once more.
func checkSummary(t *rapid.T, r *report.Result, all bool) {
	var want report.Summary
	list, _ := r.List()
	for _, it := range list {
		want.Status[it.Status]++
		switch {
		case it.Intended() != nil:
			want.Intended[it.Status]++
		case it.Parent:
			want.Parents[it.Status]++
		}
		for side, row := range []report.Row{it.Pos, it.Store} {
			if it.Status != verdict.Matched && (row.Has() || it.Unreadable[side] != nil) {
				want.Rows[it.Status][side]++
			}
		}
		if it.Status == verdict.Matched {
			want.Classes[it.Outcome.Class]++
		}
	}
	got := r.Summary
	if !all { // those that are meant to be are not there
		for status, n := range got.Intended {
			quiet := n - want.Intended[status]
			want.Status[status] += quiet
			if side := status - int(verdict.PosOnly); quiet > 0 {
				want.Rows[status][side] += quiet
			}
		}
		want.Intended = got.Intended
	}
	if want.Classes[verdict.Differs] != got.Classes[verdict.Differs] || all && want.Classes != got.Classes || want.Rows != got.Rows || !slices.Equal(want.Status[1:], got.Status[1:]) ||
		want.Intended != got.Intended || want.Parents != got.Parents {
		t.Fatalf("summary %+v, want %+v", got, want)
	}
	if all && (want.Status != got.Status || got.Items != len(list)) {
		t.Fatalf("summary %+v, want %+v", got, want)
	}
	sum := 0
	for _, n := range got.Classes {
		sum += n
	}
	if r.AllClear() && (got.Classes[verdict.Differs]+got.Classes[verdict.Unchecked] > 0 || got.Unmatched() > 0 || r.Pos.Items == 0 || r.Store.Items == 0 || r.Skipped() > 0) {
		t.Fatalf("all is said to be clear: %+v", got)
	}
	if got.Classes[verdict.Unchecked] > 0 && !r.Discrepancies() {
		t.Fatalf("items are not checked, and nothing is said to be wrong: %+v", got)
	}
	if got.Status[verdict.Matched] != sum {
		t.Fatalf("summary does not add up: %+v", got)
	}
}

// bigSource has n items, of which every tenth differs by side.
func bigSource(side, n int) *memorySource {
	s := &memorySource{}
	for from := 0; from < n; from += 1000 {
		b := catalog.NewBuilder(testSchema)
		for i := from; i < from+1000; i++ {
			at := i
			if side == 1 {
				at = i * 7919 % n
			}
			b.SetString(0, fmt.Sprintf("An ordinary product, number %d", at))
			b.SetString(1, fmt.Sprintf("SKU-%08d", at))
			price := at
			if at%10 == 0 {
				price += side
			}
			b.SetNumber(2, catalog.Int(int64(price)))
			b.SetNumber(3, catalog.Int(5))
			b.End()
		}
		s.batches = append(s.batches, b.Batch())
	}
	return s
}

// TestFolderOfOnesOwn looks at what lies on disk while a result is there, and after.
func TestFolderOfOnesOwn(t *testing.T) {
	root := tempDir(t)
	job := Job{Program: testProgram(t, ""), All: true, Pos: Side{Source: bigSource(0, 5000)}, Store: Side{Source: bigSource(1, 5000)}, MemoryLimit: 1}
	result, err := Run(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "*", "*"))
	if err != nil || len(files) < 2 {
		t.Errorf("on disk: %v %v", files, err)
	}
	if runtime.GOOS != "windows" {
		for path, perm := range map[string]os.FileMode{root: 0o700, filepath.Dir(files[0]): 0o700, files[0]: 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != perm {
				t.Errorf("%s: %v, %v", path, info.Mode(), err)
			}
		}
	}
	if list, err := result.List(); err != nil || len(list) != 5000 {
		t.Errorf("%d items, %v", len(list), err)
	}
	if err := result.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(root, "*")); len(left) > 0 {
		t.Errorf("left on disk: %v", left)
	}
}

// TestClosedResult says that a result that is closed does not look like one without discrepancies.
func TestClosedResult(t *testing.T) {
	result, err := Run(t.Context(), Job{Program: testProgram(t, ""), All: true, Pos: Side{Source: bigSource(0, 5000)}, Store: Side{Source: bigSource(1, 5000)}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := result.Close(); err != nil {
			t.Error(err)
		}
	}
	if list, err := result.List(); err == nil {
		t.Errorf("%d items of a result that is closed", len(list))
	}
	var out bytes.Buffer
	if err := report.CSV().Write(&out, result, report.Options{}); err == nil {
		t.Errorf("of a result that is closed is written:\n%s", out.String())
	}
}

// TestFailedReadLeavesNothing has one side fail after much lies on disk.
func TestFailedReadLeavesNothing(t *testing.T) {
	root := tempDir(t)
	failing := bigSource(1, 5000)
	failing.err = errors.New("half a catalogue")
	job := Job{Program: testProgram(t, ""), Pos: Side{Source: bigSource(0, 5000)}, Store: Side{Source: failing}, MemoryLimit: 1}
	if _, err := Run(t.Context(), job); !errors.Is(err, failing.err) {
		t.Errorf("error %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(root, "*")); len(left) > 0 {
		t.Errorf("left on disk: %v", left)
	}
}

// TestNoFolder has nowhere to put what does not fit: the run fails and says so.
func TestNoFolder(t *testing.T) {
	root := tempDir(t)
	if err := os.WriteFile(root, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	job := Job{Program: testProgram(t, ""), Pos: Side{Source: bigSource(0, 5000)}, Store: Side{Source: bigSource(1, 5000)}, MemoryLimit: 1}
	if _, err := Run(t.Context(), job); err == nil || !strings.Contains(err.Error(), "keep on disk what does not fit memory") {
		t.Errorf("error %v", err)
	}
}

func BenchmarkRun(b *testing.B) {
	const n = 200_000
	job := Job{Program: testProgram(b, ""), Pos: Side{Source: bigSource(0, n)}, Store: Side{Source: bigSource(1, n)}}
	b.ReportAllocs()
	for b.Loop() {
		result, err := Run(b.Context(), job)
		if err != nil {
			b.Fatal(err)
		}
		if result.Summary.Classes[verdict.Differs] != n/10 {
			b.Fatalf("%+v", result.Summary)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/pair")
}

// TestStopListing leaves the items in the middle, as --max-rows could, and reads them all again.
func TestStopListing(t *testing.T) {
	tempDir(t)
	job := Job{Program: testProgram(t, ""), All: true, Pos: Side{Source: bigSource(0, 5000)}, Store: Side{Source: bigSource(1, 5000)}}
	result, err := Run(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = result.Close() }()
	for it, err := range result.Items {
		if err != nil {
			t.Fatal(err)
		}
		if it.Pos.Place == 3000 {
			break
		}
	}
	if list, err := result.List(); err != nil || len(list) != 5000 {
		t.Errorf("%d items, %v", len(list), err)
	}
}

// TestLostItems has what was kept on disk lose its end before it is read back.
func TestLostItems(t *testing.T) {
	root := tempDir(t)
	job := Job{Program: testProgram(t, ""), All: true, Pos: Side{Source: bigSource(0, 5000)}, Store: Side{Source: bigSource(1, 5000)}, MemoryLimit: 1}
	result, err := Run(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = result.Close() }()
	files, err := filepath.Glob(filepath.Join(root, "*", "[0-9]*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(file, info.Size()/2); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := result.List(); err == nil {
		t.Errorf("%d of 5000 items without an error", len(list))
	}
	for _, f := range report.Formats() {
		if err := f.Write(io.Discard, result, report.Options{All: true}); err == nil {
			t.Errorf("%s is written though items are lost", f.Name)
		}
	}
}
