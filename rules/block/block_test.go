package block_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/grammar"
)

var thing = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "thing", LabelNames: []string{"name"}}, {Type: "locals"}}}

// read reads the things in a text, each with all kinds of attributes, and says what it got and what is wrong.
func read(t *testing.T, text string) (got, wrong []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	files, diags := block.Parse(path)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	r := block.NewReader(func(string) (string, bool) { return "set", true })
	blocks := r.ByType(files, thing, true)
	r.ReadLocals(blocks["locals"])
	r.Each(blocks["thing"], block.Identifier(), func(b *hcl.Block) {
		attrs := r.Attributes(b, grammar.Block{Required: []string{"text"}, Optional: []string{"words", "wait", "weight"}})
		said := b.Labels[0] + " " + r.Text(attrs, "text")
		for _, w := range r.Words(attrs, "words") {
			said += fmt.Sprintf(" %s@%d", w.Text, w.At.Start.Line)
		}
		if a, ok := attrs["wait"]; ok {
			said += " " + r.Duration(a.Expr, "wait").String()
		}
		got = append(got, said+" "+block.Choice(r, attrs, "weight", verdict.Severities[:]).String())
	})
	for _, d := range r.Diags {
		wrong = append(wrong, fmt.Sprintf("%d %s: %s", d.Subject.Start.Line, d.Summary, strings.ReplaceAll(d.Detail, path, "x.hcl")))
	}
	return got, wrong
}

func TestReader(t *testing.T) {
	got, wrong := read(t, `
locals {
  b = "${local.a}!"
  a = env("A")
}
thing "one" {
  text = local.b
  words = [
    "x",
    "y",
  ]
  wait = "90s"
  weight = "info"
}
thing "two" { text = "t" }
`)
	if diff := cmp.Diff([]string{"one set! x@9 y@10 1m30s info", "two t error"}, got); diff != "" || wrong != nil {
		t.Error(diff, wrong)
	}
}

// TestMistakes: a mistake hides neither another block nor another attribute.
func TestMistakes(t *testing.T) {
	got, wrong := read(t, `
locals {
  a = local.b
  b = local.a
  n = null
  m = "${1 / 0} m"
}
thing "one" {
  text = 5
  words = ["x", 5, local.a]
  wait = "long"
  weight = "worning"
}
thing "1" {}
thing "one" {}
thing "two" {
  text = "${1 / 0} t"
  color = "red"
}
think "three" {}
`)
	if diff := cmp.Diff([]string{"one  x 0s error", "two  error"}, strip(got)); diff != "" {
		t.Error(diff)
	}
	want := []string{
		"20 Unsupported block type: Blocks of type \"think\" are not expected here. Did you mean \"thing\"?",
		"3 Local names refer to each other: local.a needs local.b needs local.a: a local name cannot depend on itself.",
		"5 No value: local.n comes to null, which is no value for a local name.",
		"6 No value: local.m comes to null, which is no value for a local name.",
		`9 Wrong type: "text" must be a string; this is a number. Write it in quotes: "5".`,
		`10 Wrong type: An element of "words" must be a string; this is a number. Write it in quotes: "5".`,
		`11 Invalid duration: "wait" is a time such as "90s" or "2m".`,
		`12 Value not allowed: "weight" cannot be "worning". Did you mean "warning"? It is one of: error, warning, info.`,
		`14 Invalid name: "1" cannot name a thing: it starts with a letter and has only letters, digits, - and _.`,
		`15 Duplicate thing: There is a thing "one" at x.hcl:8 already. Give this one another name.`,
		`18 Unsupported argument: An argument named "color" is not expected here. There are: text, words, wait, weight.`,
		`17 No value: "text" comes to null.`,
	}
	if diff := cmp.Diff(want, wrong); diff != "" {
		t.Error(diff)
	}
}

// strip takes away the places of words.
func strip(list []string) []string {
	for i, s := range list {
		list[i] = strings.ReplaceAll(s, "@10", "")
	}
	return list
}

func TestParseFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.hcl", "a.hcl", "a.test.hcl", "reconcile.lock.hcl", ".hidden.hcl", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, diags := block.Parse(dir)
	if diags.HasErrors() || len(files.Parsed) != 2 || files.Dir != dir {
		t.Errorf("%v, %v", files, diags)
	}
	if _, diags := block.Parse(filepath.Join(dir, "c.hcl")); !diags.HasErrors() {
		t.Error("a file that is not there is read")
	}
}
