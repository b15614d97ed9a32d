package rules

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// textOfPeople draws what can stand in a file of accepted discrepancies: blocks and comments, as people may have changed them.
func textOfPeople(t *rapid.T) []byte {
	if rapid.Bool().Draw(t, "no file") {
		return nil
	}
	pieces := rapid.SliceOfN(rapid.SampledFrom([]string{
		"\n", "\n\n", "# a comment\n", "// another\n", "/* of\ntwo lines */\n", "\r\n", "  \n",
		"intentional \"%\" {\n  rules  = [\"P\"]\n  skus   = [\"A\"]\n  reason = \"}\"\n}\n",
		"# above\nintentional \"%\" { # beside\n  rules  = [\"P\"]\n  reason = <<E\nintentional \"x\" {\nE\n} # behind\n",
		"rule \"%\" {\n  when = true\n}\n", acceptedHeader,
	}), 0, 8).Draw(t, "pieces")
	text := ""
	for i, piece := range pieces {
		text += strings.Replace(piece, "%", "own "+string(rune('a'+i)), 1)
	}
	if rapid.Bool().Draw(t, "cut") {
		text = strings.TrimRight(text, "\r\n ")
	}
	return []byte(text)
}

// TestAcceptedAndRemoved says that what is accepted and taken back leaves the file as it was, byte for byte, in whatever order.
func TestAcceptedAndRemoved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		was := textOfPeople(t)
		if len(bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(was), []byte(strings.TrimSpace(acceptedHeader))))) == 0 {
			was = nil // a file of which at most the header is left is removed
		}
		parse := func(text []byte) *AcceptedText {
			a, diags := ParseAccepted("accepted.hcl", text)
			if diags.HasErrors() {
				t.Fatalf("%v in:\n%s", diags, text)
			}
			return a
		}
		text := was
		var names []string
		for i := range rapid.IntRange(1, 3).Draw(t, "acceptances") {
			var blocks [][]byte
			for j := range rapid.IntRange(1, 2).Draw(t, "at once") {
				name := "accepted " + string(rune('a'+i)) + string(rune('a'+j)) + rapid.SampledFrom([]string{"", `"`, "${x}", "é"}).Draw(t, "name")
				names = append(names, name)
				blocks = append(blocks, AcceptedBlock(name, Acceptance{SKU: "A", Rule: "P"}, Terms{Reason: "}\n# no comment", Expires: time.Unix(0, 0)}))
			}
			text = parse(text).With(blocks...)
		}
		for _, name := range rapid.Permutation(names).Draw(t, "order") {
			if !slices.Contains(parse(text).Names(), name) {
				t.Fatalf("there is no %q in:\n%s", name, text)
			}
			text = parse(text).Without([]string{name})
		}
		if diff := cmp.Diff(string(was), string(text)); diff != "" || (was == nil) != (text == nil) {
			t.Fatalf("(-before +after)\n%s", diff)
		}
	})
}

// TestLinesRemoved says that a skus_file without some lines has all others as they were.
func TestLinesRemoved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SampledFrom([]string{"A-1,P,,\n", "\"B\n2\",P,,pos.price:1\n", "C,,pos_only,\r\n", "\n", "D,\"P B\",,\n"})
		text := rapid.SampledFrom([]string{"", "\ufeff"}).Draw(t, "mark") + rapid.SampledFrom([]string{"", "sep=,\n"}).Draw(t, "sep") + "sku,rules,status,accepted\n"
		want, at := text, 1+strings.Count(text, "\n")
		var lines []int
		left, blank := 0, ""
		for _, l := range rapid.SliceOfN(line, 0, 6).Draw(t, "lines") {
			text += l
			if l == "\n" { // it goes with the line behind it
				blank += l
				at++
				continue
			}
			if rapid.Bool().Draw(t, "remove") {
				lines = append(lines, at)
			} else {
				want += blank + l
				left++
			}
			blank = ""
			at += strings.Count(l, "\n")
		}
		want += blank
		got, n, err := WithoutLines([]byte(text), lines)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" || n != left {
			t.Fatalf("%d left, want %d (-want +got)\n%s", n, left, diff)
		}
	})
}

// TestAdopt says what is taken over of a file that was not read: everything, once.
func TestAdopt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parse := func(text []byte) *AcceptedText {
			a, diags := ParseAccepted("accepted.hcl", text)
			if diags.HasErrors() {
				t.Fatalf("%v in:\n%s", diags, text)
			}
			return a
		}
		own := parse([]byte(strings.ReplaceAll(string(textOfPeople(t)), "own ", "ours ")))
		other := parse(append([]byte("# theirs\n"), textOfPeople(t)...))
		adopting := func() *Adopting { return &Adopting{Name: func(name string) string { return name }} }
		once, err := own.Adopt(other, adopting())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(once, own.Text) || !bytes.Contains(once, []byte("# theirs\n")) {
			t.Fatalf("something of\n%s\nor of\n%s\nis not in\n%s", own.Text, other.Text, once)
		}
		if diff := cmp.Diff(append(own.Names(), other.Names()...), parse(once).Names()); diff != "" {
			t.Fatal(diff)
		}
		twice, err := parse(once).Adopt(other, adopting())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(once), string(twice)); diff != "" {
			t.Fatalf("something is doubled\n%s", diff)
		}
	})
}

// TestCommentsStay says which comments go with a block: those right above it, which describe it.
func TestCommentsStay(t *testing.T) {
	block := "intentional \"x\" {\n  rules  = [\"P\"]\n  skus   = [\"A\"]\n  reason = \".\"\n}"
	for name, tc := range map[string]struct{ was, want string }{
		"of its own":      {"# top\n\n# why x\n// more\n" + block + "\n\n# end\n", "# top\n\n# end\n"},
		"behind":          {"# top\n\n# why x\n" + block + " # until spring\n\n# end\n", "# top\n\n# until spring\n\n# end\n"},
		"behind, the end": {"# top\n" + block + "  // until spring", "// until spring"},
		"behind, long":    {block + " /* until\nspring */\n", "/* until\nspring */\n"},
		"within another":  {"/* top\n# why */\n" + block + "\n", "/* top\n# why */\n"},
		"nothing left":    {acceptedHeader + "\n\n" + block + "\n\n \n", ""},
		"no header":       {"\n" + block + "\n\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a, diags := ParseAccepted("accepted.hcl", []byte(tc.was))
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			got := a.Without([]string{"x"})
			if diff := cmp.Diff(tc.want, string(got)); diff != "" || (got == nil) != (tc.want == "") {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if _, diags := ParseAccepted("accepted.hcl", got); diags.HasErrors() {
				t.Error(diags)
			}
		})
	}
}
