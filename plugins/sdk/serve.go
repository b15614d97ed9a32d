package sdk

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/hashicorp/go-hclog"
	plugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// Serve runs the connector until the host is done with it. It is the only line of a connector's main function and does
// not return in a process that the host started; started by hand, it says so on stderr and exits with status 1. Started
// by hand with the argument -debug, it waits for hosts that attach to it as it says, until it is interrupted.
func Serve(c Connector) {
	if debugging() {
		if err := serveDebug(c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	shareProcessors()
	go exitWithHost()
	ballast := make([]byte, ballastBytes)
	plugin.Serve(serveConfig(newServer(c)))
	runtime.KeepAlive(ballast)
	os.Exit(0)
}

// shareProcessors leaves half of the processors to the host and to the connector of the other side, which work at the same
// time: all would wake threads that find nothing to do, and take turns. GOMAXPROCS in the environment goes before.
func shareProcessors() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)/2))
	}
}

// ballastBytes is memory that is never touched, and so is none: it counts in the collector's eyes only. A connector that
// passes its items on holds next to nothing, and its garbage would be collected after every few batches.
const ballastBytes = 12 << 20

// writeBuffer is how much is handed to the connection at a time.
const writeBuffer = 128 << 10

func serveConfig(s *server) *plugin.ServeConfig {
	return &plugin.ServeConfig{
		HandshakeConfig: proto.Handshake,
		Plugins:         plugin.PluginSet{proto.PluginName: &grpcPlugin{server: s}},
		Logger:          hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr, JSONFormat: true}),
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(opts,
				grpc.ForceServerCodecV2(proto.Codec()), grpc.WriteBufferSize(writeBuffer),
				grpc.MaxRecvMsgSize(proto.MaxMessage), grpc.MaxSendMsgSize(proto.MaxMessage),
				grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
			)...)
		},
	}
}

// exitWithHost ends the process when the host is gone, however it went.
func exitWithHost() {
	if fd, err := strconv.Atoi(os.Getenv(proto.LifelineEnv)); err == nil {
		lifeline := os.NewFile(uintptr(fd), "lifeline")
		_, _ = io.Copy(io.Discard, lifeline) // ends when the last writer, the host, is gone
		os.Exit(0)
	}
	if pid, err := strconv.Atoi(os.Getenv(proto.ParentEnv)); err == nil {
		waitForExit(pid)
		os.Exit(0)
	}
}

// grpcPlugin is go-plugin's view of a connector: the server side only.
type grpcPlugin struct {
	plugin.NetRPCUnsupportedPlugin
	server sourcev1.SourceServer
}

func (p *grpcPlugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	sourcev1.RegisterSourceServer(s, p.server)
	return nil
}

func (p *grpcPlugin) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errServerOnly
}
