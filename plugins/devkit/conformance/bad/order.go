package bad

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// orders begins the names of the ways of connectors that tell web orders.
const orders = "orders-"

// OrderWays returns the ways of connectors that tell web orders. The first does not misbehave.
func OrderWays() []Way {
	return []Way{
		{"orders-well", "does nothing wrong", "", ""},
		{"orders-without-pending", "tells orders, and has no field pending", "11.1", ""},
		{"orders-and-miscounts", "counts one order more than it tells", "11.2", ""},
		{"orders-and-forgets", "tells fewer orders than pending counts", "11.3", ""},
		{"orders-twice", "tells an order twice", "11.3", ""},
		{"orders-in-silence", "stops telling orders without saying that it is done", "11.3", ""},
		{"orders-and-gossips", "tells who has ordered, and nobody asked", "11.4", ""},
	}
}

// orderer is a connector with an item of which units are on two orders.
type orderer struct{ *server }

func (o *orderer) does(way string) bool { return o.way == orders+way }

func (o *orderer) Describe(ctx context.Context, req *sourcev1.DescribeRequest) (*sourcev1.DescribeResponse, error) {
	m, err := o.server.Describe(ctx, req)
	if err == nil {
		m.Capabilities = []string{proto.Orders}
	}
	return m, err
}

func (o *orderer) Schema(context.Context, *sourcev1.SchemaRequest) (*sourcev1.SchemaResponse, error) {
	if _, err := o.settings(); err != nil {
		return nil, err
	}
	fields := []catalog.Field{{Name: "sku", Type: catalog.String}, {Name: "pending", Type: catalog.Number}}
	if o.does("without-pending") {
		fields = fields[:1]
	}
	return &sourcev1.SchemaResponse{Fields: proto.FromSchema(catalog.MustSchema(fields...))}, nil
}

func (o *orderer) Read(req *sourcev1.ReadRequest, stream sourcev1.Source_ReadServer) error {
	if _, err := o.settings(); err != nil {
		return err
	}
	asked, err := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "pending", Type: catalog.Number}).Select(req.GetFields())
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	b := catalog.NewBuilder(asked)
	for i := range asked.Len() {
		if asked.Field(i).Name == "sku" {
			b.SetString(i, "A-0")
		} else {
			b.SetNumber(i, catalog.Int(3))
		}
	}
	b.End()
	data, err := proto.EncodeBatch(b.Batch())
	if err != nil {
		return err
	}
	if err := stream.Send(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{Arrow: data}}}); err != nil {
		return err
	}
	done := &sourcev1.Done{Items: 1}
	if req.GetCounted() {
		if done.Counted = 2; o.does("and-miscounts") {
			done.Counted++
		}
		m := &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Counted{Counted: &sourcev1.Counted{Orders: []string{"1001", "1002"}}}}
		if err := stream.Send(m); err != nil {
			return err
		}
	}
	return stream.Send(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Done{Done: done}})
}

func (o *orderer) Orders(_ *sourcev1.OrdersRequest, stream sourcev1.Source_OrdersServer) error {
	ids := []string{"1001", "1002"}
	switch {
	case o.does("and-forgets"):
		ids = ids[1:]
	case o.does("twice"):
		ids = append(ids, "1001")
	}
	for _, id := range ids {
		m := &sourcev1.Order{Id: id, PlacedAt: timestamppb.Now(), Lines: []*sourcev1.OrderLine{{Sku: "A-0", Quantity: "1"}}}
		if o.does("and-gossips") {
			m.Customer = &sourcev1.Customer{Name: "Anna"}
		}
		if err := stream.Send(&sourcev1.OrdersResponse{Message: &sourcev1.OrdersResponse_Order{Order: m}}); err != nil {
			return err
		}
	}
	if o.does("in-silence") {
		return nil
	}
	return stream.Send(&sourcev1.OrdersResponse{Message: &sourcev1.OrdersResponse_Done{Done: &sourcev1.OrdersDone{Orders: int64(len(ids)), Lines: int64(len(ids))}}})
}
