package near_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/near"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// run has two sides with these keys; those that both have once are paired.
func run(keys [2][]string) *near.Found {
	var sides [2]*near.Side
	var u near.Unpaired
	var counts [2]map[string]int
	for side, list := range keys {
		sides[side], counts[side] = near.NewSide(1000), map[string]int{}
		for _, key := range list {
			sides[side].Add(key)
			counts[side][key]++
		}
	}
	for side, list := range keys {
		for _, key := range list {
			here, there := counts[side][key], counts[1-side][key]
			switch {
			case here > 1 || there > 1:
				u.Duplicate(verdict.Side(side), key)
			case there == 0:
				u.Only(verdict.Side(side), key)
			}
		}
	}
	return u.Find(sides)
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		why        string
		pos, store []string
		differ     string // "" for none
		key        string
		twice      int
	}{
		{"a blank behind", []string{"A-1 "}, []string{"A-1"}, "white space around the SKU", "trimspace(item.sku)", 0},
		{"a no-break space before", []string{"\u00a0A-1"}, []string{"A-1"}, "white space around the SKU", "trimspace(item.sku)", 0},
		{"a blank within", []string{"A 1"}, []string{"A1"}, "white space", `regexreplace("[\\s\\v\\x{85}\\p{Z}]+", item.sku, "")`, 0},
		{"a character that does not show", []string{"A\u200b1"}, []string{"A1"}, "characters that do not show", `regexreplace("[\\p{Cf}\\x00-\\x08\\x0e-\\x1f\\x7f]+", item.sku, "")`, 0},
		{"case", []string{"ab-1"}, []string{"AB-1"}, "case", "upper(item.sku)", 0},
		{"case beyond ASCII", []string{"größe"}, []string{"GRÖßE"}, "case", "upper(item.sku)", 0},
		{"zeros", []string{"00123"}, []string{"123"}, "leading zeros", `regexreplace("^0+([^\\pC\\pZ])", item.sku, "$1")`, 0},
		{"zeros within count", []string{"1023"}, []string{"123"}, "", "", 0},
		{"a minus sign for a dash", []string{"A−1"}, []string{"A-1"}, "the kind of dash", `regexreplace("[\\p{Pd}\\x{2212}_]", item.sku, "-")`, 0},
		{"an underscore for a dash", []string{"A_1"}, []string{"A-1"}, "the kind of dash", `regexreplace("[\\p{Pd}\\x{2212}_]", item.sku, "-")`, 0},
		{"no dash", []string{"A1"}, []string{"A-1"}, "dashes", `regexreplace("[\\p{Pd}\\x{2212}_]+", item.sku, "")`, 0},
		{"an apostrophe", []string{"'00123"}, []string{"00123"}, "an apostrophe before it", `trimprefix(item.sku, "'")`, 0},
		{"two at once", []string{" ab-1"}, []string{"AB-1"}, "white space around the SKU and case", "upper(trimspace(item.sku))", 0},
		{"nothing is left of a key", []string{"-"}, []string{"_"}, "the kind of dash", "", 0},
		{"two that look alike on a side", []string{"a-1", "A-1 "}, []string{"A-1"}, "", "", 0},
		{"one that looks like a paired one", []string{"A-1", "b-1", "a-1"}, []string{"A-1", "B-1"}, "case", "upper(item.sku)", 3},
		{"pairs that would be in each other's way", []string{"M-1", "m-1", "b"}, []string{"M-1", "m-1", "B"}, "case", "upper(item.sku)", 4},
		{"duplicates that are there already", []string{"M-1", "M-1", "b"}, []string{"M-1", "B"}, "case", "upper(item.sku)", 0},
		{"only dashes would make these duplicates", []string{"1-11", "11-1", "b"}, []string{"1-11", "11-1", "B"}, "case", "upper(item.sku)", 0},
		{"a zero alone and a key with zeros", []string{"00123", "0"}, []string{"123", "0"}, "leading zeros", `regexreplace("^0+([^\\pC\\pZ])", item.sku, "$1")`, 0},
		{"zeros alone", []string{"000"}, []string{"0"}, "leading zeros", `regexreplace("^0+([^\\pC\\pZ])", item.sku, "$1")`, 0},
		{"duplicates of one side alone", []string{"A", "A", "B"}, []string{"A ", "B "}, "white space around the SKU", "trimspace(item.sku)", 1},
		{"other items", []string{"A-1"}, []string{"A-2"}, "", "", 0},
	} {
		t.Run(c.why, func(t *testing.T) {
			f := run([2][]string{c.pos, c.store})
			got := ""
			if f != nil && len(f.Groups) == 1 {
				got = strings.Join(f.Groups[0].DiffersIn, " and ")
			}
			if c.why == "nothing is left of a key" {
				c.differ = "" // all that a person sees of it would be gone
			}
			if got != c.differ {
				t.Fatalf("they differ in %q, want %q", got, c.differ)
			}
			if f == nil {
				return
			}
			if key := f.Key("item.sku"); key != c.key {
				t.Errorf("key %s, want %s", key, c.key)
			}
			if f.Twice != c.twice || !f.Checked {
				t.Errorf("%d rows may become duplicates (checked: %v), want %d", f.Twice, f.Checked, c.twice)
			}
		})
	}
}

func TestSpreadsheet(t *testing.T) {
	for _, c := range []struct {
		why, pos, store string
		want            int
	}{
		{"a code that is a day", "MAR-1", "1-Mar", 1},
		{"one without a dash", "SEPT2", "2-Sep", 1},
		{"numbers that are a day", "3-12", "12-Mar", 1},
		{"the same the other way about", "12-03", "12-Mar", 1},
		{"made of the store's", "6.28E+11", "628123456789", 1},
		{"a code that is a number", "1E5", "1.00E+05", 1},
		{"five places", "628123456789", "6.28123E+11", 1},
		{"rounded up", "999999999999", "1E+12", 1},
		{"digits beyond fifteen", "1234567890123456", "1234567890123450", 1},
		{"another day", "MAR-1", "2-Mar", 0},
		{"another number", "628123456789", "6.29E+11", 0},
		{"two codes of the same day", "MAR-1", "MAR1", 0},
		{"two long numbers", "1234567890123456", "1234567890123457", 0},
	} {
		t.Run(c.why, func(t *testing.T) {
			f := run([2][]string{{c.pos}, {c.store}})
			got := 0
			if f != nil {
				got = f.Excel.Pairs
			}
			if got != c.want {
				t.Errorf("%q and %q: %d pairs, want %d", c.pos, c.store, got, c.want)
			}
			if f != nil && got > 0 {
				if diff := cmp.Diff([]near.Pair{{Pos: c.pos, Store: c.store}}, f.ExcelPairs); diff != "" {
					t.Errorf("the pairs (-want +got):\n%s", diff)
				}
			}
			for _, keys := range [][2]string{{c.pos, c.store}, {c.store, c.pos}} {
				if got := near.Rewritten(keys[0], keys[1]); got != (c.want > 0) {
					t.Errorf("%q and %q: rewritten %v, want %v", keys[0], keys[1], got, c.want > 0)
				}
			}
		})
	}
}

// TestLost says of how many rows a key would leave nothing, which are paired now.
func TestLost(t *testing.T) {
	for _, c := range []struct {
		why        string
		pos, store []string
		lost       int
	}{
		{"a dash alone", []string{"A-1", "-"}, []string{"A1", "-"}, 2},
		{"several dashes", []string{"A-1", "-_"}, []string{"A1"}, 1},
		{"many dashes", []string{"A-1", strings.Repeat("-", 200)}, []string{"A1"}, 1},
		{"an apostrophe alone", []string{"'00123", "'"}, []string{"00123", "'"}, 2},
		{"a dash, of which only the kind is dropped", []string{"A-1", "-"}, []string{"A_1", "-"}, 0},
		{"white space alone", []string{"A ", " "}, []string{"A", " "}, 2},
		{"white space alone, of which nothing is dropped", []string{"a", " "}, []string{"A", " "}, 0},
		{"duplicates that nobody pairs now", []string{"A-1", "-", "-"}, []string{"A1", "-"}, 0},
		{"no key", []string{"A-1", ""}, []string{"A1"}, 0},
	} {
		t.Run(c.why, func(t *testing.T) {
			f := run([2][]string{c.pos, c.store})
			if f == nil || !f.Checked || f.Lost != c.lost || f.Twice != 0 {
				t.Errorf("found %+v, want %d rows without a key and no duplicates", f, c.lost)
			}
		})
	}
}

// TestKeyPairsThem has the language itself make the keys that are proposed: each pair has one key then, no row that is none now is
// a duplicate unless it was said, and what was found does not depend on who found it.
func TestKeyPairsThem(t *testing.T) {
	schema := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "name", Type: catalog.String})
	dir := t.TempDir()
	programs := map[string]*rules.Program{}
	program := func(t *rapid.T, key string) *rules.Program {
		if p := programs[key]; p != nil {
			return p
		}
		file := filepath.Join(dir, fmt.Sprintf("%d.hcl", len(programs)))
		text := "source \"file\" \"a\" {\n  path = \"a\"\n}\nsource \"file\" \"b\" {\n  path = \"b\"\n}\n" +
			"reconciliation \"r\" {\n  pos   = source.file.a\n  store = source.file.b\n  key = " + key + "\n}\nrule \"N\" {\n  when = pos.name != store.name\n}\n"
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		config, diags := rules.Load(file, rules.Options{Bundled: []string{"file"}})
		if diags.HasErrors() {
			t.Fatalf("%s: %v", key, diags)
		}
		p, diags := config.Compile(config.Reconciliations[0], schema, schema, time.Now())
		if diags.HasErrors() {
			t.Fatalf("%s: %v", key, diags)
		}
		programs[key] = p
		return p
	}
	rapid.Check(t, func(t *rapid.T) {
		sku := rapid.OneOf(rapid.StringMatching(`[ \x{a0}']?0{0,2}[aAbB][-_−–]?[12][ \t\x{200b}]?`), rapid.StringMatching(`[ \x{a0}\x{2003}\x{85}\x0b\x01\x{ad}'0aAäÄßı_\-]{1,5}`))
		keys := [2][]string{rapid.SliceOfN(sku, 1, 6).Draw(t, "pos"), rapid.SliceOfN(sku, 1, 6).Draw(t, "store")}
		f := run(keys)
		if f == nil || f.Key("item.sku") == "" {
			return
		}
		by := func(key string) func(side verdict.Side, sku string) string {
			p := program(t, key)
			return func(side verdict.Side, sku string) string {
				made, _ := p.KeysOf(side, []string{sku})
				return made.At(0)
			}
		}
		of, before := by(f.Key("item.sku")), by("item.sku")
		for _, g := range f.Groups {
			if a, b := of(verdict.Pos, g.Pos), of(verdict.Store, g.Store); a != b || a == "" {
				t.Fatalf("%q is %q, %q is %q by the key %s", g.Pos, a, g.Store, b, f.Key("item.sku"))
			}
		}
		for _, pos := range keys[0] { // the key for any two that look alike pairs them
			for _, store := range keys[1] {
				g, ok := near.Between(pos, store)
				if !ok {
					continue
				}
				with := program(t, g.Key("item.sku"))
				a, _ := with.KeysOf(verdict.Pos, []string{pos})
				b, _ := with.KeysOf(verdict.Store, []string{store})
				if a.At(0) != b.At(0) {
					t.Fatalf("%q is %q, %q is %q by the key %s", pos, a.At(0), store, b.At(0), g.Key("item.sku"))
				}
			}
		}
		var after [2][]string
		for side, list := range keys {
			for _, key := range list {
				after[side] = append(after[side], of(verdict.Side(side), key))
			}
		}
		for side, list := range keys {
			for i, key := range list {
				made := after[side][i]
				switch {
				case count(keys[0], key) > 1 || count(keys[1], key) > 1: // it is a duplicate already
				case made == "":
					if f.Lost == 0 && before(verdict.Side(side), key) != "" {
						t.Fatalf("nothing is left of %q by %s, and that was not said", key, f.Key("item.sku"))
					}
				case count(after[0], made) > 1 || count(after[1], made) > 1:
					if f.Twice == 0 {
						t.Fatalf("%q of side %d has the key %q by %s, as others have, and that was not said", key, side, made, f.Key("item.sku"))
					}
				}
			}
		}
		if diff := cmp.Diff(f.Groups, run(keys).Groups, cmp.AllowUnexported(near.Group{})); diff != "" {
			t.Fatalf("twice the same (-first +second):\n%s", diff)
		}
	})
}

func count(list []string, key string) (n int) {
	for _, k := range list {
		if k == key {
			n++
		}
	}
	return n
}

// TestManyKeys says that what is too much to remember is left out alike on both sides, and said.
func TestManyKeys(t *testing.T) {
	const n = 300_000
	sides := [2]*near.Side{near.NewSide(10), near.NewSide(10)}
	var workers [2]near.Unpaired
	for i := range n {
		workers[i%2].Only(verdict.Pos, fmt.Sprintf("a-%d ", i))
		workers[i%2].Only(verdict.Store, fmt.Sprintf("a-%d", i))
		for _, s := range sides {
			s.Add(fmt.Sprint(i))
		}
	}
	var u near.Unpaired
	for i := range workers {
		u.Merge(&workers[i])
	}
	f := u.Find(sides)
	if f == nil || !f.AtLeast || f.Checked || f.Pairs() < n/8 || f.Pairs() > n {
		t.Errorf("found %+v", f)
	}
}

func BenchmarkAdd(b *testing.B) {
	keys := make([]string, 1000)
	for i := range keys {
		keys[i] = fmt.Sprintf("SKU-%06d-M", i)
	}
	b.ReportAllocs()
	for b.Loop() {
		s := near.NewSide(1000)
		for _, key := range keys {
			s.Add(key)
		}
	}
}

// TestManySpreadsheetPairs says that the pairs are the first by their keys, whatever the order in which they came.
func TestManySpreadsheetPairs(t *testing.T) {
	var keys [2][]string
	for day := 28; day > 0; day-- {
		keys[0] = append(keys[0], fmt.Sprintf("FEB-%02d", day))
		keys[1] = append([]string{fmt.Sprintf("%d-Feb", day)}, keys[1]...)
	}
	f := run(keys)
	if f.Excel.Pairs != 28 || len(f.ExcelPairs) != 28 || f.Excel.Pos != "FEB-01" || f.Excel.Store != "1-Feb" {
		t.Fatalf("found %+v", f)
	}
	for i, pair := range f.ExcelPairs {
		if want := (near.Pair{Pos: fmt.Sprintf("FEB-%02d", i+1), Store: fmt.Sprintf("%d-Feb", i+1)}); pair != want {
			t.Errorf("pair %d is %v, want %v", i, pair, want)
		}
	}
}
