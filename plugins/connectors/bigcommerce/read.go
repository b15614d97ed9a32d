package bigcommerce

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/api"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// ReadColumns reads the store in full, and makes items of it as it comes in.
func (s *Source) ReadColumns(ctx context.Context, req sdk.ReadRequest, w *sdk.Writer) error {
	client, err := s.connect(ctx)
	if err != nil {
		return err
	}
	into := s.newAssembly(w, req.Warn)
	var items atomic.Int64 // the writer is for one goroutine, and requests are made from several
	session := &api.Session{Client: client, Tries: api.MostTries, Tell: func(text string) { req.Progress(items.Load(), 0, text) }}
	if err := s.newFetch(session, into.needs, into).all(ctx, func(left int64) {
		items.Store(w.Items())
		req.Progress(w.Items(), 0, fmt.Sprintf("products, %d to go", left))
	}); err != nil {
		return err
	}
	return into.end()
}
