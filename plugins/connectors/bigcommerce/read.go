package bigcommerce

import (
	"context"
	"fmt"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// ReadColumns reads the store in full, and makes items of it as it comes in.
func (s *Source) ReadColumns(ctx context.Context, req sdk.ReadRequest, w *sdk.Writer) error {
	client, err := s.connect(ctx)
	if err != nil {
		return err
	}
	into := s.newAssembly(w, req.Warn)
	if err := s.newFetch(client.Session(req), into.needs, into).all(ctx, func(left int64) {
		req.Progress(w.Items(), 0, fmt.Sprintf("products, %d to go", left))
	}); err != nil {
		return err
	}
	return into.end()
}
