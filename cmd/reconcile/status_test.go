package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestExitStatuses checks that status.go is the only place that writes the numbers of exit statuses: elsewhere a number in a
// help text could be another one than the program exits with.
func TestExitStatuses(t *testing.T) {
	seen := map[int]bool{}
	for _, s := range exitStatuses {
		if seen[s.status] || s.meaning == "" {
			t.Errorf("status %d is listed twice, or without a meaning", s.status)
		}
		seen[s.status] = true
	}
	for _, status := range []int{statusDone, statusFailed, statusDiscrepancies, statusNotConfined} {
		if !seen[status] {
			t.Errorf("status %d is not in exitStatuses: say there what it means", status)
		}
	}
	number := regexp.MustCompile(`(?i)\bstatus (is |of )?[0-9]`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "status.go" {
			continue
		}
		looked++
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if n.Kind == token.STRING && number.MatchString(n.Value) {
					t.Errorf("%s: the text has the number of an exit status: take it from status.go", set.Position(n.Pos()))
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Exit" && len(n.Args) == 1 {
					if _, number := n.Args[0].(*ast.BasicLit); number {
						t.Errorf("%s: the program exits with a bare number: take one from status.go", set.Position(n.Pos()))
					}
				}
			}
			return true
		})
	}
	if looked < 10 {
		t.Errorf("only %d files were looked at", looked)
	}
}
