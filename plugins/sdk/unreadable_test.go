package sdk

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// unreadSource tells of two items that it could not read, of two SKUs that are none, and of some rows.
type unreadSource struct{ many int }

func (*unreadSource) Schema(context.Context) ([]Field, error) { return Known("sku"), nil }

func (s *unreadSource) Read(_ context.Context, req ReadRequest, emit func(Item) error) error {
	req.Unreadable("e\u0301", "line 2: "+strings.Repeat("x", 2*proto.MaxText))
	req.Unreadable("", "line 3")
	req.Unreadable("\xff", "line 4")
	req.Skipped(5)
	for range s.many {
		req.Unreadable("A", "line 5")
	}
	return emit(Item{"sku": "B"})
}

// TestUnreadable says what arrives of what a connector tells, and that the counts of Done are those.
func TestUnreadable(t *testing.T) {
	var got []*sourcev1.UnreadableItem
	messages := 0
	out := &readStream{send: func(m any) error {
		if m, ok := m.(*sourcev1.ReadResponse); ok {
			got = append(got, m.GetUnreadable().GetItems()...)
			messages++
		}
		return nil
	}}
	req := out.request(&sourcev1.ReadRequest{Fields: []string{"sku"}}, nil)
	items, err := ReadAll(t.Context(), &unreadSource{many: 2500}, req, func(*catalog.Batch) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	done := req.done(items)
	if done.GetItems() != 1 || done.GetUnreadable() != 2501 || done.GetSkipped() != 7 || len(got) != 2501 || messages != 3 {
		t.Errorf("done: %v; %d arrived in %d messages", done, len(got), messages)
	}
	if got[0].GetSku() != "é" || len(got[0].GetReason()) != proto.MaxText {
		t.Errorf("the first: %q, with a reason of %d bytes", got[0].GetSku(), len(got[0].GetReason()))
	}
	test := NewReadRequest([]string{"sku"}, nil)
	if _, err := ReadAll(t.Context(), &unreadSource{}, test, func(*catalog.Batch) error { return nil }); err != nil {
		t.Fatal(err)
	}
	list, skipped := test.UnreadableItems()
	if diff := cmp.Diff("é", list[0].SKU); diff != "" || len(list) != 1 || skipped != 7 {
		t.Errorf("%v, %d skipped", list, skipped)
	}
}
