package rules

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestUntil gives blocks of files of all kinds another last day: it is read back, and nothing else of the file has changed.
func TestUntil(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parse := func(text []byte) *AcceptedText {
			a, diags := ParseAccepted("accepted.hcl", text)
			if diags.HasErrors() {
				t.Fatalf("%v in:\n%s", diags, text)
			}
			return a
		}
		day := func(label string) time.Time {
			if !rapid.Bool().Draw(t, label+" has an end") {
				return time.Time{}
			}
			return time.Date(2027, time.Month(rapid.IntRange(1, 12).Draw(t, label)), 3, 0, 0, 0, 0, time.Local)
		}
		was := textOfPeople(t)
		first := day("first")
		text := parse(was).With(
			AcceptedBlock("one", Acceptance{SKU: "A", Rule: "P"}, Terms{Reason: "}\n# no comment", Owner: "Ann", Expires: first}),
			AcceptedBlock("two", Acceptance{SKU: "B", Rule: "P"}, Terms{Reason: "two"}))
		second := day("second")
		changed, err := parse(text).Until([]string{"one"}, second)
		if err != nil {
			t.Fatal(err)
		}
		if blocks := parse(changed); !cmp.Equal(blocks.Names(), parse(text).Names()) {
			t.Fatalf("the blocks are %q in:\n%s", blocks.Names(), changed)
		}
		without := func(text []byte) string { return string(parse(text).Without([]string{"one"})) }
		if diff := cmp.Diff(without(text), without(changed)); diff != "" {
			t.Fatalf("something else was changed (-before +after):\n%s", diff)
		}
		want := AcceptedBlock("one", Acceptance{SKU: "A", Rule: "P"}, Terms{Reason: "}\n# no comment", Owner: "Ann", Expires: second})
		if !bytes.Contains(bytes.ReplaceAll(changed, []byte(" "), nil), bytes.TrimSpace(bytes.ReplaceAll(want, []byte(" "), nil))) {
			t.Fatalf("want\n%s\nin\n%s", want, changed)
		}
	})
	if _, err := (&AcceptedText{}).Until([]string{"none"}, time.Now()); err == nil {
		t.Error("a block that is not there was changed")
	}
}

// TestUntilKeepsComments says that what people wrote into a block stays.
func TestUntilKeepsComments(t *testing.T) {
	a, diags := ParseAccepted("accepted.hcl", []byte("# top\nintentional \"x\" { # why\n  rules   = [\"P\"]\n  # until spring\n  expires = \"2027-03-31\" # at least\n  reason  = \"r\"\n} # behind\n"))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	got, err := a.Until([]string{"x"}, time.Date(2028, 1, 2, 0, 0, 0, 0, time.Local))
	if err != nil {
		t.Fatal(err)
	}
	want := "# top\nintentional \"x\" { # why\n  rules   = [\"P\"]\n  # until spring\n  expires = \"2028-01-02\" # at least\n  reason  = \"r\"\n} # behind\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
