package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// onePlace are things that are done in one place, and what shows that they are done. Each other place says why.
var onePlace = []struct {
	what   string
	sign   *regexp.Regexp
	places map[string]string // by file: why there
}{
	{"replacing a file whole: engine/replace", regexp.MustCompile(`\bos\.Rename\(`), map[string]string{
		"engine/replace/replace.go":                 "",
		"engine/spill/lock_unix.go":                 "a lock, which another process may hold",
		"cmd/reconcile/internal/backup/restore.go":  "what a data folder keeps, moved as it is",
		"cmd/reconcile/internal/install/install.go": "a program that was fetched in parts, and lies there already",
	}},
	{"the name that was meant: catalog.Nearest", regexp.MustCompile(`"github.com/agext/levenshtein"`), map[string]string{
		"engine/catalog/nearest.go":               "",
		"cmd/reconcile/internal/session/looks.go": "several SKUs that look alike, which dashes and zeros do not tell apart",
	}},
	{"deciding by an error's text: a type or a sentinel does", regexp.MustCompile(`strings\.(Contains|HasPrefix|HasSuffix|EqualFold)\([^()]*[eE]rr\.Error\(\)|[eE]rr\.Error\(\) *(==|!=)`), nil},
}

// TestOnePlace holds the project's files, tests aside, against that.
func TestOnePlace(t *testing.T) {
	root := filepath.Join("..", "..")
	met := map[string]bool{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"testdata", "node_modules"}, d.Name())) {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
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
		for _, one := range onePlace {
			if found := one.sign.Find(text); found != nil {
				met[rel] = true
				if _, may := one.places[filepath.ToSlash(rel)]; !may {
					t.Errorf("%s has %s, which another place is for (%s)", rel, found, one.what)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range onePlace {
		for place := range one.places {
			if !met[filepath.FromSlash(place)] {
				t.Errorf("%s is named as a place of %q, and is none", place, one.what)
			}
		}
	}
}
