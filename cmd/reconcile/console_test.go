package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules/expr"
)

func TestLiteral(t *testing.T) {
	number, err := catalog.ParseDecimal("10.10")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		v    catalog.Value
		want string
	}{
		{"text", catalog.StringValue("Bell"), `"Bell"`},
		{"a number as text", catalog.StringValue("10"), `"10"`},
		{"quotes, and what starts a template", catalog.StringValue(`a"b\c${d}%{e}$f`), `"a\"b\\c$${d}%%{e}$f"`},
		{"what acts on the terminal", catalog.StringValue("a\x1b[31m\n\t\u202e\u00a0"), `"a\u001b[31m\n\t\u202e\u00a0"`},
		{"what is not text", catalog.StringValue("日本 é"), `"日本 é"`},
		{"number", catalog.NumberValue(number), "10.1"},
		{"truth", catalog.BoolValue(true), "true"},
		{"unknown", catalog.NullValue(catalog.Number), "null (unknown)"},
		{"the literal null", catalog.Value{}, "null (unknown)"},
		{"list", catalog.ListValue([]string{"a", "b c"}), `["a", "b c"]`},
		{"empty list", catalog.ListValue(nil), "[]"},
		{"map", catalog.MapValue([]catalog.Entry{{Key: "Size", Value: "M"}, {Key: "My colour", Value: "Red"}}), `{ "My colour" = "Red", Size = "M" }`},
		{"empty map", catalog.MapValue(nil), "{}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := literal(c.v); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestConsoleCompletion(t *testing.T) {
	schema := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "price", Type: catalog.Number}, catalog.Field{Name: "sale_price", Type: catalog.Number})
	builder := catalog.NewBuilder(schema)
	for _, sku := range []string{"A-1", "A 2", "", "B-1", "A-1", "A\x1b"} {
		builder.SetString(0, sku)
		builder.End()
	}
	batch := builder.Batch()
	var items []*report.Item
	for i := range batch.Len() {
		items = append(items, &report.Item{Pos: report.Row{Batch: batch, I: i}})
	}
	c := &console{finder: &finder{prepared: &prepared{session: &session{app: &app{width: 80}}}, items: items}, sides: [2]*catalog.Schema{schema, schema},
		scope: &expr.Scope{Locals: map[string]expr.Local{"rate": {}}}}
	complete := c.completeKey(io.Discard)
	for _, at := range []struct{ name, before, after, want string }{
		{"a side", "po", "", "pos."},
		{"a field", "pos.pr", "", "pos.price"},
		{"in the middle", "1 + store.sal", " > 2", "1 + store.sale_price| > 2"},
		{"as far as it is clear", "pos.s", "", "pos.s"},
		{"a function", "upp", "", "upper("},
		{"after a parenthesis", "lower(pos.sk", ")", "lower(pos.sku|)"},
		{"functions that rules cannot call", "en", "", "endswith("},
		{"a local value", "local.", "", "local.rate"},
		{"nothing is near", "xyz", "", "xyz"},
		{"within a text", `"po`, "", `"po`},
		{"a command", ":r", "", ":rules"},
		{"a command with an argument", ":s", "", ":sku "},
		{"a SKU", ":sku B", "", ":sku B-1"},
		{"a SKU with a space", ":sku A ", "", ":sku A 2"},
	} {
		t.Run(at.name, func(t *testing.T) {
			line, pos, ok := complete(at.before+at.after, len(at.before), '\t')
			got := line
			if at.after != "" {
				got = line[:pos] + "|" + line[pos:]
			}
			if !ok || got != at.want {
				t.Errorf("%q, want %q", got, at.want)
			}
		})
	}
	if _, _, ok := complete("po", 2, 'x'); ok {
		t.Error("another key than tab is taken")
	}
}

func TestColumnsOfWords(t *testing.T) {
	if diff := cmp.Diff("aa    b\ncccc", columns([]string{"aa", "b", "cccc"}, 12)); diff != "" {
		t.Error(diff)
	}
	if got := columns(make([]string, mostListed+3), 80); !strings.HasSuffix(got, "\nand 3 more") {
		t.Errorf("%q", got)
	}
}

// TestClearing says that Ctrl-C arrives as what clears the line, whatever the size of the buffer.
func TestClearing(t *testing.T) {
	var got []byte
	in := clearing{strings.NewReader("ab\x03\x03c")}
	for {
		p := make([]byte, 3)
		n, err := in.Read(p)
		got = append(got, p[:n]...)
		if err == io.EOF {
			break
		}
	}
	if string(got) != "ab\x05\x15\x05\x15c" {
		t.Errorf("%q", got)
	}
}

func TestHistory(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	t.Setenv("HOME", dir)
	t.Setenv("LocalAppData", dir)
	path, err := cachePath("history")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("old\nolder\n", 2*historyLength)), 0o600); err != nil {
		t.Fatal(err)
	}
	h := openHistory()
	for _, line := range []string{"pos.name", "pos.name", "", " secret", "  ", "pos.sku"} {
		h.Add(line)
	}
	if h.Len() != historyLength+2 || h.At(0) != "pos.sku" || h.At(1) != "pos.name" || h.At(2) != "older" {
		t.Errorf("%d lines: %q, %q, %q", h.Len(), h.At(0), h.At(1), h.At(2))
	}
	h.close()
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "\n") != historyLength+2 || !strings.HasSuffix(string(text), "older\npos.name\npos.sku\n") {
		t.Errorf("%v, %d bytes", err, len(text))
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
