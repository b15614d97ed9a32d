package sdk

import (
	"context"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/weborder"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// The words in which web orders are told.
type (
	// Order is a web order. An amount is nil if it is not known.
	Order = weborder.Order
	// OrderLine is a line of an order.
	OrderLine = weborder.Line
	// Customer is who has ordered.
	Customer = weborder.Customer
	// Address is where a line of an order goes.
	Address = weborder.Address
)

// OrderReader is a source that can tell the web orders that the point of sale has not imported yet. Its reads offer the field pending, and
// tell with ReadRequest.Counted which orders that counts.
type OrderReader interface {
	// Orders calls emit for each order whose units pending counts, by the same code as a read and asked of the platform anew. If emit
	// returns an error, Orders returns it. An error of Orders means that an order may be missing: then nothing is written. Orders returns
	// promptly when ctx is done.
	Orders(ctx context.Context, req OrdersRequest, emit func(Order) error) error
}

// OrdersRequest says what is told of people beside the orders themselves. The SDK drops what is not asked for.
type OrdersRequest struct {
	ReadRequest // Fields is empty; Log, Warn, Progress and Waiting are as in a read
	weborder.Wish
}

// ReadOrderNumbers reads a file of orders' numbers, as a setting that is tagged ,imported names one, and calls take for each, with the line that
// it is in.
func ReadOrderNumbers(text []byte, take func(line int, number string) error) error {
	return weborder.ReadNumbers(text, take)
}

// Counted reports the numbers of web orders whose units are in the field pending, each once. Where nobody asks for them, nothing is done.
func (r ReadRequest) Counted(ids ...string) { r.counted.add(ids) }

// CountedOrders returns the numbers that were reported with Counted, for tests of a connector.
func (r ReadRequest) CountedOrders() []string { return r.counted.waiting }

// countedOrders collects the numbers of orders, and sends them to the host.
type countedOrders struct {
	asked bool
	send  func(ids []string) // nil: keep all of them in waiting

	mu      sync.Mutex
	waiting []string
	told    int64
}

// maxNumbers is how many numbers of orders are sent in a message.
const maxNumbers = 10_000

func (c *countedOrders) add(ids []string) {
	if c == nil || !c.asked {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		c.waiting = append(c.waiting, id)
		c.told++
		if len(c.waiting) == maxNumbers {
			c.sendWaiting()
		}
	}
}

// sendWaiting sends the numbers that wait. The caller holds the lock.
func (c *countedOrders) sendWaiting() {
	if c.send != nil && len(c.waiting) > 0 {
		c.send(c.waiting)
		c.waiting = nil
	}
}

// finish sends the remaining numbers, and returns how many there were.
func (c *countedOrders) finish() (told int64) {
	if c == nil {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sendWaiting()
	return c.told
}

// OrdersAll calls a source's Orders, and passes on each order with texts as items have them, and without what was not asked for. It fails if
// one comes twice, or cannot be (see weborder.Order.Check).
func OrdersAll(ctx context.Context, source OrderReader, req OrdersRequest, emit func(Order) error) error {
	seen := map[string]bool{}
	return source.Orders(ctx, req, func(o Order) error {
		o = normalOrder(o.Only(req.Wish))
		err := o.Check()
		if err == nil && seen[o.ID] {
			err = fmt.Errorf("order %s comes twice", o.ID)
		}
		if err != nil {
			return misuse("Orders: %w", err)
		}
		seen[o.ID] = true
		return emit(o)
	})
}

// normalOrder returns an order with its texts as items have them.
func normalOrder(o Order) Order {
	n := catalog.NormalText
	o.ID, o.Status, o.Note, o.CustomerNote = n(o.ID), n(o.Status), n(o.Note), n(o.CustomerNote)
	o.Customer = Customer{Name: n(o.Customer.Name), Email: n(o.Customer.Email), Phone: n(o.Customer.Phone)}
	lines := make([]OrderLine, len(o.Lines))
	for i, l := range o.Lines {
		l.SKU, l.Name = n(l.SKU), n(l.Name)
		a := l.Address
		l.Address = Address{Name: n(a.Name), Company: n(a.Company), Street: n(a.Street), City: n(a.City), State: n(a.State), Zip: n(a.Zip), Country: n(a.Country)}
		lines[i] = l
	}
	o.Lines = lines
	return o
}

func (s *server) Orders(req *sourcev1.OrdersRequest, stream sourcev1.Source_OrdersServer) (err error) {
	defer s.recovered(&err)
	source, err := s.configured()
	if err != nil {
		return err
	}
	reader, ok := source.(OrderReader)
	if !ok {
		return status.Error(codes.Unimplemented, "the connector cannot tell web orders")
	}
	ctx := s.told(stream.Context())
	out := &changeStream[*sourcev1.OrdersResponse]{send: stream.Send, wrap: ordersMessage}
	done := &sourcev1.OrdersDone{ReadAt: timestamppb.New(time.Now())}
	err = OrdersAll(ctx, reader, OrdersRequest{ReadRequest: out.request(s.log), Wish: proto.ToWish(req)}, func(o Order) error {
		done.Orders++
		done.Lines += int64(len(o.Lines))
		return out.message(&sourcev1.OrdersResponse{Message: &sourcev1.OrdersResponse_Order{Order: proto.FromOrder(o)}})
	})
	if err != nil {
		return toStatus(ctx, err)
	}
	return out.message(&sourcev1.OrdersResponse{Message: &sourcev1.OrdersResponse_Done{Done: done}})
}

func ordersMessage(said any) *sourcev1.OrdersResponse {
	switch said := said.(type) {
	case *sourcev1.Progress:
		return &sourcev1.OrdersResponse{Message: &sourcev1.OrdersResponse_Progress{Progress: said}}
	case *sourcev1.Warning:
		return &sourcev1.OrdersResponse{Message: &sourcev1.OrdersResponse_Warning{Warning: said}}
	}
	return &sourcev1.OrdersResponse{Message: &sourcev1.OrdersResponse_Waiting{Waiting: said.(*sourcev1.Waiting)}}
}
