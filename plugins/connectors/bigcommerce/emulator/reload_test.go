package emulator

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFileIsFollowed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.json")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(path, nil); err == nil {
		t.Error("a file that does not exist was opened")
	}
	write(`{"products": [{"sku": "A", "tracking": "maybe"}]}`)
	if _, err := Open(path, nil); err == nil {
		t.Error("a catalogue that cannot be served was opened")
	}
	write(`{"products": [{"sku": "A"}], "orphans": [{"sku": "GHOST"}]}`)
	var told []string
	s, err := Open(path, func(skus int, err error) { told = append(told, fmt.Sprint(skus, " ", err != nil)) })
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		text string // "": the file is deleted
		want []string
		told string // "": nothing
	}{
		{`{"products": [{"sku": "A"}, {"sku": "B"}]}`, []string{"A", "B"}, "2 false"},
		{`{"products": [{"sku": "A"}, {"sku": "B"}, `, []string{"A", "B"}, "2 true"},
		{"", []string{"A", "B"}, "2 true"},
		{`{"products": [{"sku": "C"}]}`, []string{"C"}, "1 false"},
	} {
		told = nil
		if step.text == "" {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		} else {
			write(step.text)
		}
		for range 2 { // it is told once
			if diff := cmp.Diff(step.want, askList(t, s, "/v3/catalog/products").skus()); diff != "" {
				t.Errorf("after %q (-want +got):\n%s", step.text, diff)
			}
		}
		if diff := cmp.Diff([]string{step.told}, told); diff != "" {
			t.Errorf("told after %q (-want +got):\n%s", step.text, diff)
		}
	}
}
