package history

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// rowsOf returns all rows of a run that was made up, and the run.
func rowsOf(t *testing.T, n int) ([]Row, *Run) {
	t.Helper()
	pos, store := drawShop(rand.New(rand.NewPCG(11, 12)), n)
	run := keep(t, runShop(t, compile(t, shopRules), pos, store))
	all, err := run.Filter(Filter{})
	if err != nil || len(all) != run.Items() {
		t.Fatalf("%d of %d items, %v", len(all), run.Items(), err)
	}
	rows, err := run.Rows(all)
	if err != nil {
		t.Fatal(err)
	}
	return rows, run
}

// TestFilter holds filters against a look at each row.
func TestFilter(t *testing.T) {
	rows, run := rowsOf(t, 800)
	random := rand.New(rand.NewPCG(13, 14))
	some := func(n int) bool { return random.IntN(n) == 0 }
	rules, hits := len(run.About().Rules), 0
	for range 300 {
		var f Filter
		for _, s := range verdict.Statuses {
			if some(3) {
				f.Statuses = append(f.Statuses, s)
			}
		}
		if some(2) {
			f.Statuses = nil
		}
		for _, c := range verdict.Classes {
			if some(5) {
				f.Classes = append(f.Classes, c)
			}
		}
		f.Open = some(5)
		for some(2) {
			c := Cells{Rule: random.IntN(rules)}
			for m := range marks {
				if some(2) {
					c.Marks = append(c.Marks, m)
				}
			}
			f.Cells = append(f.Cells, c)
		}
		if some(3) {
			f.Within = []int32{}
			for i := range rows {
				if some(3) {
					f.Within = append(f.Within, int32(i))
				}
			}
		}
		var want []int32
		for i, row := range rows {
			ok := (len(f.Statuses) == 0 || slices.Contains(f.Statuses, row.Status)) &&
				(len(f.Classes) == 0 || row.Status == verdict.Matched && slices.Contains(f.Classes, row.Class)) &&
				(!f.Open || row.Status != verdict.Matched && !row.Parent && !row.Intended) &&
				(f.Within == nil || slices.Contains(f.Within, int32(i)))
			for _, c := range f.Cells {
				ok = ok && slices.Contains(c.Marks, row.Marks[c.Rule])
			}
			if ok {
				want = append(want, int32(i))
			}
		}
		got, err := run.Filter(f)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%+v finds %v, want %v", f, got, want)
		}
		if n, err := run.Count(f); err != nil || n != len(want) {
			t.Fatalf("%+v counts %d, want %d, %v", f, n, len(want), err)
		}
		hits += len(want)
	}
	if hits == 0 {
		t.Error("nothing was found at all")
	}
	if _, err := run.Filter(Filter{Cells: []Cells{{Rule: rules}}}); err == nil {
		t.Error("there is a rule behind the last one")
	}
	if _, err := run.Filter(Filter{Within: []int32{int32(len(rows))}}); err == nil {
		t.Error("there is an item behind the last one")
	}
}

// TestSort holds each order against a plain one.
func TestSort(t *testing.T) {
	rows, run := rowsOf(t, 700)
	random := rand.New(rand.NewPCG(15, 16))
	for _, by := range []By{{}, {Column: SKU}, {Column: Name}, {Column: Name, Descending: true}, {Column: Status}, {Column: Class}, {Column: Cell, Rule: 3}, {Column: Cell, Rule: 4, Descending: true}} {
		for _, all := range []bool{true, false} {
			var positions []int32
			for i := range rows {
				if all || random.IntN(5) == 0 {
					positions = append(positions, int32(i))
				}
			}
			want := slices.Clone(positions)
			rank := func(row Row) int {
				switch by.Column {
				case Status:
					return int(row.Status)
				case Class:
					if row.Status != verdict.Matched {
						return 10 + int(row.Status)
					}
					return int(row.Class)
				case Cell:
					return strings.Index("RXUEQAT", map[Mark]string{Red: "R", Excused: "X", Unknown: "U", Explained: "E", Equal: "Q", NotAbout: "A", NotThere: "T"}[row.Marks[by.Rule]])
				}
				return 0
			}
			text := func(row Row) string {
				switch by.Column {
				case SKU:
					return strings.ToLower(row.SKU)
				case Name:
					return strings.ToLower(row.Name)
				}
				return ""
			}
			slices.SortStableFunc(want, func(a, b int32) int {
				if c := rank(rows[a]) - rank(rows[b]); c != 0 {
					return c
				}
				return bytes.Compare([]byte(text(rows[a])), []byte(text(rows[b])))
			})
			if by.Descending {
				slices.Reverse(want)
			}
			random.Shuffle(len(positions), func(i, j int) { positions[i], positions[j] = positions[j], positions[i] })
			got, err := run.Sort(positions, by)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%+v (-want +got):\n%s", by, diff)
			}
		}
	}
	if _, err := run.Sort([]int32{-1}, By{Column: SKU}); err == nil {
		t.Error("there is an item before the first one")
	}
}

// TestSearch holds searches against a look at each row.
func TestSearch(t *testing.T) {
	rows, run := rowsOf(t, 700)
	some := 0
	for _, text := range []string{"", "bell 1", "BELL", "lÄmp 2", "sku-0001", "no such", "\n", "1sku", "0bell", "=lock", " ", "7"} {
		var want []int32
		for i, row := range rows {
			if strings.Contains(strings.ToLower(row.SKU), strings.ToLower(text)) || strings.Contains(strings.ToLower(row.Name), strings.ToLower(text)) {
				want = append(want, int32(i))
			}
		}
		got, err := run.Search(text)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", text, got, want)
		}
		some += len(want)
	}
	if some < 1000 {
		t.Errorf("only %d items were found", some)
	}
}

// TestOnly writes some of the items.
func TestOnly(t *testing.T) {
	rows, run := rowsOf(t, 600)
	positions := []int32{599, 0, 1, 300, 2}
	items, err := run.Only(positions).List()
	if err != nil {
		t.Fatal(err)
	}
	for n, p := range positions {
		if got, want := items[n].SKU(), rows[p].SKU; got != want {
			t.Errorf("item %d is %q, want %q", n, got, want)
		}
	}
	if items, err := run.Only([]int32{int32(len(rows))}).List(); err == nil {
		t.Errorf("there is an item behind the last one: %v", items)
	}
}

// TestFind holds finding a SKU against a look at each row: all with exactly that one, and of those the nearest.
func TestFind(t *testing.T) {
	rows, run := rowsOf(t, 800)
	want := map[string][]int32{}
	for _, row := range rows {
		want[row.SKU] = append(want[row.SKU], int32(row.Position))
	}
	if len(want[""]) < 2 {
		t.Fatal("the shop has no two items without a SKU")
	}
	for sku, positions := range want {
		got, err := run.Find(sku)
		if err != nil || !slices.Equal(got, positions) {
			t.Fatalf("%q: %v, %v, not %v", sku, got, err, positions)
		}
		for _, p := range positions {
			if at, found, err := run.FindNear(sku, int(p)); err != nil || !found || at != int(p) {
				t.Fatalf("%q near %d: %d, %v, %v", sku, p, at, found, err)
			}
		}
		for _, from := range []int{-5, 0, run.Items() + 5} { // from far away, too
			if at, found, err := run.FindNear(sku, from); err != nil || !found || !slices.Contains(positions, int32(at)) {
				t.Fatalf("%q near %d: %d, %v, %v", sku, from, at, found, err)
			}
		}
	}
	for _, sku := range []string{"nobody", rows[0].SKU + " ", strings.ToLower(rows[0].SKU)} {
		if len(want[sku]) > 0 {
			continue
		}
		if got, err := run.Find(sku); err != nil || len(got) > 0 {
			t.Errorf("%q: %v, %v", sku, got, err)
		}
		if at, found, err := run.FindNear(sku, 0); err != nil || found {
			t.Errorf("%q: %d, %v", sku, at, err)
		}
	}
}
