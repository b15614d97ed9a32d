package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// libraryCalls are calls of services that a library may serve beside the connector's own. Shutdown is the last: where it is
// not refused, the program ends.
var libraryCalls = []string{
	"/grpc.health.v1.Health/Check",
	"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
	"/plugin.GRPCBroker/StartStream", "/plugin.GRPCStdio/StreamStdio",
	"/plugin.GRPCController/Shutdown",
}

// checkStrangers makes all calls as a neighbour would that has found the socket: without the secret, and with another.
func (s *suite) checkStrangers(ctx context.Context) {
	p := s.launch(ctx, s.command.Dir)
	if p == nil {
		return
	}
	defer p.close()
	s.checkSecretClosed(p)
	served := map[string]bool{} // what has to be refused; the others may as well not be there
	var methods []string
	for _, m := range sourcev1.Source_ServiceDesc.Methods {
		methods = append(methods, m.MethodName)
	}
	for _, name := range append(methods, "Read") {
		served["/"+sourcev1.Source_ServiceDesc.ServiceName+"/"+name] = true
	}
	for _, m := range sourcev1.Source_ServiceDesc.Streams {
		methods = append(methods, m.StreamName)
	}
	calls := make([]string, 0, len(methods)+len(libraryCalls))
	for _, name := range methods {
		calls = append(calls, "/"+sourcev1.Source_ServiceDesc.ServiceName+"/"+name)
	}
	for _, call := range append(calls, libraryCalls...) {
		for _, as := range []struct {
			who    string
			secret proto.Secret
		}{{"without a secret", proto.Secret{}}, {"with another secret", proto.NewSecret()}} {
			err := p.callAsStranger(ctx, call, as.secret)
			if code := status.Code(err); code != codes.Unauthenticated && (served[call] || code != codes.Unimplemented) {
				s.fail("1.7", "%s %s: %s", call, as.who, answerOf(err))
				return
			}
		}
	}
	if _, err := p.describe(ctx, proto.Minor); err != nil {
		s.fail("1.7", "after calls without the secret were refused, one with it is: %s", messageOf(err))
		return
	}
	s.pass("1.7", "")
}

// callAsStranger makes a call with an empty message and returns how it ended; nil if there was an answer.
func (p *peer) callAsStranger(ctx context.Context, call string, secret proto.Secret) error {
	ctx, cancel := context.WithTimeout(proto.AsStranger(ctx, secret), min(endTimeout, p.timeout))
	defer cancel()
	stream, err := p.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, call)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(&emptypb.Empty{}); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	err = stream.RecvMsg(&emptypb.Empty{})
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// checkSecretClosed looks whether the program, which is ready, has let go of the descriptor with its secret.
func (s *suite) checkSecretClosed(p *peer) {
	pipe := p.program.SecretPipe()
	if pipe == "" {
		s.skip("1.8", "this system does not show which files a process has open")
		return
	}
	for fd, target := range openFiles(fmt.Sprintf("/proc/%d", p.program.Pid())) {
		if target == pipe {
			s.fail("1.8", "file descriptor %s is open", fd)
			return
		}
	}
	s.pass("1.8", "")
}
