package ruletest_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/explain"
	"github.com/reconcilehq/reconcile/rules/hidden"
	"github.com/reconcilehq/reconcile/rules/ruletest"
)

// grammar writes configurations that are nearly right: each choice has right words and wrong ones.
type grammar struct{ *rand.Rand }

func (g grammar) pick(of ...string) string { return of[g.IntN(len(of))] }

// seldom is the second text one time in twelve.
func (g grammar) seldom(usual, odd string) string {
	if g.IntN(12) == 0 {
		return odd
	}
	return usual
}

func (g grammar) local() string {
	return "local." + g.pick("a", "b", "c", "d", "e", "n", "t", "l", "m", "nothing", "m.k", "l[0]", "l[9]", `m["k"]`, `m["z"]`, "a.b", "c[0]")
}

// value writes an expression of any type that reads no field, or should read none.
func (g grammar) value(depth int) string {
	if depth <= 0 {
		return g.pick(`"x"`, `""`, `5`, `-2.5`, `0`, `true`, `false`, `null`, `[]`, `{}`, `["a", "b"]`, `{ k = "v" }`, `env("SET")`, `env("UNSET")`, `env("UNSET", "d")`, g.local(), g.local(), `pos.name`, `nope`, `"1e400"`, `1e99`,
			`99999999999999999999999999999999999999`, `"${1 / 0}"`, `1 / 0`, `[null]`, `{ k = null }`, `"\u0000"`, `"[a"`, `0.1`)
	}
	v := func() string { return g.value(depth - 1) }
	switch g.IntN(14) {
	case 0:
		return g.pick("upper", "lower", "trimspace", "sort", "distinct", "keys", "values", "length", "abs", "floor", "tostring", "tonumber", "env", "nofn", "coalesce", "max") + "(" + v() + ")"
	case 1:
		return g.pick("join", "split", "contains", "startswith", "regex", "matches", "round", "min", "coalesce", "trimprefix") + "(" + v() + ", " + v() + ")"
	case 2:
		return g.pick("replace", "regexreplace", "coalesce", "upper") + "(" + v() + ", " + v() + ", " + v() + ")"
	case 3:
		return v() + g.pick(" + ", " - ", " * ", " / ", " % ", " == ", " != ", " < ", " && ", " || ") + v()
	case 4:
		return "(" + v() + " ? " + v() + " : " + v() + ")"
	case 5:
		return `"a${` + v() + `}b${` + v() + `}"`
	case 6:
		return "[" + v() + ", " + v() + "]"
	case 7:
		return "{ k = " + v() + ", (" + v() + ") = " + v() + " }"
	case 8:
		return g.pick("!", "-", "") + "(" + v() + ")"
	case 9:
		return `"%{ if ` + v() + ` }x%{ else }` + `${` + v() + `}%{ endif }"`
	case 10:
		return "[for x in " + v() + " : x]"
	case 11:
		return v() + g.pick("[0]", `["k"]`, "[*]", ".k", "[-1]", "["+v()+"]")
	}
	return v()
}

// condition writes an expression of fields and values.
func (g grammar) condition(depth int) string {
	if depth <= 0 {
		side := g.pick("pos", "store")
		return g.pick(side+".name", side+".price", side+".qoh", side+".visible", side+".options", side+".variation", side+".sku", side+"."+g.seldom("brand", "nope"), g.value(0), g.local(), `pos.options["Size"]`, "store.pending")
	}
	x := func() string { return g.condition(depth - 1) }
	switch g.IntN(9) {
	case 0, 1:
		return x() + g.pick(" == ", " != ", " < ", " >= ", " && ", " || ", " - ", " / ") + x()
	case 2:
		return "(" + x() + g.pick(" != ", " == ", " && ") + x() + ")"
	case 3:
		return g.pick("lower", "tostring", "length", "tonumber", "abs", "coalesce", "keys") + "(" + x() + ")"
	case 4:
		return "(" + x() + " ? " + x() + " : " + x() + ")"
	case 5:
		return `"${` + x() + `} ${` + x() + `}"`
	case 6:
		return g.pick("contains", "replace", "round", "coalesce", "regex", "startswith") + "(" + x() + ", " + x() + ")"
	case 7:
		return "!(" + x() + ")"
	}
	side := g.pick("name", "price", "qoh", "brand", "options")
	return "pos." + side + " != store." + side
}

func (g grammar) attribute(b *strings.Builder, often int, name, value string) {
	if g.IntN(often) == 0 {
		b.WriteString("  " + g.seldom(name, g.pick("nmae", name)) + " = " + g.seldom(value, g.value(1)) + "\n")
	}
}

func (g grammar) list(of ...string) string {
	var list []string
	for _, s := range of {
		if g.IntN(2) == 0 {
			list = append(list, strconv.Quote(s))
		}
	}
	return g.seldom("["+strings.Join(list, ", ")+"]", g.local())
}

// write returns a configuration and tests for it.
func (g grammar) write() (config, tests string) {
	var b strings.Builder
	b.WriteString("source \"file\" \"a\" {\n  path = " + g.seldom(`"a.csv"`, g.value(1)) + "\n  token = " + g.pick(`"t"`, g.local()) + "\n}\nsource \"file\" \"b\" {}\nlocals {\n")
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		b.WriteString("  " + name + " = " + g.value(g.IntN(4)) + "\n")
	}
	b.WriteString("  n = 5\n  t = \"text\"\n  l = [\"x\", \"y\"]\n  m = { k = \"v\" }\n}\n")
	codes := []string{"A", "B", "C"}
	for _, code := range codes {
		b.WriteString("rule " + g.seldom(strconv.Quote(code), `"A"`) + " {\n  when = " + g.condition(g.IntN(4)) + "\n")
		g.attribute(&b, 3, "title", g.pick(`"T"`, g.value(1)))
		g.attribute(&b, 3, "note", g.pick(`"T"`, g.local()))
		g.attribute(&b, 3, "explains", g.list("A", "B", "C"))
		g.attribute(&b, 4, "on", g.pick(`"matched"`, `"pos_only"`, `"store_only"`, `"duplicate"`, `"x"`))
		g.attribute(&b, 4, "severity", g.pick(`"info"`, `"warning"`, `"eror"`))
		g.attribute(&b, 4, "applies", g.condition(g.IntN(2)))
		g.attribute(&b, 6, "field", `"names"`)
		g.attribute(&b, 6, "doubt", g.condition(1))
		g.attribute(&b, 6, "doubt_note", `"d"`)
		if g.IntN(3) == 0 {
			b.WriteString("remedy " + g.seldom(g.pick(`"upload"`, `"upload"`, `"upload"`, `"correct"`, `"import_orders"`, `"none"`), g.pick("", `"uplod"`, "upload")) + " {\n")
			for _, field := range []string{"price", "qoh", "name", "visible", "options", "sku", "nope"} {
				g.attribute(&b, 5, field, g.pick("pos."+field, "pos."+field, g.condition(2)))
			}
			b.WriteString("}\n")
		}
		b.WriteString("}\n")
	}
	for _, name := range []string{"one", "two"} {
		b.WriteString("intentional " + strconv.Quote(name) + " {\n")
		g.attribute(&b, 1, "rules", g.list("A", "B", "C"))
		g.attribute(&b, 1, "reason", `"because"`)
		g.attribute(&b, 2, "where", g.condition(g.IntN(3)))
		g.attribute(&b, 3, "skus", g.list("A-1", "A-2", ""))
		g.attribute(&b, 4, "status", g.list("pos_only", "store_only", "matched"))
		g.attribute(&b, 4, "expires", g.pick(`"2027-01-01"`, `"2020-01-01"`, `"soon"`))
		g.attribute(&b, 6, "starts", g.pick(`"2026-01-01"`, `"2029-01-01"`))
		g.attribute(&b, 6, "pin", "true")
		g.attribute(&b, 6, "accepted", `{ "A-1" = "x" }`)
		g.attribute(&b, 4, "reconciliations", g.list("r", "s"))
		b.WriteString("}\n")
	}
	if g.IntN(3) == 0 {
		b.WriteString("websync {\n  names = " + g.pick(`"off"`, `"on"`, `"manual"`, g.value(1)) + "\n}\n")
	}
	if g.IntN(4) == 0 {
		b.WriteString("brakes {\n")
		for _, name := range []string{"max_changes", "max_share", "max_price_factor", "max_to_zero"} {
			g.attribute(&b, 2, name, g.pick("5", "1", g.value(1)))
		}
		g.attribute(&b, 2, "never", g.list("name", "nope"))
		b.WriteString("}\n")
	}
	b.WriteString("reconciliation \"r\" {\n  pos = source.file." + g.seldom("a", "x") + "\n  store = source.file." + g.seldom("b", "a") + "\n")
	g.attribute(&b, 3, "key", g.pick("upper(item.sku)", "item.name", "item.nope", strings.ReplaceAll(g.condition(1), "pos.", "item.")))
	g.attribute(&b, 4, "rules", g.list("C", "A", "B", "A"))
	g.attribute(&b, 6, "max_skew", `"5m"`)
	b.WriteString("}\n")

	side := func() string {
		return "{ " + g.pick("qoh", "price", "qoh") + " = " + g.seldom("5", g.value(1)) + ", name = " + g.seldom(`"Bell"`, g.value(1)) + g.pick("", ", options = { Size = \"M\" }", ", visible = null") + " }"
	}
	return b.String(), "test \"t\" {\n  pos = " + side() + "\n  store = " + side() + "\n  expect = { " + g.pick("A", "B", "Z") + " = " + g.pick(`"S"`, `"N"`, `"x"`) + " }\n" + g.pick("", "  key = "+g.value(1)+"\n") + g.pick("", "  today = \"2026-12-01\"\n") + "}\n"
}

// goThrough takes a configuration through all that the program does with one. It must only not crash.
func goThrough(t *testing.T, dir, text, tests string) (compiled bool) {
	t.Helper()
	path, testPath := filepath.Join(dir, "r.hcl"), filepath.Join(dir, "r.test.hcl")
	for name, text := range map[string]string{path: text, testPath: tests} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	defer func() {
		if p := recover(); p != nil {
			t.Logf("%s\n%s", text, tests)
			panic(p)
		}
	}()
	config, diags := rules.Load(path, rules.Options{Bundled: []string{"file"}, Getenv: func(name string) (string, bool) { return "from outside", name == "SET" }})
	described := &catalog.Settings{Attributes: []catalog.Attribute{{Name: "path", Type: catalog.SettingString, Path: true}, {Name: "token", Type: catalog.SettingString, Sensitive: true}}}
	for _, s := range config.Sources {
		diags = append(diags, config.CheckSource(s)...)
		config.Secrets(s, described)
		_, more := config.Settings(s, described)
		diags = append(diags, more...)
	}
	full := catalog.MustSchema(catalog.KnownFields()...)
	for _, r := range config.Reconciliations {
		for _, sides := range [][2]*catalog.Schema{{nil, nil}, {full, nil}, {full, full}} {
			p, more := config.Compile(r, sides[0], sides[1], testDay)
			diags = append(diags, more...)
			if p != nil {
				compiled = true
				evaluate(config, p)
			}
		}
	}
	diags = append(diags, config.CheckRules(config.Reconciliations)...)
	if list, more := ruletest.Load(config, []string{testPath}); list != nil {
		diags = append(diags, more...)
		if more = ruletest.Compile(config, list, testDay); !diags.HasErrors() && !more.HasErrors() {
			for _, test := range list {
				ruletest.Run(config, test)
			}
		}
		diags = append(diags, more...)
	}
	files, diags := hidden.Diagnostics(config.Files, diags, config.NoSecrets())
	var out bytes.Buffer
	if err := hcl.NewDiagnosticTextWriter(&out, files, 100, true).WriteDiagnostics(some(diags, text)); err != nil {
		t.Fatal(err)
	}
	return compiled
}

// some returns at most four of the diagnostics, others for each text: to write one reads the file from its beginning, which
// took longer than all else.
func some(diags hcl.Diagnostics, text string) hcl.Diagnostics {
	var kept hcl.Diagnostics
	apart := (len(diags) + 3) / 4
	for i, d := range diags {
		if i%apart == len(text)%apart {
			kept = append(kept, d)
		}
	}
	return kept
}

// evaluate has a program say all that it can of two items, one of which has no values.
func evaluate(config *rules.Config, p *rules.Program) {
	var batches [2]*catalog.Batch
	for side, schema := range []*catalog.Schema{p.Pos, p.Store} {
		b := catalog.NewBuilder(schema)
		for i, name := range schema.Names() {
			switch field := schema.Field(i); {
			case field.Type == catalog.String:
				b.SetString(i, "Bell "+name)
			case field.Type == catalog.Number:
				b.SetNumber(i, catalog.Int(int64(side)))
			case field.Type == catalog.List:
				b.SetList(i, []string{"a"})
			}
		}
		b.End()
		b.End()
		batches[side] = b.Batch()
	}
	e := p.NewEvaluator()
	for row := range 2 {
		key := ""
		for side := range batches {
			key = p.Keys(verdict.Side(side), batches[side]).At(row)
			on := []verdict.Status{verdict.PosOnly, verdict.StoreOnly}[side]
			e.EvaluateOne(on, verdict.Side(side), batches[side], row, key)
			e.Intended(on, verdict.Side(side), batches[side], row, key)
		}
		e.Evaluate(batches[0], row, batches[1], row, key)
		for _, on := range []verdict.Status{verdict.Matched, verdict.Duplicate} {
			explain.Cells(config, p, explain.Pair{On: on, Pos: batches[0], Store: batches[1], PosRow: row, StoreRow: row, Key: key}, time.Now())
		}
		explain.Cells(config, p, explain.Pair{On: verdict.PosOnly, Pos: batches[0], PosRow: row, Key: key}, time.Now())
	}
	e.EvaluatePairs(batches[0], batches[1], func(int) string { return "A-1" }, func(int, []rules.Cell, bool) {})
	var known verdict.Known
	if o := e.Outlook(&known); o != nil {
		e.Cells(o)
	}
	p.Keys(verdict.Pos, batches[0])
	p.KeysOf(verdict.Store, []string{"A-1", ""})
	p.Mixed()
	p.Twins()
}

// TestMistakesDoNotCrash takes many configurations with mistakes through everything.
func TestMistakesDoNotCrash(t *testing.T) {
	n := 200
	if os.Getenv("RECONCILE_TEST_LONG") != "" {
		n = 4000
	}
	dir, compiled := t.TempDir(), 0
	for seed := range n {
		config, tests := grammar{rand.New(rand.NewPCG(uint64(seed), 13))}.write()
		if goThrough(t, dir, config, tests) {
			compiled++
		}
	}
	if compiled == 0 || compiled > n*9/10 {
		t.Errorf("%d of %d configurations were right: the grammar is no good", compiled, n)
	}
}

// The mistakes in local values that once crashed a run: each in a condition of its own.
func TestMistakesInLocals(t *testing.T) {
	for _, value := range []string{`env("UNSET")`, `upper(5)`, `local.nothing`, `local.a`, `1 / 0`, `null`, `pos.name`, `[for x in ["a"] : x]`, `nofn("x")`, `"${null}"`, `[1, "a"]`, `{ k = null }`, `tonumber("x")`, `regex("[", "a")`} {
		for _, condition := range []string{"pos.name == local.a", "local.a == local.a", "local.a", "contains(local.a, pos.name)", `"${local.a}" != store.name`, "local.a ? pos.visible : store.visible", "pos.qoh > local.a", "local.a[0] == pos.name", "coalesce(local.a, pos.name) == \"\"", "local.a && pos.visible || local.a"} {
			goThrough(t, t.TempDir(), "source \"file\" \"a\" {}\nsource \"file\" \"b\" {}\nlocals { a = "+value+" }\nreconciliation \"r\" {\n  pos = source.file.a\n  store = source.file.b\n}\nrule \"A\" {\n  when = "+condition+
				"\n}\nintentional \"i\" {\n  rules = [\"A\"]\n  reason = \"r\"\n  where = "+condition+"\n}\n", "")
		}
	}
}

// FuzzConfiguration mutates configurations letter by letter.
func FuzzConfiguration(f *testing.F) {
	for seed := range 40 {
		config, tests := grammar{rand.New(rand.NewPCG(uint64(seed), 13))}.write()
		f.Add(config, tests)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, config, tests string) { goThrough(t, dir, config, tests) })
}
