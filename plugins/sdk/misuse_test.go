package sdk

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// emitting is a source that emits one item, or fails.
type emitting struct {
	item Item
	err  error
}

func (emitting) Schema(context.Context) ([]Field, error) { return Known("sku", "price", "qoh"), nil }

func (e emitting) Read(_ context.Context, _ ReadRequest, emit func(Item) error) error {
	if err := emit(e.item); err != nil {
		return fmt.Errorf("page 3: %w", err)
	}
	return e.err
}

// TestWhoseMistake says which errors of a read are the connector's own, and which are about what it reads.
func TestWhoseMistake(t *testing.T) {
	for why, c := range map[string]struct {
		source emitting
		want   codes.Code
	}{
		"a misspelt field":              {emitting{item: Item{"sku": "A", "prise": 1}}, codes.Internal},
		"a type that fits no number":    {emitting{item: Item{"sku": "A", "qoh": []int{1}}}, codes.Internal},
		"a type that fits no string":    {emitting{item: Item{"sku": 1}}, codes.Internal},
		"a text that is none":           {emitting{item: Item{"sku": "A\xff"}}, codes.Internal},
		"a float that may be rounded":   {emitting{item: Item{"sku": "A", "qoh": 1e17}}, codes.Internal},
		"not a number":                  {emitting{item: Item{"sku": "A", "qoh": math.NaN()}}, codes.Internal},
		"what the platform has":         {emitting{item: Item{"sku": "A", "qoh": "many"}}, codes.Unknown},
		"what the platform answers":     {emitting{item: Item{"sku": "A"}, err: errors.New("401 Unauthorized")}, codes.Unknown},
		"a status of the connector's":   {emitting{err: status.Error(codes.PermissionDenied, "no")}, codes.PermissionDenied},
		"fields that the host may want": {emitting{item: Item{"sku": "A", "qoh": 1}}, codes.OK},
	} {
		_, err := ReadAll(t.Context(), c.source, ReadRequest{Fields: []string{"sku", "price", "qoh"}, unreadable: &unreadableItems{}}, func(*catalog.Batch) error { return nil })
		if err != nil {
			err = toStatus(t.Context(), err)
		}
		if code := status.Code(err); code != c.want {
			t.Errorf("%s: %v, want %s", why, err, c.want)
		}
	}
}
