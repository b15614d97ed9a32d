package shipped

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// found returns what Older finds in a text, as "code", "code weaker", "code changed" or "code changed, old condition".
func found(t *testing.T, text string) []string {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), "reconcile.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%v in:\n%s", diags, text)
	}
	var words []string
	for _, s := range Older(file) {
		word := s.Code
		switch {
		case s.OldCondition:
			word += " changed, old condition"
		case s.Changed:
			word += " changed"
		case s.Weaker:
			word += " weaker"
		}
		words = append(words, word)
	}
	return words
}

// TestOlderRulesAreRenewed takes each version of each rule that was shipped before, by itself and with comments wherever
// somebody may have put some.
func TestOlderRulesAreRenewed(t *testing.T) {
	n := 0
	for code, all := range versions() {
		now := all[0]
		for _, v := range all[1:] {
			n++
			was := string(hcl.RangeBetween(v.block.TypeRange, v.block.CloseBraceRange).SliceBytes(v.text)) + "\n"
			for name, text := range map[string]string{
				"as it was":         was,
				"with comments":     "# above\n" + strings.NewReplacer("{\n", "{ # open\n  # first\n", "\n  when", "\n  # on when\n  when", "\n}", " # last\n  # end\n}").Replace(was) + "# below\n",
				"not laid out":      strings.NewReplacer("   ", " ", "  ", "\t", " = ", "=", "[", "[ ", "{\n", "{\n\n").Replace(was),
				"with brackets":     bracketed(was),
				"turned around":     turnedAround(was),
				"with Windows ends": strings.ReplaceAll(was, "\n", "\r\n"),
			} {
				t.Run(code+" "+name, func(t *testing.T) {
					if words := found(t, text); len(words) != 1 || strings.Contains(words[0], "changed") {
						t.Fatalf("found %q in:\n%s", words, text)
					}
					r, err := Renew([]byte(text), "reconcile.hcl")
					if err != nil || len(r.Rules) != 1 || len(r.LeftOut) > 0 {
						t.Fatalf("%+v, %v", r, err)
					}
					file, diags := hclsyntax.ParseConfig(r.Text, "reconcile.hcl", hcl.InitialPos)
					if diags.HasErrors() {
						t.Fatalf("%v in:\n%s", diags, r.Text)
					}
					if diff := cmp.Diff(now.meaning, meaningOf(file.Body.(*hclsyntax.Body).Blocks[0], r.Text)); diff != "" {
						t.Errorf("the new rule is not that of today (-want +got):\n%s", diff)
					}
					for _, comment := range comments(text) {
						if !strings.Contains(string(r.Text), comment) {
							t.Errorf("comment %q is gone:\n%s", comment, r.Text)
						}
					}
					if strings.Contains(text, "\r\n") && strings.Count(string(r.Text), "\n") != strings.Count(string(r.Text), "\r\n") {
						t.Errorf("line ends are mixed: %q", r.Text)
					}
					again, err := Renew(hclwrite.Format(r.Text), "reconcile.hcl")
					if err != nil || len(again.Rules) > 0 || !bytes.Equal(again.Text, hclwrite.Format(r.Text)) {
						t.Errorf("the second time changes something: %+v, %v", again, err)
					}
					if name == "as it was" {
						want := string(hcl.RangeBetween(now.block.TypeRange, now.block.CloseBraceRange).SliceBytes(now.text)) + "\n"
						if diff := cmp.Diff(withoutComments(want), withoutComments(string(hclwrite.Format(r.Text)))); diff != "" {
							t.Errorf("it does not read as today's rule does (-want +got):\n%s", diff)
						}
					}
				})
			}
		}
	}
	if n < 12 {
		t.Errorf("only %d older versions are known", n)
	}
}

// bracketed writes conditions in brackets, and lists with a comma at their end.
func bracketed(text string) string {
	condition := regexp.MustCompile(`(?m)^(  (?:when|applies) *= )([^#\n]*[^# \n(])( *#.*)?$`)
	return regexp.MustCompile(`(?m)"]$`).ReplaceAllString(condition.ReplaceAllString(text, "$1(($2))$3"), `",]`)
}

// turnedAround has the right operand of comparisons of two fields on the left.
func turnedAround(text string) string {
	return regexp.MustCompile(`(?m)(\bpos\.\w+) (!=|==) (store\.\w+)( &&| \|\||$)`).ReplaceAllString(text, "$3 $2 $1$4")
}

// TestSameMeaning says which edits change nothing, and which do.
func TestSameMeaning(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{`pos.a != store.a`, `(store.a) != pos["a"]`, true},
		{`pos.a == 1 && (pos.b && pos.c)`, `(pos.c && pos.b) && 1.0 == pos.a`, true},
		{`pos.a < store.a`, `store.a > pos.a`, true},
		{`contains(["a", "b"], pos.a)`, `contains(["a", "b",], (pos.a),)`, true},
		{`"é ${pos.a}"`, `"\u00e9 ${ pos.a }"`, true},
		{`pos.a ? 1 : 2`, `(pos.a) ? (1) : 2`, true},
		{`(pos.a)`, `pos.a # as it is`, true},
		{`pos.a - store.a`, `store.a - pos.a`, false},
		{`pos.a < store.a`, `store.a < pos.a`, false},
		{`pos.a < store.a`, `pos.a <= store.a`, false},
		{`pos.a == store.a`, `pos.a != store.a`, false},
		{`pos.a && pos.b || pos.c`, `pos.a && (pos.b || pos.c)`, false},
		{`!pos.a && pos.b`, `!(pos.a && pos.b)`, false},
		{`pos.a - 1 - 2`, `pos.a - (1 - 2)`, false},
		{`"${pos.a}b"`, `"b${pos.a}"`, false},
		{`"pos.a"`, `pos.a`, false},
		{`1`, `"1"`, false},
		{`f(pos.a, pos.b)`, `f(pos.b, pos.a)`, false},
		{`["a", "b"]`, `["a,b"]`, false},
		{`["a\",\"b"]`, `["a", "b"]`, false},
		{`pos.a[0]`, `pos.a[1]`, false},
		{`upper(pos.a)[0]`, `upper(pos.a)[1]`, false},
		{`null`, `"null"`, false},
	} {
		of := func(text string) string {
			e, diags := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatalf("%s: %v", text, diags)
			}
			return canonical(e, []byte(text))
		}
		if a, b := of(c.a), of(c.b); (a == b) != c.same {
			t.Errorf("%s is %s, %s is %s; the same: %v", c.a, a, c.b, b, c.same)
		}
	}
}

func comments(text string) (found []string) {
	for line := range strings.Lines(text) {
		if _, comment, ok := strings.Cut(line, "#"); ok {
			found = append(found, strings.TrimSpace(comment))
		}
	}
	return found
}

func withoutComments(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		before, _, _ := strings.Cut(strings.TrimRight(line, "\n"), "#")
		b.WriteString(strings.TrimRight(before, " ") + "\n")
	}
	return b.String()
}

func TestChangedRulesAreLeftAlone(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"today's", Text, nil},
		{"another note", `rule "Q" {
  title = "Quantity on hand"
  when  = pos.qoh != store.qoh
  note  = "Ask Ann."
}
`, []string{"Q changed, old condition"}},
		{"another condition", `rule "Q" {
  title = "Quantity on hand"
  when  = abs(pos.qoh - store.qoh) > 2
  note  = "Websync is not enabled for it, or the levels differ on purpose. Where they should match, re-upload the item."
}
`, []string{"Q changed"}},
		{"more than was shipped", `rule "B" {
  title    = "Brand"
  severity = "warning"
  when     = lower(pos.brand) != lower(store.brand)
  note     = "Re-upload the item."
}
`, []string{"B changed"}},
		{"a rule of one's own", "rule \"MINE\" {\n  when = pos.qoh != store.qoh\n}\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, found(t, c.text)); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
			r, err := Renew([]byte(c.text), "reconcile.hcl")
			if err != nil || string(r.Text) != c.text || len(r.Rules) > 0 || len(r.LeftOut) != len(c.want) {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

// TestEveryShippedTextIsKnown holds the older rules against all that the repository ever shipped, as far as its history is
// there: whoever changes a rule and does not keep its old text learns of it here.
func TestEveryShippedTextIsKnown(t *testing.T) {
	root := filepath.Join("..", "..")
	git := func(args ...string) string {
		out, err := exec.Command("git", append([]string{"-C", root}, args...)...).Output()
		if err != nil {
			t.Skipf("git %s: %v: the history is not there to look at", args[0], err)
		}
		return string(out)
	}
	for _, file := range []string{"reconcile.hcl", "rules/shipped/rules.hcl", "rules/starter/rules.hcl"} {
		for _, commit := range strings.Fields(git("log", "--diff-filter=d", "--format=%H", "--", file)) {
			text := git("show", commit+":"+file)
			parsed, diags := hclsyntax.ParseConfig([]byte(text), file, hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatalf("%s of %s: %v", file, commit, diags)
			}
			for _, s := range Older(parsed) {
				if s.Changed {
					t.Errorf("rule %q of %s in %s is in no version of older.hcl: move its old text there", s.Code, file, commit)
				}
			}
		}
	}
}

// TestBlocksAreRenewed: a block in a rule is one of its parts, with attributes or without.
func TestBlocksAreRenewed(t *testing.T) {
	parse := func(text string) *hclsyntax.Block {
		file, diags := hclsyntax.ParseConfig([]byte(text), "reconcile.hcl", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatalf("%v in:\n%s", diags, text)
		}
		return file.Body.(*hclsyntax.Body).Blocks[0]
	}
	forms := []string{
		"rule \"X\" {\n  when = pos.a\n}\n",
		"rule \"X\" {\n  when = pos.a\n  remedy \"none\" {}\n}\n",
		"rule \"X\" {\n  when = pos.a\n  remedy \"correct\" {}\n}\n",
		"rule \"X\" {\n  when = pos.a\n  remedy \"upload\" {\n    a = pos.a\n  }\n}\n",
		"rule \"X\" {\n  when = pos.a\n  remedy \"upload\" {\n    b = pos.a\n  }\n}\n",
	}
	for _, was := range forms {
		for _, now := range forms {
			v := version{parse(now), []byte(now), meaningOf(parse(now), []byte(now))}
			got := string(apply([]byte(was), editsOf(parse(was), []byte(was), v)))
			if got != now {
				t.Errorf("%s became\n%s, and is to be\n%s", was, got, now)
			}
			if same := cmp.Equal(meaningOf(parse(was), []byte(was)), v.meaning); same != (was == now) {
				t.Errorf("the same meaning: %v, of\n%s and\n%s", same, was, now)
			}
		}
	}
}
