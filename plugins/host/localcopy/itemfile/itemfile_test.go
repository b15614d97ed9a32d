package itemfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

var schema = catalog.MustSchema(catalog.Field{Name: "name", Type: catalog.String}, catalog.Field{Name: "sku", Type: catalog.String},
	catalog.Field{Name: "price", Type: catalog.Number}, catalog.Field{Name: "parent_sku", Type: catalog.String})

// line says all of an item.
func line(b *catalog.Batch, i int) (text string) {
	for _, f := range b.Schema().Fields() {
		text += fmt.Sprintf("%s %q %v ", f.Name, b.Value(f.Name, i).Text(), b.Value(f.Name, i).IsNull())
	}
	return text
}

func write(t testing.TB, path string, batches []*catalog.Batch, about About) {
	t.Helper()
	w, err := Create(path, []byte("state"), schema)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		w.Add(b)
	}
	for _, told := range about.Told {
		w.Tell(told)
	}
	about.Told = nil
	if err := w.Commit(about); err != nil {
		t.Fatal(err)
	}
}

func drawBatches(t *rapid.T) (batches []*catalog.Batch) {
	for range rapid.IntRange(0, 4).Draw(t, "batches") {
		b := catalog.NewBuilder(schema)
		for range rapid.IntRange(1, 5).Draw(t, "items") {
			b.SetString(0, rapid.SampledFrom([]string{"Bell", "Lamp"}).Draw(t, "name"))
			b.SetString(1, rapid.SampledFrom([]string{"A-1", "a1", "B", "00", "", "C", "D"}).Draw(t, "sku"))
			if n := rapid.IntRange(0, 3).Draw(t, "price"); n > 0 {
				b.SetNumber(2, catalog.Int(int64(n)))
			}
			b.SetString(3, rapid.SampledFrom([]string{"", "B", "B", "a 1"}).Draw(t, "parent"))
			b.End()
		}
		batches = append(batches, b.Batch())
	}
	return batches
}

// TestFind finds exactly the items that a sieve lets through, in their order, and what was told of all.
func TestFind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.items")
	rapid.Check(t, func(t *rapid.T) {
		batches := drawBatches(t)
		about := About{Items: 7, Skipped: 2, Currencies: map[string]catalog.Currency{"price": "CAD"},
			Told: []Told{{Warning: "w"}, {Notice: "n"}, {Unreadable: true, SKU: "Z", Reason: "line 3"}}}
		w, err := Create(path, []byte("state"), schema)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range batches {
			w.Add(b)
		}
		for _, told := range about.Told {
			w.Tell(told)
		}
		if err := w.Commit(About{Items: about.Items, Skipped: about.Skipped, Currencies: about.Currencies}); err != nil {
			t.Fatal(err)
		}
		looks := rapid.SliceOfN(rapid.SampledFrom([]string{"a1", "b", "", "absent"}), 1, 2).Draw(t, "looks")
		var want, got []string
		for _, b := range batches {
			for _, i := range catalog.NewSieve(looks).Rows(nil, b) {
				want = append(want, line(b, i))
			}
		}
		found, kept, err := Find(path, []byte("state"), schema, looks)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range found {
			for i := range b.Len() {
				got = append(got, line(b, i))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(about, kept); diff != "" {
			t.Fatal(diff)
		}
	})
}

func someBatches() []*catalog.Batch {
	b := catalog.NewBuilder(schema)
	for i := range 40 {
		b.SetString(0, "Bell")
		b.SetString(1, fmt.Sprintf("A-%d", i))
		b.End()
	}
	return []*catalog.Batch{b.Batch()}
}

// TestUnfit takes no file of another state or other fields, and none that is cut off.
func TestUnfit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.items")
	if _, _, err := Find(path, []byte("state"), schema, []string{"a1"}); !errors.Is(err, ErrUnfit) {
		t.Errorf("no file: %v", err)
	}
	write(t, path, someBatches(), About{})
	if _, _, err := Find(path, []byte("other"), schema, []string{"a1"}); !errors.Is(err, ErrUnfit) {
		t.Errorf("another state: %v", err)
	}
	fewer, err := schema.Select([]string{"sku", "name"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Find(path, []byte("state"), fewer, []string{"a1"}); !errors.Is(err, ErrUnfit) {
		t.Errorf("other fields: %v", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(text); n += 1 + len(text)/200 {
		if err := os.WriteFile(path, text[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Find(path, []byte("state"), schema, []string{"a1"}); !errors.Is(err, ErrUnfit) {
			t.Fatalf("the first %d of %d bytes: %v", n, len(text), err)
		}
	}
}

// TestDamage: a file with a damaged byte gives the right items or none at all, also of SKUs that are not there.
func TestDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.items")
	write(t, path, someBatches(), About{Items: 40, Told: []Told{{Warning: "w"}}})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(text); at += 1 + len(text)/400 {
		text[at] ^= 0x40
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		text[at] ^= 0x40
		found, about, err := Find(path, []byte("state"), schema, []string{"a7"})
		switch {
		case errors.Is(err, ErrUnfit):
		case err != nil || len(found) != 1 || found[0].Len() != 1 || found[0].Value("sku", 0).Str() != "A-7" || about.Items != 40:
			t.Fatalf("byte %d of %d: %v, %v, %v", at, len(text), found, about, err)
		}
	}
}

// TestTooMuchTold makes no file where more was told than is kept, and leaves what was there.
func TestTooMuchTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.items")
	write(t, path, someBatches(), About{})
	w, err := Create(path, []byte("later"), schema)
	if err != nil {
		t.Fatal(err)
	}
	for range mostTold + 1 {
		w.Tell(Told{Warning: "w"})
	}
	if err := w.Commit(About{}); err == nil {
		t.Error("it is kept")
	}
	if _, _, err := Find(path, []byte("state"), schema, []string{"a1"}); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("%q is left", left)
	}
}

// TestFailedCommit says that a file which cannot take its place leaves nothing beside it.
func TestFailedCommit(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x.items")
	w, err := Create(path, []byte("state"), schema)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range someBatches() {
		w.Add(b)
	}
	if err := os.MkdirAll(filepath.Join(path, "in its place"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(About{}); err == nil {
		t.Error("the file is in the place of a folder")
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
}
