package expr

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// sharing compiles conditions that share their calls.
func sharing(t testing.TB, conditions ...string) ([]*Expr, *Sharing) {
	t.Helper()
	scope := ruleScope()
	scope.Sharing = NewSharing()
	var list []*Expr
	for _, src := range conditions {
		syntax, diags := hclsyntax.ParseExpression([]byte(src), "test.hcl", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		e, diags := Compile(syntax, scope)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		list = append(list, e)
	}
	return list, scope.Sharing
}

// TestSharing says which calls are one and the same, and that such a one is computed once for a pair of rows, and anew for
// the next.
func TestSharing(t *testing.T) {
	conditions, shared := sharing(t,
		`upper(trimspace(pos.name)) == "A" || length(pos.brand) > 3`,
		`startswith(( upper( trimspace(pos.name) ) ), "B")`,
		`upper(trimspace(store.name)) == "A" && replace(pos.name, "a", "b") != replace(pos.name, "a", "c")`,
	)
	uses := map[int]int{}
	for _, call := range shared.calls {
		uses[call.uses]++
	}
	// upper and trimspace of pos.name stand twice; length, startswith, upper and trimspace of store.name, two replaces once.
	if uses[2] != 2 || uses[1] != 6 || len(uses) != 2 {
		t.Errorf("calls by how often they stand somewhere: %v", uses)
	}
	var f Frame
	f.SetBatch(0, batchOf(t, posSchema, map[string]catalog.Value{"name": catalog.StringValue(" a")}, map[string]catalog.Value{"name": catalog.StringValue("bc ")}))
	f.SetBatch(1, batchOf(t, storeSchema, map[string]catalog.Value{"name": catalog.StringValue("A")}))
	held := func() (n int) {
		for _, m := range f.memos {
			if m.moment == f.moment+1 {
				n++
			}
		}
		return n
	}
	for row, want := range [][2]bool{{true, false}, {false, true}} {
		f.SetRow(0, row)
		f.SetRow(1, 0)
		if held() != 0 {
			t.Error("what was computed for other rows counts")
		}
		for i := range want {
			if got, known := conditions[i].Bool(&f); got != want[i] || !known {
				t.Errorf("row %d: condition %d is %v (known %v)", row, i+1, got, known)
			}
			if held() != 1 && held() != 2 { // upper, which may not have needed trimspace
				t.Errorf("%d results are held", held())
			}
		}
	}
	allocs := testing.AllocsPerRun(100, func() {
		f.SetRow(0, 1)
		for _, c := range conditions[:2] {
			c.Bool(&f)
		}
	})
	if allocs > 1 { // upper makes a new text where there is something to change
		t.Errorf("%v allocations", allocs)
	}
}

// TestSharingUnknown compiles calls on fields that nobody knows, or that there are not, as validating does without a source.
func TestSharingUnknown(t *testing.T) {
	for _, scope := range []*Scope{{Sides: []Side{{Name: "pos"}, {Name: "store"}}}, ruleScope()} {
		scope.Sharing = NewSharing()
		for _, src := range []string{`upper(pos.nowhere) == upper(store.nowhere)`, `upper(upper(pos.nowhere)) == lower(pos.nowhere["x"])`,
			`nofunction(pos.name) == upper(nofunction(pos.name))`, `contains([upper(pos.nowhere), "x"], lower(1))`} {
			syntax, diags := hclsyntax.ParseExpression([]byte(src), "test.hcl", hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			Compile(syntax, scope)
		}
	}
}

func BenchmarkSharing(b *testing.B) {
	conditions := []string{
		`regexreplace("[^A-Z0-9]", upper(pos.name), "") == "X"`,
		`startswith(regexreplace("[^A-Z0-9]", upper(pos.name), ""), "Y")`,
		`endswith(regexreplace("[^A-Z0-9]", upper(pos.name), ""), "Z")`,
	}
	together, _ := sharing(b, conditions...)
	var alone []*Expr
	for _, src := range conditions {
		one, _ := sharing(b, src)
		alone = append(alone, one...)
	}
	for name, list := range map[string][]*Expr{"together": together, "alone": alone} {
		b.Run(name, func(b *testing.B) {
			var f Frame
			f.SetBatch(0, batchOf(b, posSchema, map[string]catalog.Value{"name": catalog.StringValue("Deluxe Bell 5991")}))
			f.SetBatch(1, batchOf(b, storeSchema, map[string]catalog.Value{}))
			b.ReportAllocs()
			for b.Loop() {
				f.SetRow(0, 0)
				for _, e := range list {
					e.Bool(&f)
				}
			}
		})
	}
}
