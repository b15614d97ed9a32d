package host

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// useSecret makes calls carry the secret of the process, and hides it in all that the connector says.
func (p *Process) useSecret(s proto.Secret) {
	p.secret = s
	p.secrets.Add(s.Text())
}

// refusesStrangers makes sure that the connector asks for the secret: it calls Describe as a neighbour could that has found the
// socket, without a secret and with another one. A connector that answers would answer that neighbour, too.
func (p *Process) refusesStrangers(ctx context.Context, request *sourcev1.DescribeRequest) error {
	for _, other := range []proto.Secret{{}, proto.NewSecret()} {
		_, err := p.calls.Describe(proto.AsStranger(ctx, other), request, shortAnswer)
		if status.Code(err) == codes.Unauthenticated {
			continue
		}
		if err != nil && (ctx.Err() != nil || !p.alive()) {
			return p.callError(ctx, "describe itself", err)
		}
		return &Failure{Label: p.label, Action: "start", Fault: Connector, Text: fmt.Sprintf(
			"the connector does not ask for the secret of its process (%s in docs/protocol.md), so that any program of this user could read and configure it; it has to be built with version %s of the SDK, or a later one",
			proto.SecretEnv, proto.SecretSDK)}
	}
	return nil
}
