package main

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// writer waits for nothing: its clock goes on by itself.
var writer = sdk.Connector{New: func() sdk.Source { return &Writer{Shop: Shop{clock: &sdktest.Clock{}}} }}

func writerOf(ctx context.Context, url, token string) (sdk.Applier, error) {
	return sdktest.Writer(ctx, writer, sdktest.Settings{"url": url, "token": sandboxToken, "write_token": token})
}

// TestWriting makes changes of a shop with faults: lost answers, other apps that write meanwhile, changes that are refused.
func TestWriting(t *testing.T) {
	sdktest.TestWriting(t, sdktest.Writing{
		Platform: func() http.Handler {
			shop, err := newSandbox("")
			if err != nil {
				t.Error(err)
			}
			return shop
		},
		Source: func(ctx context.Context, url string) (sdk.Applier, error) {
			return writerOf(ctx, url, sandboxWriteToken)
		},
		Sets: []sdktest.Set{
			{Item: sdk.Ref{ID: "2", SKU: "LAMP-2"}, Field: "price", From: "52.50", To: "49.955", Other: "50", Mark: `"id":2,`},
			{Item: sdk.Ref{SKU: "SHADE-S"}, Field: "name", From: "Lamp Shade SHADE-S", To: "Lamp Shade", Other: "Shade", Mark: `"id":4,`},
			{Item: sdk.Ref{SKU: "BULB-E14"}, Field: "qoh", From: 38, To: 40, Other: 37, Mark: `"id":5,`},
		},
	})
}

// TestWriteToken says that Check finds a token that may not write, and that nothing is done with it.
func TestWriteToken(t *testing.T) {
	url, _, err := startSandbox("")
	if err != nil {
		t.Fatal(err)
	}
	shop, err := writerOf(t.Context(), url, sandboxToken)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shop.(sdk.Checker).Check(t.Context()); err == nil || !strings.Contains(err.Error(), "may only read") {
		t.Errorf("Check says %v", err)
	}
	change, err := sdktest.Change(t.Context(), shop.(sdk.Source), sdk.Ref{SKU: "LAMP-2"}, "price", "52.50", "49.95")
	if err != nil {
		t.Fatal(err)
	}
	outcomes, err := sdktest.Apply(t.Context(), shop, change)
	if err != nil || outcomes[0].Kind != sdk.Failed || !strings.Contains(outcomes[0].Reason, "this token may only read") {
		t.Errorf("%+v, %v", outcomes, err)
	}
}
