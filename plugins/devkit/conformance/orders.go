package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/weborder"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// checkOrders holds the web orders that a connector tells against those that its field pending counts.
func (s *suite) checkOrders(ctx context.Context, c *readSource) {
	if !s.can(proto.Orders) {
		s.skipAll("11.", "the connector has no capability orders")
		return
	}
	s.log("asking for web orders")
	defer s.skipAll("11.", "there was nothing to hold it against")
	asked, err := c.schema.Select([]string{"pending"})
	if err != nil {
		s.fail("11.1", "there is no field pending")
		return
	}
	s.checkImportedSetting()
	p := s.startConfigured(ctx, c.configuration)
	if p == nil {
		return
	}
	defer p.close()
	counted, ok := s.countedOrders(ctx, p, asked)
	if !ok {
		return
	}
	told, err := p.orders(ctx, weborder.Wish{})
	var wrong *changeError
	switch {
	case errors.As(err, &wrong):
		s.fail(wrong.number, "%s", wrong.text)
	case err != nil && len(counted) == 0:
		s.skip("11.3", "nothing is counted, and Orders says: %s", messageOf(err))
	case err != nil:
		s.fail("11.3", "Orders ends with an error: %s%s", messageOf(err), p.lastWords())
	default:
		s.compareOrders(counted, told)
	}
}

// checkImportedSetting checks the setting that names the file of imported orders, if there is one.
func (s *suite) checkImportedSetting() {
	var names []string
	for _, a := range s.settings.Attributes {
		if !a.Imported {
			continue
		}
		if names = append(names, a.Name); a.Type != catalog.SettingString || !a.Path {
			s.fail("11.1", "the setting %q has imported, and is not a text that names a file", a.Name)
		}
	}
	if len(names) > 1 {
		s.fail("11.1", "several settings have imported: %s", strings.Join(names, ", "))
	}
	if !s.failed("11.1") {
		s.pass("11.1", "")
	}
}

// countedOrders asks a read which orders it counts. It reports false if the read failed.
func (s *suite) countedOrders(ctx context.Context, p *peer, asked *catalog.Schema) (ids []string, ok bool) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &reading{asked: asked, counts: true}
	stream, err := p.calls.Read(ctx, &sourcev1.ReadRequest{Fields: asked.Names(), Counted: true})
	if err != nil {
		s.fail("11.2", "Read answers with an error: %s", messageOf(err))
		return nil, false
	}
	s.follow(ctx, cancel, p, stream, r, discarded{})
	if r.number != "" {
		s.fail(r.number, "%s", r.fault)
		return nil, false
	}
	seen := map[string]bool{}
	for _, id := range r.counted {
		if err := weborder.CheckNumber(id); err != nil {
			s.fail("11.2", "%s", printable(err.Error()))
		} else if seen[id] {
			s.fail("11.2", "order %s is counted twice", printable(id))
		}
		seen[id] = true
	}
	if s.failed("11.2") {
		return nil, false
	}
	s.pass("11.2", "%d orders", len(r.counted))
	return r.counted, true
}

// discarded receives batches of which nothing is wanted.
type discarded struct{}

func (discarded) batch(*catalog.Batch, []byte) error { return nil }

// orders asks for all orders. An order that cannot be, or a wrong end, is a changeError.
func (p *peer) orders(ctx context.Context, wish weborder.Wish) (list []*sourcev1.Order, err error) {
	ctx, cancel := p.call(ctx)
	defer cancel()
	stream, err := p.calls.Orders(ctx, proto.FromWish(wish))
	if err != nil {
		return nil, err
	}
	wrong := func(format string, args ...any) error { return &changeError{"11.3", fmt.Sprintf(format, args...)} }
	var done *sourcev1.OrdersDone
	lines := int64(0)
	for {
		m, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF) && done == nil:
			return nil, wrong("Orders ends without OrdersDone")
		case errors.Is(err, io.EOF) && (done.GetOrders() != int64(len(list)) || done.GetLines() != lines):
			return nil, wrong("%d orders with %d lines came, and OrdersDone says %d with %d", len(list), lines, done.GetOrders(), done.GetLines())
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, err
		case done != nil:
			return nil, wrong("something was sent after OrdersDone")
		}
		p.texts.addLine(m.GetWarning().GetText() + m.GetProgress().GetText())
		if done = m.GetDone(); m.GetOrder() == nil {
			continue
		}
		if _, err := proto.ToOrder(m.GetOrder()); err != nil {
			return nil, wrong("%s", printable(err.Error()))
		}
		list = append(list, m.GetOrder())
		lines += int64(len(m.GetOrder().GetLines()))
	}
}

// compareOrders holds the orders that were told against those that are counted.
func (s *suite) compareOrders(counted []string, told []*sourcev1.Order) {
	open := map[string]bool{}
	for _, id := range counted {
		open[id] = true
	}
	for _, o := range told {
		if !open[o.GetId()] {
			s.fail("11.3", "order %s is told, and pending does not count it, or it came twice", printable(o.GetId()))
		}
		delete(open, o.GetId())
		people := o.GetCustomer() != nil || o.GetCustomerNote() != ""
		if people || slices.ContainsFunc(o.GetLines(), func(l *sourcev1.OrderLine) bool { return l.GetAddress() != nil }) {
			s.fail("11.4", "order %s comes with what nobody asked for", printable(o.GetId()))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(open)) {
		s.fail("11.3", "pending counts order %s, and Orders does not tell it", printable(id))
	}
	if !s.failed("11.3") {
		s.pass("11.3", "%d orders", len(told))
	}
	switch {
	case s.failed("11.4"):
	case len(told) == 0:
		s.skip("11.4", "there was no order")
	default:
		s.pass("11.4", "")
	}
}
