package verdict_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/reconcilehq/reconcile/"

// TestNoCasts looks through the whole project for conversions from one enumeration to another: two lists of the same words
// would have to be kept alike by hand, and the compiler would not notice where they are not. An enumeration is a named
// integer type of ours of which there are at least two constants. A way by a plain integer type counts as well.
func TestNoCasts(t *testing.T) {
	p := loadProject(t)
	for _, found := range p.casts() {
		t.Error(found)
	}
	if p.enumerations < 5 || len(p.packages) < 20 {
		t.Errorf("only %d enumerations in %d packages were looked at: the walk has missed the project", p.enumerations, len(p.packages))
	}
}

// TestCastsAreFound has the search find what it is there for.
func TestCastsAreFound(t *testing.T) {
	const text = `package p
type A uint8
const (A0 A = iota; A1)
type B int
const (B0 B = iota; B1)
type plain uint8
type Size int64
func f(a A, b B, p plain) {
	_ = B(a)
	_ = A(int(b))
	_ = A((uint8(b)))
	_, _, _, _ = A(1), A(p), int(a), B(B0)
	_ = Size(a)
}`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &project{fset: fset}
	if err := p.check(module+"p", []*ast.File{file}, importer.Default()); err != nil {
		t.Fatal(err)
	}
	got := p.casts()
	want := []string{"p.go:9:6: B(a) makes a p.A a p.B", "p.go:10:6: A(int(b)) makes a p.B a p.A", "p.go:11:6: A((uint8(b))) makes a p.B a p.A"}
	if !slices.Equal(got, want) {
		t.Errorf("found:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// project is what is looked through.
type project struct {
	fset         *token.FileSet
	packages     []checked
	enumerations int
}

type checked struct {
	*types.Package
	files []*ast.File
	info  *types.Info
}

func (p *project) check(path string, files []*ast.File, imports types.Importer) error {
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{Importer: imports}
	pkg, err := config.Check(path, p.fset, files, info)
	if err != nil {
		return err
	}
	p.packages = append(p.packages, checked{pkg, files, info})
	return nil
}

// casts returns the conversions between two enumerations, with their places.
func (p *project) casts() (list []string) {
	enums := map[string]bool{}
	for _, pkg := range p.packages {
		counts := map[string]int{}
		for _, name := range pkg.Scope().Names() {
			if c, ok := pkg.Scope().Lookup(name).(*types.Const); ok && isInteger(c.Type()) {
				if named, ok := types.Unalias(c.Type()).(*types.Named); ok && named.Obj().Pkg() == pkg.Package {
					counts[named.String()]++
				}
			}
		}
		for name, n := range counts {
			enums[name] = n > 1
		}
	}
	p.enumerations = len(enums)
	for _, pkg := range p.packages {
		for _, file := range pkg.files {
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || !pkg.info.Types[call.Fun].IsType() {
					return true
				}
				to, from := pkg.info.Types[call].Type, pkg.info.Types[pkg.origin(call.Args[0])].Type
				if to.String() != from.String() && enums[to.String()] && enums[from.String()] {
					short := func(t types.Type) string { return types.TypeString(t, (*types.Package).Name) }
					list = append(list, fmt.Sprintf("%s: %s makes a %s a %s", p.fset.Position(call.Pos()), types.ExprString(call), short(from), short(to)))
				}
				return true
			})
		}
	}
	return list
}

// origin returns what an expression is before parentheses, and before conversions to plain integers.
func (c *checked) origin(e ast.Expr) ast.Expr {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
			continue
		case *ast.CallExpr:
			if t := c.info.Types[x.Fun]; t.IsType() && isInteger(t.Type) {
				if _, basic := types.Unalias(t.Type).(*types.Basic); basic {
					e = x.Args[0]
					continue
				}
			}
		}
		return e
	}
}

func isInteger(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsInteger != 0
}

// loadProject parses and checks all our packages. What they import comes from what the build has made of it.
func loadProject(t *testing.T) *project {
	t.Helper()
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command to ask for the project's packages")
	}
	cmd := exec.Command(goTool, "list", "-export", "-deps", "-json=ImportPath,Dir,GoFiles,CgoFiles,Export", "./...")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list the project's packages: %v", err)
	}
	type listed struct {
		ImportPath, Dir, Export string
		GoFiles                 []string
	}
	exports := map[string]string{}
	var ours []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var l listed
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[l.ImportPath] = l.Export
		if strings.HasPrefix(l.ImportPath, module) {
			ours = append(ours, l)
		}
	}
	p := &project{fset: token.NewFileSet()}
	imports := importer.ForCompiler(p.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, l := range ours {
		var files []*ast.File
		for _, name := range l.GoFiles {
			file, err := parser.ParseFile(p.fset, filepath.Join(l.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		if err := p.check(l.ImportPath, files, imports); err != nil {
			t.Fatal(err)
		}
	}
	return p
}
