package conformance

import (
	"context"
	"slices"

	"github.com/reconcilehq/reconcile/plugins/proto"
)

// copying looks at the Local Copy's calls.
func (s *suite) copying(ctx context.Context, c *catalogue) {
	if !slices.Contains(s.about.GetCapabilities(), proto.Incremental) {
		s.skipAll("8.", "the connector has no capability incremental")
		return
	}
	_ = ctx
	_ = c
	s.skipAll("8.", "not yet")
}
