package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	mapFolder = regexp.MustCompile(`[a-z./]+/`)
	codeSpan  = regexp.MustCompile("`([^`]+)`")
	goTest    = regexp.MustCompile(`go test \./(\S+) -run (Test\w+)`)
)

// TestMap holds CONTRIBUTING.md against the tree: folders of its map, types of its chain, and tests that it names.
func TestMap(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n```\n")
	drawn, rest, _ := strings.Cut(rest, "\n```\n")
	folders := 0
	for line := range strings.Lines(drawn) {
		places, _, _ := strings.Cut(strings.TrimSpace(line), "   ")
		for _, folder := range mapFolder.FindAllString(places, -1) {
			folders++
			if info, err := os.Stat(filepath.Join(root, folder)); err != nil || !info.IsDir() {
				t.Errorf("the map has %s, which is no folder", folder)
			}
		}
	}
	_, chain, _ := strings.Cut(rest, "\n|---|---|---|\n")
	chain, _, _ = strings.Cut(chain, "\n\n")
	types := 0
	for line := range strings.Lines(chain) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			t.Fatalf("the chain's table has a line %q", line)
		}
		declared := map[string]bool{}
		for pkg := range strings.SplitSeq(cells[3], ",") {
			for _, name := range typesIn(t, filepath.Join(root, strings.TrimSpace(pkg))) {
				declared[name] = true
			}
		}
		for _, name := range codeSpan.FindAllStringSubmatch(cells[2], -1) {
			types++
			if !declared[name[1]] {
				t.Errorf("the chain has a type %s, which is not in%s", name[1], cells[3])
			}
		}
	}
	testsNamed(t, root, rest)
	if folders < 10 || types < 10 {
		t.Errorf("only %d folders and %d types were found: the page has another form", folders, types)
	}
}

// TestPromises holds docs/promises.md to tests that there are: a promise without one is none.
func TestPromises(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "promises.md"))
	if err != nil {
		t.Fatal(err)
	}
	promises := 0
	_, table, _ := strings.Cut(string(text), "\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	for line := range strings.Lines(table) {
		promises++
		if testsNamed(t, root, line) == 0 {
			t.Errorf("no test is named for: %s", line)
		}
	}
	if promises < 20 {
		t.Errorf("only %d promises were found: the page has another form", promises)
	}
}

// testsNamed looks for the tests that a text names as commands, and returns how many it names.
func testsNamed(t *testing.T, root, text string) int {
	t.Helper()
	named := goTest.FindAllStringSubmatch(text, -1)
	for _, n := range named {
		if !hasTest(t, filepath.Join(root, n[1]), n[2]) {
			t.Errorf("there is no %s in %s", n[2], n[1])
		}
	}
	return len(named)
}

// typesIn returns the names of the types that the files of a folder declare.
func typesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	for _, file := range goFilesIn(t, dir) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok || gen.Tok != token.TYPE {
				continue
			}
			for _, spec := range gen.Specs {
				names = append(names, spec.(*ast.TypeSpec).Name.Name)
			}
		}
	}
	return names
}

func hasTest(t *testing.T, dir, name string) bool {
	t.Helper()
	for _, file := range goFilesIn(t, dir) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}

func goFilesIn(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Errorf("there is no package in %s", dir)
	}
	return files
}
