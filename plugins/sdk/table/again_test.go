package table

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// TestColumnsAgain reads many batches whose memory is given back at once, now and then, and never: the items are the same,
// and those of a batch that was kept stay as they were.
func TestColumnsAgain(t *testing.T) {
	var text strings.Builder
	text.WriteString("sku,name,price,visible,options,tags\n")
	for i := range 5*batchRows + 17 {
		// Each batch has something that the one before has not: nulls, numbers of many digits, longer texts, other options.
		part := i / batchRows
		price, visible, tags := fmt.Sprintf("%d.%02d", i, i%100), "true", "a;b"
		if part%2 == 1 && i%7 == 0 {
			price, visible, tags = "", "", ""
		}
		if part == 2 && i%1000 == 0 {
			price = "12345678901234567890.5"
		}
		fmt.Fprintf(&text, "SKU-%d,%s %d,%s,%s,Size:%d|Part:%d,%s\n", i, strings.Repeat("name ", 1+part*i%9), i, price, visible, i%50, part, tags)
	}
	fields := []string{"sku", "name", "price", "visible", "options", "tags"}
	read := func(given func(batch int) bool) []string {
		t.Helper()
		table := &Table{Input: &memory{text: text.String()}, Settings: Settings{Types: map[string]string{"tags": "list"}}, AllColumns: true}
		var items [][]string
		var kept []*catalog.Batch
		_, err := sdk.ReadAll(t.Context(), table, sdk.NewReadRequest(fields, func(string) {}), func(b *catalog.Batch) error {
			if !given(len(items)) {
				items, kept = append(items, nil), append(kept, b)
				return nil
			}
			items = append(items, linesOf(b))
			b.Release()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, lines := range items {
			if lines == nil {
				lines, kept = linesOf(kept[0]), kept[1:]
			}
			all = append(all, lines...)
		}
		return all
	}
	want := read(func(int) bool { return false })
	if len(want) != 5*batchRows+17 {
		t.Fatalf("%d items", len(want))
	}
	for name, given := range map[string]func(int) bool{
		"at once":      func(int) bool { return true },
		"now":          func(batch int) bool { return batch%2 == 0 },
		"then":         func(batch int) bool { return batch%2 == 1 },
		"in the end":   func(batch int) bool { return batch > 2 },
		"in the start": func(batch int) bool { return batch < 3 },
	} {
		if diff := cmp.Diff(want, read(given)); diff != "" {
			t.Errorf("given back %s (-kept +given back):\n%s", name, diff)
		}
	}
}
