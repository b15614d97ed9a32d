package main

import (
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCatalogue says that the files are what truth.json says of them, in every form.
func TestCatalogue(t *testing.T) {
	const n = 3000
	var first map[string][]string
	for _, f := range append(forms[:len(forms):len(forms)], red) {
		c := newCatalogue(n, f.differing)
		dir := t.TempDir()
		if err := c.write(dir, f); err != nil {
			t.Fatal(err)
		}
		if f.items > 0 {
			continue // the same items as those of the first
		}
		if strings.Contains(configurationOf(f), keyText) != f.keyed {
			t.Errorf("%s: its configuration is\n%s", f.name, configurationOf(f))
		}
		left, right := readItems(t, filepath.Join(dir, "left.csv")), readItems(t, filepath.Join(dir, "right.csv"))
		if len(left) != n || len(right) != n {
			t.Fatalf("%s: %d and %d items, want %d", f.name, len(left), len(right), n)
		}
		got := truth{}
		for sku, a := range left {
			b, both := right[sku]
			if !both {
				got["left_only"]++
			}
			for i := range b {
				if a[i] != b[i] {
					got[columns[i]]++
				}
			}
		}
		for sku := range right {
			if _, both := left[sku]; !both {
				got["right_only"]++
			}
		}
		if diff := cmp.Diff(c.truth(), got); diff != "" || got["name"] == 0 || got["left_only"] != n/100 {
			t.Errorf("%s: (-said +found)\n%s", f.name, diff)
		}
		switch {
		case first == nil:
			first = right
		case f.differing != usual:
			if got["name"] < n/8 {
				t.Errorf("%s: %v", f.name, got)
			}
		case !maps.EqualFunc(first, right, slices.Equal):
			t.Errorf("%s has other items than %s", f.name, forms[0].name)
		}
	}
}

// readItems returns a file's rows by SKU, with the columns in their usual order.
func readItems(t *testing.T, path string) map[string][]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	items := map[string][]string{}
	for _, row := range rows[1:] {
		item := make([]string, len(columns))
		for i, name := range rows[0] {
			if at := slices.Index(columns, name); at >= 0 {
				item[at] = row[i]
			}
		}
		item[0] = strings.ToUpper(strings.TrimSpace(item[0]))
		items[item[0]] = item
	}
	return items
}

// TestCheck says that a result that is wrong in one row is found out.
func TestCheck(t *testing.T) {
	const good = "sku,name,status,N,NS,IV,B,Q,QN,P\nA,x,matched,S,N,S,S,S,S,S\nB,x,pos_only,,,,,,,\nC,x,matched,S,S,S,S,S,N,S\n"
	path := filepath.Join(t.TempDir(), "out.csv")
	for _, c := range []struct {
		text string
		want truth
		ok   bool
	}{
		{good, truth{"name": 1, "left_only": 1, "qoh": 1}, true},
		{good, truth{"name": 1, "left_only": 1, "qoh": 2}, false},
		{good + "D,x,matched,S,S,S,S,S,S,S\n", truth{"name": 1, "left_only": 1, "qoh": 1}, false},
		{good + "D,x,duplicate,,,,,,,\n", truth{"name": 1, "left_only": 1, "qoh": 1}, false},
		{good + "D,x,matched,N,S,S,N,S,S,S\n", truth{"name": 2, "left_only": 1, "qoh": 1}, false},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := checkOurs(path, c.want); (err == nil) != c.ok {
			t.Errorf("%q against %v: %v", c.text, c.want, err)
		}
	}
}
