package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"
	plugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// badConnector is a connector that misbehaves as its argument says. It speaks the protocol without the SDK, which would
// not let it.
type badConnector struct {
	sourcev1.UnimplementedSourceServer
	how string
}

func serveBadConnector() {
	how := os.Args[1]
	if how == "panics-at-start" {
		panic("no configuration of mine in sight")
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: proto.Handshake,
		Plugins:         plugin.PluginSet{proto.PluginName: badPlugin{server: &badConnector{how: how}}},
		GRPCServer:      plugin.DefaultGRPCServer,
		Logger:          hclog.NewNullLogger(),
	})
}

type badPlugin struct {
	plugin.NetRPCUnsupportedPlugin
	server *badConnector
}

func (p badPlugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	sourcev1.RegisterSourceServer(s, p.server)
	return nil
}

func (badPlugin) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, fmt.Errorf("a server only")
}

func (b *badConnector) Describe(context.Context, *sourcev1.DescribeRequest) (*sourcev1.DescribeResponse, error) {
	return &sourcev1.DescribeResponse{Connector: "bad", Version: "0", Settings: &sourcev1.Settings{
		Attributes: []*sourcev1.Attribute{{Name: "token", Type: "string", Sensitive: true}},
	}}, nil
}

func (b *badConnector) Configure(context.Context, *sourcev1.ConfigureRequest) (*sourcev1.ConfigureResponse, error) {
	if b.how == "tells-its-secret" {
		return &sourcev1.ConfigureResponse{Problems: []*sourcev1.Problem{{Path: []string{"token"}, Summary: "the token tr0ub4dor&3 is no good"}}}, nil
	}
	return &sourcev1.ConfigureResponse{}, nil
}

var badSchema = catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "name", Type: catalog.String})

func (b *badConnector) Schema(context.Context, *sourcev1.SchemaRequest) (*sourcev1.SchemaResponse, error) {
	return &sourcev1.SchemaResponse{Fields: proto.FromSchema(badSchema)}, nil
}

func (b *badConnector) Read(_ *sourcev1.ReadRequest, stream sourcev1.Source_ReadServer) error {
	const items = 3
	builder := catalog.NewBuilder(badSchema)
	for i := range items {
		builder.SetString(0, fmt.Sprintf("A-%d", i))
		builder.SetString(1, "Bell")
		builder.End()
	}
	data, err := proto.EncodeBatch(builder.Batch())
	if err != nil {
		return err
	}
	if b.how == "damaged" {
		data = data[:len(data)/2]
	}
	if err := stream.Send(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{Arrow: data}}}); err != nil {
		return err
	}
	done := &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Done{Done: &sourcev1.Done{Items: items}}}
	switch b.how {
	case "dies":
		fmt.Fprintln(os.Stderr, "out of paper, token tr0ub4dor&3")
		time.Sleep(50 * time.Millisecond) // let the batch arrive: the death is to come in the middle
		os.Exit(7)
	case "wrong-count":
		done.GetDone().Items = items + 1
	case "no-done":
		return nil
	case "goes-on":
		if err := stream.Send(done); err != nil {
			return err
		}
	case "silent":
		<-stream.Context().Done()
		return stream.Context().Err()
	}
	return stream.Send(done)
}
