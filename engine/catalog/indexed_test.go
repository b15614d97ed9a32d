package catalog_test

import (
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// TestIndexedMaps says that a column with an index has the values that the index names.
func TestIndexedMaps(t *testing.T) {
	b := catalog.NewBuilder(catalog.MustSchema(catalog.Field{Name: "options", Type: catalog.Map}))
	for _, size := range []string{"S", "", "L"} {
		if size != "" {
			b.SetMap(0, []catalog.Entry{{Key: "Size", Value: size}})
		}
		b.End()
	}
	plain := b.Batch().Column(0).(*catalog.Maps)
	indexed := catalog.NewIndexedMaps([]int32{2, 0, 1, 2}, plain)
	again := catalog.NewIndexedMaps([]int32{1, 3}, indexed)
	for _, c := range []struct {
		column *catalog.Maps
		want   []string
	}{
		{indexed, []string{"Size:L", "Size:S", "", "Size:L"}},
		{again, []string{"Size:S", "Size:L"}},
		{indexed.Plain(), []string{"Size:S", "", "Size:L"}},
		{catalog.NewIndexedMaps(nil, plain), nil},
	} {
		if c.column.Len() != len(c.want) {
			t.Fatalf("%d values, want %d", c.column.Len(), len(c.want))
		}
		for i, want := range c.want {
			if got := c.column.Value(i).Text(); got != want {
				t.Errorf("value %d is %q, want %q", i, got, want)
			}
		}
	}
	if !catalog.EqualMaps(indexed, 0, plain, 2) || catalog.EqualMaps(indexed, 0, plain, 0) {
		t.Error("an indexed column compares by what it holds")
	}
}
