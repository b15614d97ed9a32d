package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

func jsonText(t testing.TB, r *Result, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := format(t, "json").Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestJSON(t *testing.T) {
	for _, c := range []struct {
		name    string
		why     string
		options Options
		change  func(*Result)
	}{
		{"everything", "every kind of item, cell, value and awkward character", Options{All: true}, nil},
		{"discrepancies", "without All the synchronized item is left out", Options{}, nil},
		{"filter", "filters leave the summary alone", Options{Rules: []string{"IV"}, SKUs: []string{"CJK-4"}}, nil},
		{"empty", "no items and no rules are empty lists, not nulls", Options{}, func(r *Result) {
			r.Rules, r.Items, r.Reconciliation = nil, nil, `a "b"`
			summarize(r)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := sample(t)
			if c.change != nil {
				c.change(r)
			}
			golden(t, "json-"+c.name+".json", jsonText(t, r, c.options))
		})
	}
}

// TestJSONReadBack compares what a program reads from the JSON with the result, by another way than the writer's.
func TestJSONReadBack(t *testing.T) {
	r := sample(t)
	var got struct {
		Items []struct {
			SKU, Name, Status string
			Cells             map[string]string
			Differences       []struct {
				Rule        string
				Explains    []string
				Intentional *struct{ Name, Reason, Owner string }
				Note        string
				Fields      map[string]map[string]json.RawMessage
			}
		}
		Summary struct {
			Rules map[string]map[string]int
		}
	}
	if err := json.Unmarshal([]byte(jsonText(t, r, Options{All: true})), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Items) != r.Summary.Items {
		t.Fatalf("%d items, want %d", len(got.Items), r.Summary.Items)
	}
	for i, g := range got.Items {
		it := listOf(t, r)[i]
		if g.SKU != it.SKU() || g.Name != it.Name() || g.Status != it.Status.String() {
			t.Errorf("item %d reads %q %q %q, want %q %q %q", i, g.SKU, g.Name, g.Status, it.SKU(), it.Name(), it.Status)
		}
		var rules []string // that have a difference
		for rule, code := range codes(r) {
			if it.Outcome == nil {
				continue
			}
			cell := it.Outcome.Cells[rule]
			if g.Cells[code] != cell.String() {
				t.Errorf("item %d: cell %s is %q, want %q", i, code, g.Cells[code], cell)
			}
			if cell == verdict.NotSynchronized || cell == verdict.Intentional {
				rules = append(rules, code)
			}
		}
		var differences []string
		for _, d := range g.Differences {
			differences = append(differences, d.Rule)
			rule := slices.Index(codes(r), d.Rule)
			if intent := it.Outcome.intent(rule); (intent != nil) != (d.Intentional != nil) {
				t.Errorf("item %d, %s: intentional %v, want %v", i, d.Rule, d.Intentional, intent)
			} else if intent != nil && (d.Intentional.Name != intent.Name || d.Intentional.Reason != intent.Reason || d.Intentional.Owner != intent.Owner) {
				t.Errorf("item %d, %s: intentional %v, want %v", i, d.Rule, d.Intentional, intent)
			}
			if d.Note != r.Rules[rule].Note {
				t.Errorf("item %d, %s: note %q, want %q", i, d.Rule, d.Note, r.Rules[rule].Note)
			}
			sides := 0
			for _, bySide := range d.Fields {
				sides += len(bySide)
			}
			named := map[FieldRef]bool{}
			for _, ref := range r.Rules[rule].Fields {
				named[ref] = true
				row := []Row{it.Pos, it.Store}[ref.Side]
				want, err := json.Marshal(row.Value(ref.Field))
				if err != nil {
					t.Fatal(err)
				}
				sameJSON(t, fmt.Sprintf("item %d, %s, %s.%s", i, d.Rule, ref.Side, ref.Field), d.Fields[ref.Field][ref.Side.String()], want)
			}
			if sides != len(named) {
				t.Errorf("item %d, %s: %d values, want %d", i, d.Rule, sides, len(named))
			}
		}
		if diff := cmp.Diff(rules, differences); diff != "" {
			t.Errorf("item %d: rules with differences (-want +got):\n%s", i, diff)
		}
	}
	for rule, code := range codes(r) {
		for _, cell := range verdict.Cells {
			if n := got.Summary.Rules[code][cell.String()]; n != r.Summary.Rules[rule][cell] {
				t.Errorf("summary of %s: %d %s, want %d", code, n, cell, r.Summary.Rules[rule][cell])
			}
		}
	}
}

func codes(r *Result) []string {
	var list []string
	for _, rule := range r.Rules {
		list = append(list, rule.Code)
	}
	return list
}

func sameJSON(t *testing.T, what string, got, want []byte) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal(got, &g); err != nil {
		t.Errorf("%s: %v in %q", what, err, got)
		return
	}
	if err := json.Unmarshal(want, &w); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// FuzzQuoted holds the writer's strings against the standard library's reader.
func FuzzQuoted(f *testing.F) {
	for _, s := range []string{"", "plain", "a\"b\\c", "\x00\x1f\x7f\u0085\u009b\u00a0", "\u2028<&>", "\xff\xc3", "漢字 👩‍🚀", "\ufffd", "a\U000e0041b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		quoted := appendQuoted(nil, s)
		var got string
		if err := json.Unmarshal(quoted, &got); err != nil {
			t.Fatalf("%q: %v", quoted, err)
		}
		if want := string([]rune(s)); got != want {
			t.Errorf("%q reads %q, want %q", s, got, want)
		}
		for _, r := range string(quoted) {
			if r < 0x20 || 0x7f <= r && r <= 0x9f {
				t.Errorf("%q has the control character %U", quoted, r)
			}
		}
	})
}
