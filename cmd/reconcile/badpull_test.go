package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/go-hclog"
	plugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// badPuller is a connector that misbehaves, as its argument says, where a Local Copy is kept of it.
type badPuller struct {
	sourcev1.UnimplementedSourceServer
	how string
}

var pulledSchema = catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "name", Type: catalog.String})

func serveBadPuller() {
	secret, err := proto.ReceiveSecret()
	if err != nil {
		panic(err)
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: proto.Handshake,
		Plugins:         plugin.PluginSet{proto.PluginName: badPullerPlugin{server: &badPuller{how: os.Args[1]}}},
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(opts, secret.Demand())...)
		},
		Logger: hclog.NewNullLogger(),
	})
}

type badPullerPlugin struct {
	plugin.NetRPCUnsupportedPlugin
	server *badPuller
}

func (p badPullerPlugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	sourcev1.RegisterSourceServer(s, p.server)
	return nil
}

func (badPullerPlugin) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, fmt.Errorf("a server only")
}

func (b *badPuller) Describe(context.Context, *sourcev1.DescribeRequest) (*sourcev1.DescribeResponse, error) {
	res := &sourcev1.DescribeResponse{Connector: "bad", Version: "0", Settings: &sourcev1.Settings{},
		Capabilities: []string{proto.Incremental}, RecordKinds: []string{"price", "product"}, CopyVersion: 1}
	switch b.how {
	case "no-kinds":
		res.RecordKinds = nil
	case "a-kind-twice":
		res.RecordKinds = []string{"product", "product"}
	}
	return res, nil
}

func (b *badPuller) Configure(context.Context, *sourcev1.ConfigureRequest) (*sourcev1.ConfigureResponse, error) {
	return &sourcev1.ConfigureResponse{}, nil
}

func (b *badPuller) Schema(context.Context, *sourcev1.SchemaRequest) (*sourcev1.SchemaResponse, error) {
	return &sourcev1.SchemaResponse{Fields: proto.FromSchema(pulledSchema)}, nil
}

func (b *badPuller) Pull(stream sourcev1.Source_PullServer) error {
	if _, err := stream.Recv(); err != nil {
		return err
	}
	put := &sourcev1.Records{Kind: "product", Records: []*sourcev1.Record{{Key: "A-0", Value: []byte("Bell")}, {Key: "A-1", Value: []byte("Horn")}}}
	done := &sourcev1.PullDone{Cursor: []byte("1"), Puts: 2}
	var before, after []*sourcev1.PullResponse
	switch b.how {
	case "unknown-kind":
		put.Kind = "Product"
	case "empty-key":
		put.Records[1].Key = ""
	case "wrong-puts":
		done.Puts = 3
	case "wrong-deletes":
		done.Deletes = 1
	case "wrong-expected":
		done.Expected = map[string]int64{"product": 3}
	case "expects-unknown-kind":
		done.Expected = map[string]int64{"products": 2}
	case "deletes-unknown-kind":
		before = append(before, &sourcev1.PullResponse{Message: &sourcev1.PullResponse_Delete{Delete: &sourcev1.Delete{Kind: "x", Keys: []string{"a"}}}})
	case "completes-unknown-kind":
		before = append(before, &sourcev1.PullResponse{Message: &sourcev1.PullResponse_Complete{Complete: &sourcev1.Complete{Kind: "x"}}})
	case "empty-checkpoint":
		before = append(before, &sourcev1.PullResponse{Message: &sourcev1.PullResponse_Checkpoint{Checkpoint: &sourcev1.Checkpoint{}}})
	case "unknown-message":
		before = append(before, &sourcev1.PullResponse{})
	case "needs-full-again":
		before = append(before, &sourcev1.PullResponse{Message: &sourcev1.PullResponse_NeedFull{NeedFull: &sourcev1.NeedFull{Reason: "of a whim"}}})
	case "goes-on":
		after = append(after, &sourcev1.PullResponse{Message: &sourcev1.PullResponse_Put{Put: put}})
	case "says-done-twice":
		after = append(after, &sourcev1.PullResponse{Message: &sourcev1.PullResponse_Done{Done: done}})
	}
	messages := append(before, &sourcev1.PullResponse{Message: &sourcev1.PullResponse_Put{Put: put}})
	if b.how == "needs-full-again" {
		messages = before
	} else if b.how != "no-done" {
		messages = append(messages, &sourcev1.PullResponse{Message: &sourcev1.PullResponse_Done{Done: done}})
	}
	for _, m := range append(messages, after...) {
		if err := stream.Send(m); err != nil {
			return err
		}
	}
	if b.how == "dies-when-done" {
		os.Exit(7)
	}
	return nil
}

func (b *badPuller) Assemble(stream sourcev1.Source_AssembleServer) error {
	builder := catalog.NewBuilder(pulledSchema)
	received := int64(0)
	for items := int64(0); ; {
		m, err := stream.Recv()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if m.GetRecords() != nil && b.how == "assembles-half" {
			break // of the records it has seen none
		}
		for _, r := range m.GetRecords().GetRecords() {
			builder.SetString(0, r.GetKey())
			builder.SetString(1, string(r.GetValue()))
			builder.End()
			received++
			items++
		}
		if err == nil {
			continue
		}
		data, err := proto.EncodeBatch(builder.Batch())
		if err != nil {
			return err
		}
		if err := stream.Send(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{Arrow: data}}}); err != nil {
			return err
		}
		if b.how == "assembles-without-done" {
			return nil
		}
		switch b.how {
		case "assembles-another-count":
			items++
		case "assembles-of-other-records":
			received--
		}
		return stream.Send(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Done{Done: &sourcev1.Done{Items: items, Records: received}}})
	}
	return stream.Send(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Done{Done: &sourcev1.Done{}}})
}
