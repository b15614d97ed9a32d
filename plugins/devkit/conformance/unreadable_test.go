package conformance

import (
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// TestUnreadableItems has a read tell of items that could not be read: what is demanded of their SKUs is what is demanded of those of
// others, since they are looked for on the other side.
func TestUnreadableItems(t *testing.T) {
	for _, c := range []struct{ sku, reason, want string }{
		{"A-1", "line 2", ""},
		{"\u00c9 1", strings.Repeat("x", proto.MaxText), ""},
		{"", "line 2", "6.4"},
		{"E\u0301", "line 2", "6.6"},
		{"A\r\n1", "line 2", "6.24"},
		{"A-1", strings.Repeat("x", proto.MaxText+1), "6.17"},
	} {
		s, r, p := &suite{maxItems: 10}, &reading{}, &peer{texts: &output{}}
		s.handleUnreadable(p, r, []*sourcev1.UnreadableItem{{Sku: c.sku, Reason: c.reason}})
		if r.number != c.want {
			t.Errorf("%+q, with a reason of %d bytes: it breaks %q (%s), want %q", c.sku, len(c.reason), r.number, r.fault, c.want)
		}
	}
}
