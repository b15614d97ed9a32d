package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// wideSource has many items, of which the last has a look of its own; it fails at its end if it is to.
type wideSource struct {
	items int
	err   error
}

func (wideSource) Schema(context.Context) ([]Field, error) {
	return Known("sku", "name", "parent_sku"), nil
}

func (s wideSource) Read(_ context.Context, _ ReadRequest, emit func(Item) error) error {
	for i := range s.items {
		if err := emit(Item{"sku": fmt.Sprintf("A-%d", i), "name": "x"}); err != nil {
			return err
		}
	}
	if err := emit(Item{"sku": "b 1", "name": "y", "parent_sku": "a-0"}); err != nil {
		return err
	}
	return s.err
}

// TestSieveSendsFew: of a read with looks only those items are sent that may be meant, and all are counted.
func TestSieveSendsFew(t *testing.T) {
	const items = 3 * batchItems
	for _, c := range []struct {
		fields, looks, want []string
		leftOut             int64
	}{
		{[]string{"sku", "name"}, []string{"b1"}, []string{"b 1"}, items},
		{[]string{"name", "sku", "parent_sku"}, []string{"a0"}, []string{"A-0", "b 1"}, items - 1},
		{[]string{"sku"}, []string{"a0", fmt.Sprintf("a%d", batchItems)}, []string{"A-0", fmt.Sprintf("A-%d", batchItems)}, items - 1},
		{[]string{"sku"}, []string{"absent"}, nil, items + 1},
	} {
		var got []string
		progress := 0
		out := &readStream{send: func(m any) error {
			switch m := m.(type) {
			case *proto.Encoded:
				asked, err := wideSchema().Select(c.fields)
				if err != nil {
					return err
				}
				b, err := proto.DecodeBatch(m.Bytes(), asked)
				if err != nil {
					return err
				}
				for i := range b.Len() {
					got = append(got, b.Value("sku", i).Str())
				}
			case *sourcev1.ReadResponse:
				progress++
			}
			return nil
		}}
		asked := &sourcev1.ReadRequest{Fields: c.fields, Looks: c.looks}
		req, sieve := out.request(asked, nil), out.sieve(asked)
		n, err := ReadAll(t.Context(), wideSource{items: items}, req, sieve.batch)
		if err != nil {
			t.Fatal(err)
		}
		done := req.done(n)
		sieve.done(done)
		if diff := cmp.Diff(c.want, got); diff != "" || done.GetLeftOut() != c.leftOut || done.GetItems() != int64(len(c.want)) || progress == 0 {
			t.Errorf("looks %q: done %v, %d times progress, items:%s", c.looks, done, progress, diff)
		}
	}
}

// TestSieveFailsAsRead: what is left out does not make a read that fails succeed.
func TestSieveFailsAsRead(t *testing.T) {
	broken := errors.New("it broke off")
	out := &readStream{send: func(any) error { return nil }}
	asked := &sourcev1.ReadRequest{Fields: []string{"sku"}, Looks: []string{"absent"}}
	if _, err := ReadAll(t.Context(), wideSource{items: 1, err: broken}, out.request(asked, nil), out.sieve(asked).batch); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func wideSchema() *catalog.Schema {
	return catalog.MustSchema(slices.Concat(Known("sku", "name", "parent_sku"))...)
}
