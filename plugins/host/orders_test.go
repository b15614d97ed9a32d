package host

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/weborder"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// orderly is a hostile connector that tells orders, and reads.
type orderly struct {
	hostile
	orders []*sourcev1.OrdersResponse
	reads  []*sourcev1.ReadResponse
}

func (h *orderly) Orders(_ *sourcev1.OrdersRequest, stream sourcev1.Source_OrdersServer) error {
	for _, m := range h.orders {
		if err := stream.Send(m); err != nil {
			return err
		}
	}
	return nil
}

func (h *orderly) Read(_ *sourcev1.ReadRequest, stream sourcev1.Source_ReadServer) error {
	for _, m := range h.reads {
		if err := stream.Send(m); err != nil {
			return err
		}
	}
	return nil
}

func orderMessage(id string, change func(*sourcev1.Order)) *sourcev1.OrdersResponse {
	o := &sourcev1.Order{Id: id, PlacedAt: timestamppb.Now(), Customer: &sourcev1.Customer{Name: "Anna"}, Lines: []*sourcev1.OrderLine{{Sku: "A", Quantity: "1"}}}
	if change != nil {
		change(o)
	}
	return &sourcev1.OrdersResponse{Message: &sourcev1.OrdersResponse_Order{Order: o}}
}

// TestHostileOrders: orders that cannot be, and counts that are wrong, fail the call.
func TestHostileOrders(t *testing.T) {
	done := func(orders, lines int64) *sourcev1.OrdersResponse {
		return &sourcev1.OrdersResponse{Message: &sourcev1.OrdersResponse_Done{Done: &sourcev1.OrdersDone{Orders: orders, Lines: lines, ReadAt: timestamppb.New(time.Now().Add(time.Hour))}}}
	}
	for _, c := range []struct {
		name string
		send []*sourcev1.OrdersResponse
		want string // "": all is well
	}{
		{"well", []*sourcev1.OrdersResponse{orderMessage("1", nil), orderMessage("2", nil), done(2, 2)}, ""},
		{"none", []*sourcev1.OrdersResponse{done(0, 0)}, ""},
		{"twice", []*sourcev1.OrdersResponse{orderMessage("1", nil), orderMessage("1", nil), done(2, 2)}, "order 1 twice"},
		{"no end", []*sourcev1.OrdersResponse{orderMessage("1", nil)}, "without saying that it was done"},
		{"more after the end", []*sourcev1.OrdersResponse{done(0, 0), orderMessage("1", nil)}, "went on after"},
		{"another count", []*sourcev1.OrdersResponse{orderMessage("1", nil), done(2, 1)}, "told 2 orders with 1 lines, but 1 with 1 arrived"},
		{"another count of lines", []*sourcev1.OrdersResponse{orderMessage("1", nil), done(1, 2)}, "told 1 orders with 2 lines"},
		{"no message", []*sourcev1.OrdersResponse{{}, done(0, 0)}, "does not know"},
		{"a line end in a number", []*sourcev1.OrdersResponse{orderMessage("1\n2", nil), done(1, 1)}, "cannot be the number of an order"},
		{"no quantity", []*sourcev1.OrdersResponse{orderMessage("1", func(o *sourcev1.Order) { o.Lines[0].Quantity = "" }), done(1, 1)}, "no quantity"},
		{"no number", []*sourcev1.OrdersResponse{orderMessage("1", func(o *sourcev1.Order) { o.Lines[0].PriceExTax = "1,5" }), done(1, 1)}, "1,5"},
		{"less than nothing", []*sourcev1.OrdersResponse{orderMessage("1", func(o *sourcev1.Order) { o.Lines[0].Quantity = "-1" }), done(1, 1)}, "less than nothing"},
		{"no date", []*sourcev1.OrdersResponse{orderMessage("1", func(o *sourcev1.Order) { o.PlacedAt = nil }), done(1, 1)}, "no date"},
	} {
		h := &orderly{orders: c.send}
		p := talkTo(t, h, proto.Orders)
		at, err := p.Orders(t.Context(), weborder.Wish{}, nobodyWatches{}, func(o weborder.Order) error {
			if o.Customer.Name != "" {
				t.Errorf("%s: it is told who has ordered, and nobody asked", c.name)
			}
			return nil
		})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if err == nil && at.After(time.Now()) {
			t.Errorf("%s: the orders are of %s", c.name, at)
		}
	}
}

// counter hears which orders are counted.
type counter struct {
	nobodyWatches
	ids []string
}

func (c *counter) Counted(ids []string) error {
	c.ids = append(c.ids, ids...)
	return nil
}

// TestHostileCounted: which orders a read counts is told in full, or the read fails; and only where it was asked for.
func TestHostileCounted(t *testing.T) {
	told := &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Counted{Counted: &sourcev1.Counted{Orders: []string{"1", "2"}}}}
	done := func(n int64) *sourcev1.ReadResponse {
		return &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Done{Done: &sourcev1.Done{Counted: n}}}
	}
	pending := catalog.MustSchema(catalog.Field{Name: "pending", Type: catalog.Number})
	for _, c := range []struct {
		name  string
		watch ReadWatcher
		send  []*sourcev1.ReadResponse
		want  string
	}{
		{"well", &counter{}, []*sourcev1.ReadResponse{told, done(2)}, ""},
		{"another count", &counter{}, []*sourcev1.ReadResponse{told, done(3)}, "the numbers of 3 orders, but 2 arrived"},
		{"not asked for", nobodyWatches{}, []*sourcev1.ReadResponse{told, done(2)}, "nobody asked"},
		{"no number", &counter{}, []*sourcev1.ReadResponse{{Message: &sourcev1.ReadResponse_Counted{Counted: &sourcev1.Counted{Orders: []string{""}}}}, done(1)}, "no number"},
	} {
		h := &orderly{reads: c.send}
		_, err := talkTo(t, h, proto.Orders).Read(t.Context(), pending, c.watch, func(*catalog.Batch) error { return nil })
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// nobodyWatches is a watcher that looks away.
type nobodyWatches struct{}

func (nobodyWatches) Progress(int64, int64, string)         {}
func (nobodyWatches) Warning(string)                        {}
func (nobodyWatches) Notice(string)                         {}
func (nobodyWatches) Waiting(time.Time, string)             {}
func (nobodyWatches) Unreadable([]catalog.Unreadable) error { return nil }
