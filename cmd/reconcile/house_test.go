package main

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What keeps a folder one that can be looked over.
const (
	mostFiles  = 30  // in a folder, tests aside
	mostLines  = 500 // of a file that a person wrote
	mostAlike  = 3   // files in a folder whose names begin alike: more are a package that was not made
	alikeBytes = 4   // of what names that begin alike have in common, at least
)

// untidy is what still breaks one of these rules: how far, and why. The list only shrinks: what is mended has to be taken
// out, what is listed must not grow, and nothing is added without saying why it cannot be otherwise.
var untidy = map[string]exception{}

type exception struct {
	most   int // files, lines, or packages
	reason string
}

// TestHouse holds the folders of the project against the rules above.
func TestHouse(t *testing.T) {
	var files []goFile
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		f, err := newGoFile(filepath.ToSlash(rel), text)
		files = append(files, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 100 {
		t.Errorf("only %d files were looked at: the walk has missed the project", len(files))
	}
	faults := houseFaults(files)
	for _, fault := range slices.Sorted(maps.Keys(faults)) {
		if f := faults[fault]; f.size > untidy[fault].most {
			t.Errorf("%s: %s", fault, f.text)
		}
	}
	for _, fault := range slices.Sorted(maps.Keys(untidy)) {
		if untidy[fault].reason == "" {
			t.Errorf("%s: say why", fault)
		}
		if _, still := faults[fault]; !still {
			t.Errorf("%s: this is so no more; take it out of the list of what is untidy", fault)
		}
	}
}

// goFile is what the rules look at.
type goFile struct {
	path, pkg string
	lines     int
	generated bool
}

func newGoFile(name string, text []byte) (goFile, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil {
		return goFile{}, err
	}
	generated := bytes.Contains(text[:parsed.Package-1], []byte("\n// Code generated ")) || bytes.HasPrefix(text, []byte("// Code generated "))
	return goFile{name, parsed.Name.Name, bytes.Count(text, []byte("\n")), generated}, nil
}

func (f goFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// stem is the file's name without what says for which systems it is.
func (f goFile) stem() string {
	stem := strings.TrimSuffix(path.Base(f.path), ".go")
	for {
		head, tail, found := cutLast(stem, "_")
		if !found || !slices.Contains([]string{"linux", "darwin", "windows", "unix", "other", "amd64", "arm64", "race"}, tail) {
			return stem
		}
		stem = head
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

type houseFault struct {
	size int
	text string
}

// houseFaults returns what breaks a rule, named as in untidy.
func houseFaults(files []goFile) map[string]houseFault {
	faults := map[string]houseFault{}
	say := func(what string, size int, format string, args ...any) {
		faults[what] = houseFault{size, fmt.Sprintf(format, args...)}
	}
	count := map[string]int{}
	stems := map[string][]string{}   // by folder
	folders := map[string][]string{} // by package name
	for _, f := range files {
		if f.lines > mostLines && !f.generated {
			say(f.path, f.lines, "%d lines, more than %d", f.lines, mostLines)
		}
		if f.isTest() {
			continue
		}
		dir := path.Dir(f.path)
		count[dir]++
		if !slices.Contains(stems[dir], f.stem()) {
			stems[dir] = append(stems[dir], f.stem())
		}
		if f.pkg != "main" && !slices.Contains(folders[f.pkg], dir) {
			folders[f.pkg] = append(folders[f.pkg], dir)
		}
	}
	for dir, n := range count {
		if n > mostFiles {
			say(dir, n, "%d files that are no tests, more than %d", n, mostFiles)
		}
		for start, alike := range beginAlike(stems[dir]) {
			say(dir+"/"+start+"*", len(alike), "%s begin alike: they may be a package of their own", strings.Join(alike, ", "))
		}
	}
	for pkg, dirs := range folders {
		if len(dirs) > 1 {
			slices.Sort(dirs)
			say("package "+pkg, len(dirs), "there are several of that name: %s", strings.Join(dirs, ", "))
		}
	}
	return faults
}

// beginAlike returns the names that begin alike, where they are too many, by what they have in common.
func beginAlike(names []string) map[string][]string {
	slices.Sort(names)
	groups := map[string][]string{}
	for _, name := range names {
		for n := alikeBytes; n <= len(name); n++ {
			start := name[:n]
			alike := slices.DeleteFunc(slices.Clone(names), func(other string) bool { return !strings.HasPrefix(other, start) })
			if len(alike) > mostAlike {
				groups[start] = alike
			}
		}
	}
	// Of several beginnings the longest that all of them have is meant, and of a part of them nothing more is said.
	maps.DeleteFunc(groups, func(start string, alike []string) bool {
		for other, more := range groups {
			longer := len(other) > len(start) && strings.HasPrefix(other, start) && len(more) == len(alike)
			if longer || len(more) > len(alike) && strings.HasPrefix(start, other) {
				return true
			}
		}
		return false
	})
	return groups
}

// TestHouseFaults says that each rule finds what breaks it, and nothing else.
func TestHouseFaults(t *testing.T) {
	fine := []goFile{
		{path: "a/one.go", pkg: "a", lines: mostLines},
		{path: "a/page.pb.go", pkg: "a", lines: 4000, generated: true},
		{path: "a/talk.go", pkg: "a"}, {path: "a/talk_linux.go", pkg: "a"}, {path: "a/talk_windows.go", pkg: "a"}, {path: "a/talk_other.go", pkg: "a"},
		{path: "a/talkmore.go", pkg: "a"}, {path: "a/talkless.go", pkg: "a"}, {path: "a/talkback_test.go", pkg: "a"},
		{path: "cmd/x/main.go", pkg: "main"}, {path: "cmd/y/main.go", pkg: "main"},
		{path: "b/b.go", pkg: "b"}, {path: "c/b_test.go", pkg: "b"},
	}
	if faults := houseFaults(fine); len(faults) > 0 {
		t.Error(faults)
	}
	full := make([]goFile, mostFiles+1)
	for i := range full {
		full[i] = goFile{path: fmt.Sprintf("d/%c%d.go", 'a'+i%26, i), pkg: "d"}
	}
	faults := houseFaults(slices.Concat(fine, full, []goFile{
		{path: "a/long_test.go", pkg: "a", lines: mostLines + 1},
		{path: "a/talkative.go", pkg: "a"},
		{path: "e/b.go", pkg: "b"},
	}))
	want := []string{"a/long_test.go", "a/talk*", "d", "package b"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(faults))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
