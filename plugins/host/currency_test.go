package host

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/host/patience"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// ending sends a Done, and ends.
type ending struct{ done *sourcev1.Done }

func (e *ending) Recv() (*sourcev1.ReadResponse, error) {
	if e.done == nil {
		return nil, io.EOF
	}
	m := &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Done{Done: e.done}}
	e.done = nil
	return m, nil
}

// TestCurrencies takes what a connector says of its amounts, and no more than that.
func TestCurrencies(t *testing.T) {
	asked := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "price", Type: catalog.Number})
	for _, c := range []struct {
		said map[string]string
		want map[string]catalog.Currency
		err  string
	}{
		{nil, nil, ""},
		{map[string]string{"price": "CAD"}, map[string]catalog.Currency{"price": "CAD"}, ""},
		{map[string]string{"price": "QQQ"}, map[string]catalog.Currency{"price": "QQQ"}, ""},
		{map[string]string{"price": "$"}, map[string]catalog.Currency{"price": "$"}, ""},
		{map[string]string{"price": "dollars"}, nil, `field "price" is in the currency "dollars"`},
		{map[string]string{"price": ""}, nil, `field "price" is in the currency ""`},
		{map[string]string{"price": strings.Repeat("X", 1<<20) + "$"}, nil, `which is neither an ISO 4217 code nor a sign`},
		{map[string]string{"sku": "CAD"}, nil, `the currency of field "sku", which is no number`},
		{map[string]string{"cost": "dollars", "price": "CAD"}, map[string]catalog.Currency{"price": "CAD"}, ""}, // cost was not asked for
	} {
		r := &reading{process: &Process{label: "x", secrets: &Secrets{}}, asked: asked, watcher: unwatched{}, sink: func(*catalog.Batch) error { return nil }}
		r.patience = patience.Start(time.Hour, func() {})
		done, err := r.receiveAll(t.Context(), &ending{&sourcev1.Done{Currencies: c.said}})
		r.patience.Stop()
		if diff := cmp.Diff(c.want, done.Currencies); diff != "" {
			t.Errorf("%.40v: %s", c.said, diff)
		}
		var failure *Failure
		if (err != nil) != (c.err != "") || err != nil && (!errors.As(err, &failure) || failure.Fault != Connector || !strings.Contains(failure.Text, c.err)) {
			t.Errorf("%.40v: got %v, want %q", c.said, err, c.err)
		}
		if err != nil && len(err.Error()) > 10<<10 {
			t.Errorf("a message of %d bytes", len(err.Error()))
		}
	}
}
