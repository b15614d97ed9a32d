package web

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// TestDamagedRun damages the file of the last run. Nothing of it is shown, the pages say so, and somebody can import anew.
func TestDamagedRun(t *testing.T) {
	change := func(at func(size int) int) func([]byte) []byte {
		return func(file []byte) []byte { file[at(len(file))] ^= 1; return file }
	}
	for name, damage := range map[string]struct {
		file func([]byte) []byte // nil: it is removed
		said string
		late bool // what is damaged is read for the table alone
	}{
		"emptied":             {func([]byte) []byte { return nil }, "is damaged, and nothing of it can be relied on: it is too short", false},
		"cut":                 {func(file []byte) []byte { return file[:len(file)/2] }, "is damaged, and nothing of it can be relied on", false},
		"a byte at the end":   {change(func(size int) int { return size - 30 }), "is damaged, and nothing of it can be relied on", false},
		"a byte of the items": {change(func(int) int { return 40 }), "is damaged, and nothing of it can be relied on", true},
		"missing":             {nil, "is missing", false},
	} {
		t.Run(name, func(t *testing.T) {
			of := newShop(t, firstOf(goods()), secondOf(goods()))
			of.run()
			s := newSite(t, Options{Shop: of, Records: records{of}})
			b, path := s.user("Ann", store.Operator), of.kept[0].Path
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if damage.file == nil {
				err = os.Remove(path)
			} else {
				err = os.WriteFile(path, damage.file(file), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			said := "The file of the run run-1 of " + of.made.UTC().Format("2006-01-02 15:04 MST") + " " + damage.said
			for _, address := range []string{"/", "/inventory/bigcommerce", "/inventory/bigcommerce?run=run-1"} {
				page := s.get(b, address)
				status := http.StatusInternalServerError
				if address == "/" { // of others there may be good ones
					status = http.StatusOK
				}
				if page.status != status || !strings.Contains(page.text, `popovertarget="import-menu"`) {
					t.Errorf("%s: nothing can be imported: %d\n%s", address, page.status, page.text)
				}
				if damage.late && address == "/" {
					continue // it needs nothing of what is damaged
				}
				if !strings.Contains(page.text, said) || strings.Contains(page.text, path) {
					t.Errorf("%s lacks %q, or says where the file is:\n%s", address, said, page.text)
				}
				if strings.Contains(page.text, "data-item>") || strings.Contains(page.text, `<b class="big">`) {
					t.Errorf("%s shows something of a damaged run:\n%s", address, page.text)
				}
			}
			for _, address := range []string{"/inventory/bigcommerce/rows", "/api/v1/runs/run-1/download", "/api/v1/runs/run-1/items"} {
				if damage.late {
					continue // these meet the damage on the way, or do not need what is damaged
				}
				if got := s.get(b, address); got.status != http.StatusInternalServerError || !strings.Contains(got.text, damage.said) {
					t.Errorf("%s: %d %s", address, got.status, got.text)
				}
			}
			if got := s.get(b, "/api/v1/runs/run-1/items"); got.status < 400 || !strings.Contains(got.text, `"code":"run_damaged"`) || !strings.Contains(got.text, damage.said) {
				t.Errorf("the API: %d %s", got.status, got.text)
			}
			of.run()
			if page := s.get(b, "/inventory/bigcommerce"); page.status != http.StatusOK || !strings.Contains(page.text, "data-item>") {
				t.Errorf("after an import: %d\n%s", page.status, page.text)
			}
		})
	}
}
