package orders

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/weborder"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/rowfile"
)

// TestSorting: what is written is what was counted and is still to be imported; the rest is named.
func TestSorting(t *testing.T) {
	s := sorting{counted: map[string]bool{"1": true, "2": true, "9": true, "10": true}, seen: map[string]bool{}}
	for _, id := range []string{"2", "3", "1"} {
		if err := s.take(weborder.Order{ID: id, Lines: make([]weborder.Line, 2)}); err != nil {
			t.Fatal(err)
		}
	}
	s.end()
	var kept []string
	for _, o := range s.kept {
		kept = append(kept, o.ID)
	}
	got := []string{strings.Join(kept, " "), strings.Join(s.came, " "), strings.Join(s.gone, " "), strconv.Itoa(s.lines)}
	if diff := cmp.Diff([]string{"2 1", "3", "9 10", "4"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestEmptyOrder: an order of which there are no lines, such as one for a gift certificate, is seen all the same.
func TestEmptyOrder(t *testing.T) {
	var b bytes.Buffer
	if err := tableOf([]weborder.Order{{ID: "7", Currency: "CAD"}}, exportFlags{}).Write(&b, rowfile.CSV); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if len(lines) != 3 || lines[1] != "7,0001-01-01T00:00:00Z,,,,,,,,,,,,,CAD," {
		t.Errorf("%q", lines)
	}
}

// TestAddAtOnce: whoever adds numbers at the same time, none is lost.
func TestAddAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ids.txt")
	if err := os.WriteFile(file, []byte("1\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	const many = 20
	for i := range many {
		all.Go(fault.Caught(func() {
			if _, err := addTo(file, []string{"5", strconv.Itoa(100 + i)}); err != nil {
				t.Error(err)
			}
		}))
	}
	all.Wait()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n != many+2 || strings.Count(string(text), "\n5\n") != 1 {
		t.Errorf("%d lines: %q", n, text)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 && info.Mode().Perm() != 0o666 {
		t.Errorf("its mode is %v now, %v", info.Mode(), err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := addTo(file, []string{"5"}); err == nil || !strings.Contains(err.Error(), "any more") {
		t.Errorf("a new file would forget all orders before: %v", err)
	}
}
