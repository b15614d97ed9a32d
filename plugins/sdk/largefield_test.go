package sdk

import (
	"context"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

// columns is a source that writes a batch of columns.
type columns struct{ names []string }

func (columns) Schema(context.Context) ([]Field, error) { return Known("sku", "name"), nil }

func (c columns) ReadColumns(_ context.Context, _ ReadRequest, w *Writer) error {
	var all strings.Builder
	offsets := []int32{0}
	for _, name := range c.names {
		all.WriteString(name)
		offsets = append(offsets, int32(all.Len()))
	}
	skus := make([]int32, len(offsets))
	return w.Batch(len(c.names), []catalog.Column{catalog.NewStrings("", skus), catalog.NewStrings(all.String(), offsets)})
}

// TestLargeField says that a text that is larger than any product's is an error that names its item and field, however it is
// written, and that one of the largest size is none.
func TestLargeField(t *testing.T) {
	most, beyond := strings.Repeat("x", proto.MaxField), strings.Repeat("x", proto.MaxField+1)
	for name, c := range map[string]struct {
		source Source
		want   string
	}{
		"items at the limit":   {&source{[]Item{{"sku": "A", "name": most}}}, ""},
		"items beyond":         {&source{[]Item{{"sku": "A"}, {"sku": "B", "name": beyond}}}, `item 2, field "name": a text of 16 MiB, more than 16 (max_field)`},
		"a list beyond":        {&source{[]Item{{"sku": "A", "variation": []string{beyond}}}}, `item 1, field "variation": a text of 16 MiB, more than 16 (max_field)`},
		"columns at the limit": {columns{[]string{"a", most}}, ""},
		"columns beyond":       {columns{[]string{"a", beyond, "b"}}, `item 2, field "name": a text of 16 MiB, more than 16 (max_field)`},
	} {
		t.Run(name, func(t *testing.T) {
			fields := []string{"sku", "name"}
			if _, ok := c.source.(*source); ok {
				fields = append(fields, "variation")
			}
			_, err := ReadAll(t.Context(), c.source, NewReadRequest(fields, nil), func(b *catalog.Batch) error {
				_, err := proto.EncodeBatch(b)
				return err
			})
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%.200v", err)
			}
		})
	}
}
