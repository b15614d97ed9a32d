package proto

import (
	"slices"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// TestCutStream cuts a batch at each byte: it is an error, or only the mark of the stream's end is missing.
func TestCutStream(t *testing.T) {
	b := catalog.NewBuilder(schema)
	for range 3 {
		b.SetString(0, "SKU é")
		b.End()
	}
	data, err := EncodeBatch(b.Batch())
	if err != nil {
		t.Fatal(err)
	}
	const mark = 8
	for n := range data {
		batch, err := DecodeBatch(slices.Clone(data[:n]), schema)
		if err == nil && (n != len(data)-mark || batch.Len() != 3) {
			t.Errorf("%d of %d bytes are a batch of %d items", n, len(data), batch.Len())
		}
	}
	// What comes behind the end would be lost.
	for _, more := range [][]byte{data, data[:1], make([]byte, 8)} {
		if _, err := DecodeBatch(append(slices.Clone(data), more...), schema); err == nil || !strings.Contains(err.Error(), "something comes behind the end") {
			t.Errorf("with %d bytes more: %v", len(more), err)
		}
	}
}
