package engine

import (
	"context"
	"errors"
	"fmt"
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
rule "QN" { when = pos.qoh < 0 }
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
intentional "by key" {
  rules  = ["N"]
  skus   = ["A", "B"]
  reason = "."
}
intentional "never" {
  rules  = ["N"]
  skus   = ["absent"]
  reason = "."
}
`

var testSchema = catalog.MustSchema(
	catalog.Field{Name: "name", Type: catalog.String}, catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "price", Type: catalog.Number}, catalog.Field{Name: "qoh", Type: catalog.Number})

func testProgram(t testing.TB, key string) *rules.Program {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reconcile.hcl")
	if err := os.WriteFile(path, fmt.Appendf(nil, testRules, key), 0o600); err != nil {
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

// plainRun is the plainest way there is to what Run does: maps of lists, and the rules on one pair after the other.
func plainRun(job Job, keyOf func(sku string) string, pos, store *memorySource) (lines []string, unused []string) {
	type item struct {
		batch *catalog.Batch
		row   int
		key   string

		place  int
		unread *catalog.Unreadable
	}
	var items [2][]item
	byKey := [2]map[string][]item{{}, {}}
	p := job.Program
	sources := [2]*memorySource{pos, store}
	for _, side := range verdict.Sides {
		schema := []*catalog.Schema{p.Pos, p.Store}[side]
		add := func(it item) {
			items[side] = append(items[side], it)
			byKey[side][it.key] = append(byKey[side][it.key], it)
		}
		place := 0
		_, _ = sources[side].Read(context.Background(), schema, unreadFunc(func(list []catalog.Unreadable) {
			for _, it := range list {
				if keyOf != nil {
					add(item{key: keyOf(it.SKU), unread: &it})
				}
			}
		}), func(b *catalog.Batch) error {
			keys := p.Keys(side, b)
			for i := range b.Len() {
				add(item{batch: b, row: i, key: keys.At(i), place: place})
				place++
			}
			return nil
		})
	}
	e := p.NewEvaluator()
	for _, side := range verdict.Sides {
		for _, it := range items[side] {
			own, across := byKey[side][it.key], byKey[side.Other()][it.key]
			status := verdict.NoKey
			switch {
			case it.key == "":
			case len(own) > 1 || len(across) > 1:
				status = verdict.Duplicate
			case len(across) == 0 && it.unread != nil:
				status = verdict.Unreadable
			case len(across) == 0:
				status = side.Only()
			case side == verdict.Store:
				continue // listed with its partner
			case it.unread != nil || across[0].unread != nil:
				status = verdict.Unreadable
			default:
				status = verdict.Matched
			}
			if it.unread != nil || status == verdict.Unreadable {
				var both [2]*catalog.Unreadable
				both[side] = it.unread
				name := ""
				if it.batch != nil {
					name = it.batch.Value("name", it.row).Str()
				}
				if status == verdict.Unreadable && len(across) > 0 {
					if both[side.Other()] = across[0].unread; it.batch == nil && across[0].batch != nil {
						name = across[0].batch.Value("name", across[0].row).Str()
					}
				}
				lines = append(lines, unreadLine(status, name, both))
				continue
			}
			var cells []rules.Cell
			switch {
			case status == verdict.Matched:
				cells, _ = e.Evaluate(it.batch, it.row, across[0].batch, across[0].row, it.key)
			case p.About(status):
				cells, _ = e.EvaluateOne(status, side, it.batch, it.row, it.key)
			}
			line := fmt.Sprintf("%d/%d %s %s", side, it.place, status, it.batch.Value("name", it.row).Str())
			found := status != verdict.Matched
			for i, c := range cells {
				line += fmt.Sprintf(" %c%d%v", c.State, c.Intent, e.Explains(i))
				found = found || c.State == verdict.NotSynchronized || c.State == verdict.Intentional
			}
			if found || job.All {
				lines = append(lines, line)
			}
		}
	}
	for i, used := range e.Used() {
		if !used {
			unused = append(unused, p.Intentional[i].Name)
		}
	}
	return lines, unused
}

func linesOf(t *rapid.T, p *rules.Program, r *report.Result) (lines []string) {
	places := map[string]int{}
	for i, in := range p.Intentional {
		places[in.Name] = i
	}
	list, err := r.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range list {
		if it.Unreadable != [2]*report.Unreadable{} {
			var unread [2]*catalog.Unreadable
			for side, u := range it.Unreadable {
				if u != nil {
					unread[side] = &catalog.Unreadable{SKU: u.SKU, Reason: u.Reason}
				}
			}
			lines = append(lines, unreadLine(it.Status, it.Name(), unread))
			continue
		}
		side, row := it.Side(), it.Row(it.Side())
		if it.Status == verdict.Matched && !it.Store.Has() {
			t.Fatalf("%v has no store row", it)
		}
		line := fmt.Sprintf("%d/%d %s %s", side, row.Place, it.Status, row.Value("name").Str())
		if it.Outcome != nil {
			for i, c := range it.Outcome.Cells {
				intent := -1
				if in := it.Outcome.Intents[i]; in != nil {
					intent = places[in.Name]
				}
				var explains []int
				if it.Outcome.Explains != nil {
					explains = it.Outcome.Explains[i]
				}
				line += fmt.Sprintf(" %c%d%v", byte(c), intent, explains)
			}
		}
		lines = append(lines, line)
	}
	return lines
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
	}
	rapid.Check(t, func(t *rapid.T) {
		pos, store := drawSource(t, "pos"), drawSource(t, "store")
		program := programs[rapid.IntRange(0, len(programs)-1).Draw(t, "program")]
		job := Job{Program: program.Program, All: rapid.Bool().Draw(t, "all"),
			Pos: Side{Source: pos}, Store: Side{Source: store}, MemoryLimit: rapid.SampledFrom([]int64{0, 1}).Draw(t, "limit")}
		result, err := Run(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		want, unused := plainRun(job, program.keyOf, pos, store)
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
	if want.Classes[verdict.Differs] != got.Classes[verdict.Differs] || all && want.Classes != got.Classes || want.Rows != got.Rows || !slices.Equal(want.Status[1:], got.Status[1:]) {
		t.Fatalf("summary %+v, want %+v", got, want)
	}
	if all && (want.Status != got.Status || got.Items != len(list)) {
		t.Fatalf("summary %+v, want %+v", got, want)
	}
	sum := 0
	for _, n := range got.Classes {
		sum += n
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
}
