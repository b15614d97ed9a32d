package conformance

import (
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/plugins/host/patience"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// takeWaiting takes a connector's word that it waits, and says what is wrong with it; "" if nothing is.
func takeWaiting(p *peer, patience *patience.Timer, m *sourcev1.Waiting) string {
	p.texts.addLine(m.GetWhy())
	if n := len(m.GetWhy()); n > proto.MaxText {
		return fmt.Sprintf("what it waits for takes %d bytes", n)
	}
	if !m.GetUntil().IsValid() {
		return "a Waiting does not say until when it waits"
	}
	until := m.GetUntil().AsTime()
	patience.Waiting(until)
	const rounded = 5 * time.Second
	if wait := time.Until(until); wait > proto.MaxWaiting+rounded {
		return fmt.Sprintf("a Waiting says that it goes on in %s (%s), and a host waits %s at most", wait.Round(time.Second), printable(m.GetWhy()), proto.MaxWaiting)
	}
	return ""
}
