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

// debugTimeout is the time limit of calls to a program in a debugger: the person there may need hours.
const debugTimeout = 24 * time.Hour

// Attach connects to a connector that is running already, for example in a debugger, and asks for its description. The
// address is unix:PATH, or tcp:HOST:PORT on this computer. Close only disconnects: the connector goes on running. The time
// limit of each call is a day, so that it does not end while a person looks at the debugger.
func Attach(ctx context.Context, address string, opts Options) (*Process, error) {
	target, err := grpcTarget(address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", opts.Label, err)
	}
	p := newConnection(opts, debugTimeout)
	p.conn, err = grpc.NewClient(target, append(dialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		return nil, fmt.Errorf("%s: attach to %s: %w", p.label, address, err)
	}
	p.calls = sourcev1.NewSourceClient(p.conn)
	if err := p.askDescription(ctx, opts.Version); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// grpcTarget turns an address of Attach into the form that gRPC expects.
func grpcTarget(address string) (string, error) {
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
