package session

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSilent says that the application and what it is made of print nothing and ask nobody: no file of it names a stream of
// the process, or calls what writes to one by itself. A page or a worker has no terminal.
func TestSilent(t *testing.T) {
	files := 0
	for _, pkg := range []string{".", "../guard", "../memory", "../words", "../usercache", "../completion", "../inspect", "../install", "../tidy"} {
		list, err := filepath.Glob(filepath.Join(pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range list {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			files++
			for _, loud := range loudIn(t, file, nil) {
				t.Error(loud)
			}
		}
	}
	if files < 25 {
		t.Errorf("only %d files were looked at", files)
	}
}

// TestLoudIsFound has the search find what it is there for.
func TestLoudIsFound(t *testing.T) {
	const text = `package p
import (
	"fmt"
	system "os"
	"golang.org/x/term"
)
func f() {
	fmt.Println("x")
	fmt.Fprintf(system.Stderr, "x")
	println(system.Stdin)
	_ = fmt.Sprint(term.NewTerminal)
	system.Exit(1)
}`
	got := loudIn(t, "p.go", text)
	want := []string{`p.go:5:2: imports "golang.org/x/term"`, "p.go:8:2: fmt.Println", "p.go:9:14: os.Stderr", "p.go:10:2: println", "p.go:10:10: os.Stdin", "p.go:12:2: os.Exit"}
	if !slices.Equal(got, want) {
		t.Errorf("found:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var (
	loud = []string{"os.Stdin", "os.Stdout", "os.Stderr", "os.Exit", "fmt.Print", "fmt.Printf", "fmt.Println", "fmt.Scan", "fmt.Scanf", "fmt.Scanln",
		"log.Print", "log.Printf", "log.Println", "log.Fatal", "log.Fatalf"}
	loudImports = []string{"golang.org/x/term", "github.com/mattn/go-colorable", "github.com/schollz/progressbar/v3", "github.com/spf13/cobra"}
)

// loudIn returns what in a file speaks to a terminal, with its place.
func loudIn(t *testing.T, file string, text any) (found []string) {
	t.Helper()
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	at := func(n ast.Node, what string) { found = append(found, fset.Position(n.Pos()).String()+": "+what) }
	packages := map[string]string{} // what they are called here: what they are
	for _, spec := range parsed.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		packages[name] = path
		if slices.Contains(loudImports, path) {
			at(spec, "imports "+spec.Path.Value)
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.SelectorExpr:
			if name, ok := x.X.(*ast.Ident); ok && slices.Contains(loud, packages[name.Name]+"."+x.Sel.Name) {
				at(x, packages[name.Name]+"."+x.Sel.Name)
			}
		case *ast.CallExpr:
			if name, ok := x.Fun.(*ast.Ident); ok && (name.Name == "print" || name.Name == "println") {
				at(x, name.Name)
			}
		}
		return true
	})
	return found
}
