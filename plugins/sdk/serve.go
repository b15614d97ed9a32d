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

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// Serve runs the connector until the host no longer needs it, and then exits. It is the only line of a connector's main
// function. In a program that a person starts, not the host, Serve prints that to stderr and exits with status 1. With the
// argument -debug it waits instead for hosts to attach, prints how, and runs until it is interrupted.
func Serve(c Connector) {
	if startedForDebugging() {
		if err := serveDebug(c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	secret := receiveSecret()
	places := proto.InheritMemory()
	shareProcessors()
	fault.Go(exitWithHost)
	ballast := make([]byte, ballastBytes)
	s := newServer(c)
	s.confines, s.places = true, places
	plugin.Serve(serveConfig(s, secret))
	runtime.KeepAlive(ballast)
	os.Exit(0)
}

// receiveSecret reads the secret of this process. Where a person started it there is none, and go-plugin will say so.
func receiveSecret() proto.Secret {
	if !startedByHost() {
		return proto.Secret{}
	}
	secret, err := proto.ReceiveSecret()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return secret
}

func startedByHost() bool {
	return os.Getenv(proto.Handshake.MagicCookieKey) == proto.Handshake.MagicCookieValue
}

// shareProcessors limits this program to half of the processors. The host and the connector of the other side run at the
// same time, and too many threads would only take turns. If GOMAXPROCS is set in the environment, it counts instead.
func shareProcessors() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)/2))
	}
}

// ballastBytes is the size of memory that is allocated but never used. It makes the heap look larger, so that the garbage
// collector runs less often: without it, a connector that holds little memory would collect after every few batches. The
// system gives no real memory to pages that nobody uses.
const ballastBytes = 12 << 20

// writeBuffer is the size of the connection's write buffer, in bytes.
const writeBuffer = 128 << 10

func serveConfig(s *server, secret proto.Secret) *plugin.ServeConfig {
	return &plugin.ServeConfig{
		HandshakeConfig: proto.Handshake,
		Plugins:         plugin.PluginSet{proto.PluginName: &grpcPlugin{server: s}},
		Logger:          hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr, JSONFormat: true}),
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(opts, secret.Demand(),
				grpc.ForceServerCodecV2(proto.Codec()), grpc.WriteBufferSize(writeBuffer),
				grpc.MaxRecvMsgSize(proto.MaxMessage), grpc.MaxSendMsgSize(proto.MaxMessage),
				grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
			)...)
		},
	}
}

// exitWithHost ends the process when the host has ended, in whatever way.
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

// grpcPlugin is what go-plugin asks for to make a server.
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
