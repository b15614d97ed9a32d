package history

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/report"
)

// TestFollowedIsAppended says that the file is the same to the byte, whether items are appended one by one, while a format shows them in
// pages or one by one, or when nobody has asked for them; and that what is shown is what is shown of a result that is not kept.
func TestFollowedIsAppended(t *testing.T) {
	programs := map[string]string{"key": shopRules, "SKU": strings.Replace(shopRules, "  key   = upper(trimspace(item.sku))\n", "", 1)}
	for name, text := range programs {
		program := compile(t, text)
		for _, job := range []engine.Job{{Program: program, All: true}, {Program: program, All: true, Brief: true}, {Program: program, All: true, Brief: true, MemoryLimit: 1}} {
			t.Run(fmt.Sprintf("%s, brief %t, limit %d", name, job.Brief, job.MemoryLimit), func(t *testing.T) {
				random := rand.New(rand.NewPCG(5, 6))
				for _, n := range []int{0, 3, 256, 1500} {
					pos, store := drawShop(random, n)
					result := runJob(t, job, pos, store)
					want, err := os.ReadFile(keepFile(t, result))
					if err != nil {
						t.Fatal(err)
					}
					for _, format := range []string{"", "csv", "ndjson", "table"} {
						if got := followed(t, result, format); !bytes.Equal(got, want) {
							t.Errorf("%d items, shown as %q: %d bytes are not the %d that they are when appended one by one", result.Summary.Items, format, len(got), len(want))
						}
					}
				}
			})
		}
	}
}

// TestFollowedFails says that there is no file where the items end early, whoever asks for them, and that who asks hears of it.
func TestFollowedFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, format := range []string{"", "csv"} {
		pos, store := drawShop(rand.New(rand.NewPCG(7, 8)), 100)
		result := runJob(t, engine.Job{Program: compile(t, shopRules), All: true}, pos, store)
		pages := result.Pages()
		result.SetPages(func(to ...report.PageWriter) error { return errors.Join(pages(to...), broken) })
		path := filepath.Join(t.TempDir(), "run")
		w, err := Create(path, result)
		if err != nil {
			t.Fatal(err)
		}
		shown := w.Follow()
		if format != "" {
			if err := report.CSV().Write(&bytes.Buffer{}, shown, report.Options{}); !errors.Is(err, broken) {
				t.Errorf("%s says %v", format, err)
			}
		}
		if err := w.Close(); !errors.Is(err, broken) {
			t.Errorf("closing it says %v", err)
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("there is a file, %v", err)
		}
	}
}

// followed returns the file of a run that is written while a format shows the result; "" is none.
func followed(t *testing.T, result *report.Result, format string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run")
	w, err := Create(path, result)
	if err != nil {
		t.Fatal(err)
	}
	shown := w.Follow()
	for _, f := range report.Formats() {
		if f.Name != format {
			continue
		}
		for range 2 { // the second time nothing is appended
			var want, got bytes.Buffer
			o := report.Options{MaxRows: f.Rows}
			if err := errors.Join(f.Write(&want, result, o), f.Write(&got, shown, o)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want.Bytes(), got.Bytes()) {
				t.Errorf("%s shows something else where the run is kept", format)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
