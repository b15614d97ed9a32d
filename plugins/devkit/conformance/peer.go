package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// startTimeout is how long the suite waits until a program is ready, and endTimeout how long for its end.
const (
	startTimeout = 30 * time.Second
	endTimeout   = 2 * time.Second
)

// window is how many bytes of a stream the connector may send before we receive them. It is the smallest value that gRPC
// allows, so that a connector soon has to wait for a slow reader.
const window = 64 << 10

// peer is a running connector with a client that shows each message.
type peer struct {
	program     *host.Program
	conn        *grpc.ClientConn
	calls       sourcev1.SourceClient
	log         *output // its standard error
	strayOutput *output // what it printed after its first line
	texts       *output // what it told people in problems, facts, warnings and errors
	timeout     time.Duration

	mu   sync.Mutex
	left []string // what was running of its group when it had ended
}

func (p *peer) watch() host.LaunchOptions {
	return host.LaunchOptions{StrayOutput: p.strayOutput, Log: p.log, Ended: func(pid int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.left = groupLeft(pid)
	}}
}

// launch starts the program in a folder and waits until it answers Describe. If that fails, it notes which demand failed and
// returns nil. The caller closes the peer.
func (s *suite) launch(ctx context.Context, dir string) *peer {
	command := s.command
	command.Dir = dir
	p := &peer{log: &output{}, strayOutput: &output{}, texts: &output{}, timeout: s.timeout}
	program, err := host.Launch(command, p.watch())
	if err != nil {
		s.fail("1.1", "it cannot be started: %v", err)
		return nil
	}
	p.program = program
	s.peers = append(s.peers, p)
	ctx, cancel := context.WithTimeout(ctx, min(startTimeout, s.timeout))
	defer cancel()
	if number, text := p.connect(ctx); number != "" {
		s.fail(number, "%s%s", text, p.lastWords())
		p.close()
		return nil
	}
	return p
}

// connect waits for the program's greeting and calls Describe. If that fails, it returns the number of the demand and what
// happened.
func (p *peer) connect(ctx context.Context) (number, text string) {
	greeting, err := p.program.Greeting(ctx)
	var fault *host.GreetingError
	switch {
	case errors.As(err, &fault):
		return p.greetedWrongly(fault)
	case err != nil:
		return "1.1", fmt.Sprintf("no line within %s", min(startTimeout, p.timeout))
	}
	if text := badAddress(greeting, p.program.SocketDir()); text != "" {
		return "1.4", text
	}
	if err := p.dial(greeting); err != nil {
		return "1.4", fmt.Sprintf("%s: %v", greeting.Address, err)
	}
	_, err = p.calls.Describe(ctx, &sourcev1.DescribeRequest{ProtocolMinor: proto.Minor, HostVersion: "conformance"}, grpc.WaitForReady(true))
	switch code := status.Code(err); {
	case err == nil:
		return "", ""
	case p.ended(time.Second) != "":
		return "2.1", fmt.Sprintf("it ended (%s) when Describe was called", p.ended(0))
	case code == codes.Unimplemented:
		return "1.3", "it does not serve the gRPC service reconcile.source.v1.Source"
	case code == codes.Unavailable || code == codes.DeadlineExceeded && p.silent():
		return "1.4", fmt.Sprintf("nothing answers at %s: %s", greeting.Address, messageOf(err))
	}
	return "2.1", fmt.Sprintf("Describe answers with an error: %s", messageOf(err))
}

func (p *peer) greetedWrongly(fault *host.GreetingError) (number, text string) {
	switch fault.Kind {
	case host.NoGreeting:
		if how := p.ended(time.Second); how != "" {
			return "1.1", fmt.Sprintf("it ended before it was ready (%s)", how)
		}
		return "1.2", "it closed its standard output without a line"
	case host.Junk:
		return "1.2", fmt.Sprintf("its first line is %q", fault.Line)
	}
	return "1.3", fmt.Sprintf("its first line is %q: %v", fault.Line, fault)
}

func (p *peer) dial(g host.Greeting) error {
	address := "passthrough:" + g.Address
	if g.Network == "unix" {
		address = "unix:" + g.Address
	}
	conn, err := grpc.NewClient(address, p.program.Secret().Carry(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy(),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(proto.Codec()), grpc.MaxCallRecvMsgSize(proto.MaxMessage)), // as the host does
		grpc.WithInitialWindowSize(window), grpc.WithInitialConnWindowSize(window))
	if err != nil {
		return err
	}
	p.conn, p.calls = conn, sourcev1.NewSourceClient(conn)
	fault.Go(p.listen)
	return nil
}

// silent reports whether there is no connection because nobody answers.
func (p *peer) silent() bool { return p.conn.GetState().String() != "READY" }

// listen receives what a connector prints, if it is made with go-plugin: that library sends it to the host over gRPC.
func (p *peer) listen() {
	const stdout, stderr = 1, 2
	desc := &grpc.StreamDesc{ServerStreams: true}
	stream, err := p.conn.NewStream(context.Background(), desc, "/plugin.GRPCStdio/StreamStdio", grpc.WaitForReady(true))
	if err != nil || stream.SendMsg(&emptypb.Empty{}) != nil || stream.CloseSend() != nil {
		return // it has no such service
	}
	for {
		var m emptypb.Empty // its fields are unknown to it, and kept
		if stream.RecvMsg(&m) != nil {
			return
		}
		var channel uint64
		var data []byte
		for raw := m.ProtoReflect().GetUnknown(); len(raw) > 0; {
			field, kind, n := protowire.ConsumeTag(raw)
			raw = raw[max(n, 0):]
			switch {
			case n < 0:
				return
			case field == 1 && kind == protowire.VarintType:
				channel, n = protowire.ConsumeVarint(raw)
			case field == 2 && kind == protowire.BytesType:
				data, n = protowire.ConsumeBytes(raw)
			default:
				n = protowire.ConsumeFieldValue(field, kind, raw)
			}
			if n < 0 {
				return
			}
			raw = raw[n:]
		}
		switch channel {
		case stdout:
			_, _ = p.strayOutput.Write(data)
		case stderr:
			_, _ = p.log.Write(data)
		}
	}
}

// shutDown asks the program to end, as go-plugin does. It reports whether the program knows that call.
func (p *peer) shutDown(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, endTimeout)
	defer cancel()
	err := p.conn.Invoke(ctx, "/plugin.GRPCController/Shutdown", &emptypb.Empty{}, &emptypb.Empty{})
	return status.Code(err) != codes.Unimplemented
}

// ended waits up to that long for the program's end, and returns how it ended; "" if it still runs.
func (p *peer) ended(wait time.Duration) string {
	select {
	case <-p.program.Done():
		return p.program.Ended()
	default:
	}
	select {
	case <-p.program.Done():
		return p.program.Ended()
	case <-time.After(wait):
		return ""
	}
}

// lastWords returns the last lines of the program's log, to add to a message.
func (p *peer) lastWords() string {
	if tail := p.log.tail(4); tail != "" {
		return "; its last words: " + tail
	}
	return ""
}

func (p *peer) close() {
	if p.conn != nil {
		_ = p.conn.Close()
	}
	p.program.Close()
}

// call returns a context with the time limit of a call.
func (p *peer) call(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, p.timeout)
}

// messageOf describes a gRPC error in one line.
func messageOf(err error) string {
	st, _ := status.FromError(err)
	if st.Code() == codes.Unknown || st.Code() == codes.OK {
		return st.Message()
	}
	return fmt.Sprintf("%s (%s)", st.Message(), codeName(st.Code()))
}

// codeName writes a gRPC status as its documents do.
func codeName(c codes.Code) string {
	var name strings.Builder
	for i, r := range c.String() {
		if i > 0 && 'A' <= r && r <= 'Z' && c != codes.OK {
			name.WriteByte('_')
		}
		name.WriteRune(r)
	}
	return strings.ToUpper(name.String())
}
