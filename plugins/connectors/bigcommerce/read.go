package bigcommerce

import (
	"context"
	"fmt"

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
	session := &api.Session{Client: client, Tries: api.MostTries, Tell: req.Step, Wait: req.Waiting}
	if err := s.newFetch(session, into.needs, into).all(ctx, func(left int64) {
		req.Progress(w.Items(), 0, fmt.Sprintf("products, %d to go", left))
	}); err != nil {
		return err
	}
	return into.end()
}
