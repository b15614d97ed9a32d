package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules"
)

// TestPagesAreItems says that every format writes the same of items that are passed on as they are kept, in several goroutines, as of those
// that are made of them.
func TestPagesAreItems(t *testing.T) {
	tempDir(t)
	programs := []*rules.Program{testProgram(t, ""), testProgram(t, "key = upper(item.sku)"), testProgram(t, `rules = ["N", "QN", "P", "D", "NEW"]`)}
	rapid.Check(t, func(t *rapid.T) {
		pos, store := drawSources(t)
		job := Job{Program: rapid.SampledFrom(programs).Draw(t, "program"), All: rapid.Bool().Draw(t, "all"), Unchecked: rapid.Bool().Draw(t, "unchecked"),
			Pos: Side{Source: pos}, Store: Side{Source: store}, MemoryLimit: rapid.SampledFrom([]int64{0, 1}).Draw(t, "limit")}
		result, err := Run(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = result.Close() }()
		o := report.Options{All: job.All, Unchecked: job.Unchecked, Problems: !job.All && rapid.Bool().Draw(t, "problems"),
			Raw: rapid.Bool().Draw(t, "raw"), BOM: rapid.Bool().Draw(t, "bom")}
		if rapid.Bool().Draw(t, "rules") {
			o.Rules = []string{"N", "P"}
		}
		if rapid.Bool().Draw(t, "skus") {
			o.SKUs = []string{"A", "B"}
		}
		comparePages(t, result, o)
	})
}

// TestPagesOfAllTypes does the same with fields of all types, in another order on the two sides.
func TestPagesOfAllTypes(t *testing.T) {
	tempDir(t)
	fields := []catalog.Field{{Name: "sku", Type: catalog.String}, {Name: "name", Type: catalog.String}, {Name: "options", Type: catalog.Map}, {Name: "variation", Type: catalog.List},
		{Name: "visible", Type: catalog.Bool}, {Name: "weight", Type: catalog.Number}, {Name: "brand", Type: catalog.String}}
	schemas := [2]*catalog.Schema{catalog.MustSchema(fields...)}
	slices.Reverse(fields)
	schemas[1] = catalog.MustSchema(append(fields, catalog.Field{Name: "bin", Type: catalog.String})...)
	path := filepath.Join(t.TempDir(), "reconcile.hcl")
	text := `
source "file" "a" { path = "a.csv" }
source "file" "b" { path = "b.csv" }
reconciliation "r" {
  pos   = source.file.a
  store = source.file.b
}
`
	for _, field := range []string{"options", "variation", "visible", "weight", "name"} {
		text += fmt.Sprintf("rule \"R_%s\" { when = pos.%[1]s != store.%[1]s }\n", field)
	}
	text += `rule "R_BIN" { when = store.bin != pos.brand }`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, diags := rules.Load(path, rules.Options{Bundled: []string{"file"}})
	program, more := config.Compile(config.Reconciliations[0], schemas[0], schemas[1], time.Now())
	if diags = append(diags, more...); diags.HasErrors() {
		t.Fatal(diags)
	}
	texts := rapid.SampledFrom([]string{"", "Bell", "=1+1", `a "b", c`, "x\ny", " ", "-5", "Ä\u202e", "a|b:c\\"})
	value := func(t *rapid.T, typ catalog.Type) catalog.Value {
		switch typ {
		case catalog.Number:
			if n := rapid.SampledFrom([]string{"", "0", "-1", "2.50", "99999999999999999999.5"}).Draw(t, "number"); n != "" {
				d, _ := catalog.ParseDecimal(n)
				return catalog.NumberValue(d)
			}
			return catalog.NullValue(typ)
		case catalog.Bool:
			if n := rapid.IntRange(0, 2).Draw(t, "truth"); n < 2 {
				return catalog.BoolValue(n == 0)
			}
			return catalog.NullValue(typ)
		case catalog.List:
			return catalog.ListValue(rapid.SliceOfN(texts, 0, 2).Draw(t, "list"))
		case catalog.Map:
			var entries []catalog.Entry
			for range rapid.IntRange(0, 2).Draw(t, "entries") {
				entries = append(entries, catalog.Entry{Key: texts.Draw(t, "key"), Value: texts.Draw(t, "value")})
			}
			return catalog.MapValue(entries)
		}
		return catalog.StringValue(texts.Draw(t, "text"))
	}
	rapid.Check(t, func(t *rapid.T) {
		var sources [2]*memorySource
		values := map[string]catalog.Value{} // most are the same on both sides
		for side, schema := range schemas {
			b := catalog.NewBuilder(schema)
			for _, sku := range []string{"A", `"B"`, "=C", "D", "E"} {
				for f, field := range schema.Fields() {
					own, there := values[sku+field.Name]
					if !there || rapid.IntRange(0, 3).Draw(t, "anew") == 0 {
						own = value(t, field.Type)
					}
					if field.Name == "sku" {
						own = catalog.StringValue(sku)
					}
					values[sku+field.Name] = own
					if err := b.Set(f, own); err != nil {
						t.Fatal(err)
					}
				}
				b.End()
			}
			sources[side] = &memorySource{batches: []*catalog.Batch{b.Batch()}}
		}
		result, err := Run(t.Context(), Job{Program: program, Pos: Side{Source: sources[0]}, Store: Side{Source: sources[1]}, All: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = result.Close() }()
		comparePages(t, result, report.Options{All: true, Raw: rapid.Bool().Draw(t, "raw"), Unchecked: rapid.Bool().Draw(t, "unchecked")})
	})
}

// comparePages holds what formats write of a result against what they write of a copy, which knows of no pages.
func comparePages(t *rapid.T, result *report.Result, o report.Options) {
	items := *result
	for _, f := range report.Formats() {
		if f.Name == "xlsx" {
			continue // it has its time in it
		}
		var one, other strings.Builder
		if err := errors.Join(f.Write(&one, &items, o), f.Write(&other, result, o)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(one.String(), other.String()); diff != "" {
			t.Fatalf("%s (-items +pages)\n%s", f.Name, diff)
		}
	}
}

// TestManyPages writes more items than are on their way at a time, and has the writer fail at the first, in the middle and at the last.
func TestManyPages(t *testing.T) {
	tempDir(t)
	const n = 8000
	result, err := Run(t.Context(), Job{Program: testProgram(t, ""), Pos: Side{Source: bigSource(0, n)}, Store: Side{Source: bigSource(1, n)}, All: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = result.Close() }()
	items := *result
	for _, f := range report.Formats() {
		if !slices.Contains([]string{"csv", "json", "ndjson", "html"}, f.Name) {
			continue // it is not written in pages
		}
		var one, other strings.Builder
		o := report.Options{All: true}
		if err := errors.Join(f.Write(&one, &items, o), f.Write(&other, result, o)); err != nil {
			t.Fatal(err)
		}
		if one.String() != other.String() {
			t.Errorf("%s: pages are written otherwise than items", f.Name)
		}
		for _, room := range []int{0, other.Len() / 2, other.Len() - 1} {
			if err := f.Write(&smallDisk{room}, result, o); !errors.Is(err, errSmall) {
				t.Errorf("%s, room for %d bytes of %d: %v", f.Name, room, other.Len(), err)
			}
		}
	}
}

// smallDisk takes so many bytes, then fails.
type smallDisk struct{ room int }

var errSmall = errors.New("no space left")

func (w *smallDisk) Write(p []byte) (int, error) {
	if len(p) > w.room {
		return 0, errSmall
	}
	w.room -= len(p)
	return len(p), nil
}
