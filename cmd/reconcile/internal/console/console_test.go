package console

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

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/usercache"
)

func TestCompletion(t *testing.T) {
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
	c := &Console{Whole: &session.Whole{Held: &session.Held{Items: items}, Schemas: [2]*catalog.Schema{schema, schema}}, term: &terminal.Terminal{Width: 80},
		scope: &expr.Scope{Locals: map[string]expr.Local{"rate": {}}}}
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
			line, pos, ok := c.complete(t.Context(), io.Discard, at.before+at.after, len(at.before), '\t')
			got := line
			if at.after != "" {
				got = line[:pos] + "|" + line[pos:]
			}
			if !ok || got != at.want {
				t.Errorf("%q, want %q", got, at.want)
			}
		})
	}
	if _, _, ok := c.complete(t.Context(), io.Discard, "po", 2, 'x'); ok {
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

func TestHistory(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	t.Setenv("HOME", dir)
	t.Setenv("LocalAppData", dir)
	path, err := usercache.Path("history")
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
