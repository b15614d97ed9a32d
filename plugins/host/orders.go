package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/reconcilehq/reconcile/engine/weborder"
	"github.com/reconcilehq/reconcile/plugins/host/patience"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// CanTellOrders reports whether the connector tells the web orders that the field pending counts: whether Orders may be called.
func (p *Process) CanTellOrders() bool { return p.can(proto.Orders) }

// CountWatcher is a ReadWatcher that also receives which web orders the field pending counts. Read, Find and Assemble ask for them if the
// connector tells them, and their watcher is one.
type CountWatcher interface {
	ReadWatcher
	// Counted receives numbers of orders. Its error ends the read.
	Counted(ids []string) error
}

// counting returns the watcher if it is to hear which orders are counted; else nil.
func (r *reading) counting() CountWatcher {
	if w, ok := r.watcher.(CountWatcher); ok && r.process.CanTellOrders() && r.asked.Index("pending") >= 0 {
		return w
	}
	return nil
}

// handleCounted takes numbers of orders that the field pending counts.
func (r *reading) handleCounted(ids []string) (gotOn bool, err error) {
	w := r.counting()
	if w == nil {
		return false, r.protocolError("the connector told which orders it counts, and nobody asked for that")
	}
	if r.counted += int64(len(ids)); r.counted > proto.MaxOrders {
		return false, r.protocolError(fmt.Sprintf("the connector counts more than %d orders", proto.MaxOrders))
	}
	for _, id := range ids {
		if err := weborder.CheckNumber(id); err != nil {
			return false, r.protocolError(r.process.safeText(fmt.Sprintf("the connector told an order that cannot be: %v", err)))
		}
	}
	return len(ids) > 0, w.Counted(ids)
}

// Orders reads the web orders that the field pending counts anew from the platform, and passes them to sink, each number once. Of people it
// tells what is wished for. It returns when they were so. An error means that orders may be missing. It is for connectors that tell orders:
// see CanTellOrders.
func (p *Process) Orders(ctx context.Context, wish weborder.Wish, w Watcher, sink func(weborder.Order) error) (readAt time.Time, err error) {
	o := &ordering{process: p, wish: wish, watcher: w, sink: sink, seen: map[string]bool{}, started: time.Now()}
	if !p.CanTellOrders() {
		return time.Time{}, &Failure{Label: p.label, Action: o.actionSoFar(), Text: "the connector cannot tell web orders"}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	o.patience = patience.Start(p.timeout, func() { cancel(errSilent) })
	defer o.patience.Stop()
	defer p.limitRead(cancel)()
	stream, err := p.calls.Orders(ctx, proto.FromWish(wish), shortAnswer)
	if err != nil {
		return time.Time{}, o.callError(ctx, err)
	}
	for {
		m, err := receive(o.patience, stream.Recv)
		if errors.Is(err, io.EOF) {
			return o.checkDone()
		}
		if err != nil {
			return time.Time{}, o.callError(ctx, err)
		}
		gotOn, err := o.handle(m)
		if err != nil {
			return time.Time{}, err
		}
		if gotOn {
			o.patience.Progress()
		}
	}
}

// ordering is the state of one call of Orders.
type ordering struct {
	process *Process
	wish    weborder.Wish
	watcher Watcher
	sink    func(weborder.Order) error
	started time.Time

	seen         map[string]bool // the orders that came
	lines        int64
	patience     *patience.Timer
	numbers      patience.Numbers // of the last progress
	lastText     string           // the last that the connector said it was doing
	withoutOrder int              // messages since the last order
	warnings     warnings
	done         *sourcev1.OrdersDone
}

// handle takes a message. It reports whether the connector has got on.
func (o *ordering) handle(m *sourcev1.OrdersResponse) (gotOn bool, err error) {
	if o.done != nil {
		return false, o.protocolError("the connector went on after it had said that it was done")
	}
	if o.withoutOrder++; o.withoutOrder > proto.MaxMessagesWithoutItem {
		return false, o.protocolError(fmt.Sprintf("the connector sent %d messages in a row without an order", proto.MaxMessagesWithoutItem))
	}
	switch m := m.GetMessage().(type) {
	case *sourcev1.OrdersResponse_Order:
		return true, o.take(m.Order)
	case *sourcev1.OrdersResponse_Progress:
		o.lastText = o.process.safeText(m.Progress.GetText())
		o.watcher.Progress(m.Progress.GetItems(), m.Progress.GetTotal(), o.lastText)
		return o.numbers.Moved(m.Progress), nil
	case *sourcev1.OrdersResponse_Waiting:
		var until time.Time
		until, o.lastText = o.process.waiting(m.Waiting, o.patience)
		o.watcher.Waiting(until, o.lastText)
	case *sourcev1.OrdersResponse_Warning:
		o.warnings.pass(o.watcher, o.process.safeText(m.Warning.GetText()))
	case *sourcev1.OrdersResponse_Done:
		o.done = m.Done
	default: // it may be about an order
		return false, o.protocolError("the connector sent a message that this version of reconcile does not know")
	}
	return false, nil
}

func (o *ordering) take(m *sourcev1.Order) error {
	order, err := proto.ToOrder(m)
	switch {
	case err != nil:
		return o.protocolError(o.process.safeText(fmt.Sprintf("the connector told an order that cannot be: %v", err)))
	case o.seen[order.ID]:
		return o.protocolError(fmt.Sprintf("the connector told order %s twice", o.process.safeText(order.ID)))
	}
	o.seen[order.ID], o.withoutOrder = true, 0
	if o.lines += int64(len(order.Lines)); len(o.seen) > proto.MaxOrders || o.lines > proto.MaxOrders {
		return o.protocolError(fmt.Sprintf("the connector told more than %d orders, or lines of orders", proto.MaxOrders))
	}
	return o.sink(order.Only(o.wish))
}

func (o *ordering) checkDone() (time.Time, error) {
	o.warnings.passCount(o.watcher)
	switch {
	case o.done == nil:
		return time.Time{}, o.protocolError("the connector stopped sending without saying that it was done")
	case o.done.GetOrders() != int64(len(o.seen)) || o.done.GetLines() != o.lines:
		return time.Time{}, o.protocolError(fmt.Sprintf("the connector says that it told %d orders with %d lines, but %d with %d arrived", o.done.GetOrders(), o.done.GetLines(), len(o.seen), o.lines))
	}
	if at := o.done.GetReadAt(); at.IsValid() && at.AsTime().Before(o.started) {
		return at.AsTime(), nil
	}
	return o.started, nil
}

func (o *ordering) actionSoFar() string {
	return fmt.Sprintf("tell its orders (after %d)", len(o.seen))
}

func (o *ordering) protocolError(text string) error {
	return &Failure{Label: o.process.label, Action: o.actionSoFar(), Text: text, Fault: Connector}
}

func (o *ordering) callError(ctx context.Context, err error) error {
	return o.process.streamError(ctx, o.actionSoFar(), o.lastText, o.patience, err)
}
