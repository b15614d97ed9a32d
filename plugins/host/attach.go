package host

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// debugTimeout bounds the calls to a program that is being debugged: somebody may be thinking.
const debugTimeout = 24 * time.Hour

// Attach speaks to a connector that somebody else has started, in a debugger say, and asks it what it is. Its address is
// unix:PATH, or tcp:HOST:PORT on this computer. Close lets go of the connector and leaves it running. No call has a time
// limit that a person at a debugger would meet.
func Attach(ctx context.Context, address string, opts Options) (*Process, error) {
	target, err := target(address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", opts.Label, err)
	}
	p := newConnection(opts, debugTimeout)
	p.conn, err = grpc.NewClient(target, append(dialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		return nil, fmt.Errorf("%s: attach to %s: %w", p.label, address, err)
	}
	p.calls = sourcev1.NewSourceClient(p.conn)
	if err := p.describe(ctx, opts.Version); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// target returns an address as gRPC writes it.
func target(address string) (string, error) {
	network, at, ok := strings.Cut(address, ":")
	switch {
	case ok && network == "unix" && at != "":
		return "unix:" + at, nil
	case ok && network == "tcp":
		host, _, err := net.SplitHostPort(at)
		if ip := net.ParseIP(host); err == nil && ip.IsLoopback() {
			return "passthrough:///" + at, nil
		}
		return "", fmt.Errorf("%s is no address on this computer, such as tcp:127.0.0.1:4000: settings would go over the network as they are", address)
	}
	return "", fmt.Errorf("%q is no address: write unix:PATH or tcp:127.0.0.1:PORT", address)
}
