package main

import (
	"bytes"
	"go/ast"
	"go/constant"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestLimitsPage holds the table of docs/limits.md against the constants that it names.
func TestLimitsPage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "limits.md"))
	if err != nil {
		t.Fatal(err)
	}
	table, _, _ := strings.Cut(string(text), "\n## ") // the first one
	rows := regexp.MustCompile(`(?m)^\| ([^|]+) \| ([0-9]+)( [KMG]iB| s)? \| [^|]+ \| [^|]+ \| ([a-z/]+)\.(\w+) \|$`).FindAllStringSubmatch(table, -1)
	if want := strings.Count(table, "\n| ") - 1; len(rows) != want || want < 15 {
		t.Errorf("%d of %d rows can be understood", len(rows), want)
	}
	for _, row := range rows {
		value, err := strconv.ParseInt(row[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		value <<= map[string]int{"": 0, " s": 0, " KiB": 10, " MiB": 20, " GiB": 30}[row[3]]
		if got := constantNamed(t, row[4], row[5]); got != value {
			t.Errorf("%s is %d in docs/limits.md, and %s.%s is %d", row[1], value, row[4], row[5], got)
		}
	}
	// Whoever reads the message is to find the row.
	for _, dir := range []string{"rules", "rules/block", "rules/expr", "plugins/proto", "plugins/sdk", "plugins/sdk/table/content", "plugins/sdk/table/delimited"} {
		for _, name := range regexp.MustCompile(`\(max_[a-z_]+\)`).FindAllString(sources(t, dir), -1) {
			if !strings.Contains(string(text), "`"+strings.Trim(name, "()")+"`") {
				t.Errorf("a message of %s names %s, which docs/limits.md has not", dir, name)
			}
		}
	}
}

// sources returns the text of a package.
func sources(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// constantNamed returns the value of a constant of a package.
func constantNamed(t *testing.T, dir, name string) int64 {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		found := int64(-1)
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, id := range spec.Names {
				if id.Name != name || i >= len(spec.Values) {
					continue
				}
				var text bytes.Buffer
				if err := format.Node(&text, token.NewFileSet(), spec.Values[i]); err != nil {
					t.Fatal(err)
				}
				seconds := strings.NewReplacer("time.Hour", "3600", "time.Minute", "60", "time.Second", "1")
				value, err := types.Eval(token.NewFileSet(), nil, token.NoPos, seconds.Replace(text.String()))
				if err != nil {
					t.Fatalf("%s.%s: %v", dir, name, err)
				}
				found, _ = constant.Int64Val(value.Value)
			}
			return true
		})
		if found >= 0 {
			return found
		}
	}
	t.Errorf("there is no constant %s in %s", name, dir)
	return -1
}
